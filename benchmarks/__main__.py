"""Run the benchmarks that are named, or all, and print their figures."""

import argparse
import sys
import traceback
from collections.abc import Callable, Iterator

from benchmarks import batch, curve, dashboard, door, jobs, pixel, progress, restart, run, single, start, stop
from benchmarks.figures import HEADING, Figure, line, summary

BENCHMARKS: dict[str, Callable[..., Iterator[Figure]]] = {
    "start": start.measure,
    "single": single.measure,
    "door": door.measure,
    "batch": batch.measure,
    "curve": curve.measure,
    "dashboard": dashboard.measure,
    "pixel": pixel.measure,
    "restart": restart.measure,
    "jobs": jobs.measure,
    "stop": stop.measure,
    "progress": progress.measure,
    "run": run.measure,
}


def main() -> None:
    """Measure, print a line a figure, and then the promises."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(BENCHMARKS))
    parser.add_argument("--quick", action="store_true", help="smaller and shorter; for a first look only")
    wanted = parser.parse_args()
    unknown = [name for name in wanted.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no benchmark is called {unknown[0]}; there are {', '.join(BENCHMARKS)}")
    _say(HEADING)
    figures = [pair for name in wanted.names or BENCHMARKS for pair in _measure(name, quick=wanted.quick)]
    _say(f"\n{summary(figures)}")


def _measure(name: str, *, quick: bool) -> list[tuple[str, Figure]]:
    figures: list[tuple[str, Figure]] = []
    try:
        for figure in BENCHMARKS[name](quick=quick):
            _say(line(name, figure))
            figures.append((name, figure))
    except Exception:  # noqa: BLE001 - one that cannot be measured must not hide the others
        _say(f"{name:<10} could not be measured:\n{traceback.format_exc()}")
    return figures


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
