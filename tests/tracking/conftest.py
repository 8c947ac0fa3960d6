"""A tracker on an empty folder of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from trainwatch.tracking import ProgressTracker


@pytest.fixture
def tracker(tmp_path: Path) -> Iterator[ProgressTracker]:
    """A tracker that keeps its tasks in `tmp_path`."""
    with ProgressTracker(tmp_path) as tracker:
        yield tracker
