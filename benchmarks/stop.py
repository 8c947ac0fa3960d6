"""Stop, for jobs of every shape: how soon the last of their processes is gone."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.figures import Figure
from tests.supervisor.attempts import Attempts
from tests.supervisor.shapes import DEAF, POLITE

GRACE_S = 0.3


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the worst wait after SIGINT of jobs that heed it, and after both graces of those that heed nothing."""
    rounds = 1 if quick else 5
    polite = _waits(POLITE, rounds, grace_s=10)
    deaf = [waited - 2 * GRACE_S for waited in _waits(DEAF, rounds, grace_s=GRACE_S)]
    yield Figure(
        name=f"polite jobs ({len(POLITE)} shapes) are gone: worst", value=max(polite), unit="s", at_most=1
    )
    yield Figure(
        name=f"deaf ones ({len(DEAF)}), after their graces: worst", value=max(deaf), unit="s", at_most=1
    )


def _waits(shapes: Mapping[str, tuple[tuple[str, ...], int]], rounds: int, *, grace_s: float) -> list[float]:
    """Return the seconds from the wish to the end, for each shape as often as there are rounds."""
    return [_wait(*shape, grace_s=grace_s) for _ in range(rounds) for shape in shapes.values()]


def _wait(argv: tuple[str, ...], processes: int, *, grace_s: float) -> float:
    with TemporaryDirectory(prefix="trainwatch-bench-", ignore_cleanup_errors=True) as folder:
        attempts = Attempts(Path(folder))
        try:
            graces = {"grace_interrupt_s": grace_s, "grace_terminate_s": grace_s}
            handle = attempts.start(*argv, processes=processes, **graces)
            asked_at = time.perf_counter()
            attempts.stop(handle)
            return time.perf_counter() - asked_at
        finally:
            attempts.clean_up()
