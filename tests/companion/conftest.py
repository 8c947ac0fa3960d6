"""A server, and `trainwatch run` as it is typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.companion.runs import Runs
from tests.plugins.server import Server, serving
from trainwatch.ui.site_build import build_if_stale

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    build_if_stale(ROOT)
    with serving(tmp_path_factory.mktemp("companion") / "data") as server:
        yield server


@pytest.fixture
def runs(server: Server, tmp_path: Path) -> Iterator[Runs]:
    """Commands under names of their own, reported to `server`; what is left of them at the end is killed."""
    with Runs(server.url, tmp_path / "state") as runs:
        yield runs
