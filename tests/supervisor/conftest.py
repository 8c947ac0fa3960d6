from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.supervisor.attempts import Attempts


@pytest.fixture
def attempts(tmp_path: Path) -> Iterator[Attempts]:
    """Starts attempts, and ends whatever is left of them after the test."""
    attempts = Attempts(tmp_path)
    yield attempts
    attempts.clean_up()
