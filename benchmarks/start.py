"""From the start of the process to the first answer, memory when idle, and the end on SIGTERM."""

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks import servers
from benchmarks.figures import Figure, median

MEGABYTE = 1_000_000


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield start, memory and stop, beside those of the floor."""
    first: list[float] = []
    again: list[float] = []
    resident: list[float] = []
    stops: list[float] = []
    bare_starts: list[float] = []
    bare_resident: list[float] = []
    for _ in range(2 if quick else 7):
        with servers.floor() as bare:
            bare_starts.append(bare.start_s)
            bare_resident.append(bare.resident_bytes() / MEGABYTE)
        with tempfile.TemporaryDirectory(prefix="trainwatch-bench-", ignore_cleanup_errors=True) as folder:
            server = _start(folder)
            first.append(server.start_s)
            stops.append(server.stop())
            server = _start(folder)
            again.append(server.start_s)
            time.sleep(1 if quick else 3)
            resident.append(server.resident_bytes() / MEGABYTE)
            stops.append(server.stop())
    base = median(bare_starts)
    yield Figure(name="first answer, new data folder", value=median(first), unit="s", floor=base, at_most=1.5)
    yield Figure(
        name="first answer, existing data folder", value=median(again), unit="s", floor=base, at_most=1.5
    )
    yield Figure(
        name="resident when idle", value=median(resident), unit="MB", floor=median(bare_resident), at_most=150
    )
    yield Figure(name="end on SIGTERM, worst", value=max(stops), unit="s", at_most=3)


def _start(folder: str) -> servers.Server:
    """Start with nothing on PATH, so that nothing but Python can be needed."""
    return servers.start_trainwatch(Path(folder), env={**os.environ, "PATH": folder})
