"""What the guard costs: reports with a key, and without one, beside the same server without its guard."""

import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import load, servers
from benchmarks.figures import Figure, median

MANY = {"TRAINWATCH_KEY_REQUESTS_PER_MINUTE": "100000000"}


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the rate of single reports with a key, and from this machine without one."""
    with (
        tempfile.TemporaryDirectory(prefix="trainwatch-open-", ignore_cleanup_errors=True) as folder,
        servers.trainwatch(env=MANY) as ours,
        servers.running(servers.start_unguarded(Path(folder))) as bare,
    ):
        key = _make_key(ours.folder)
        yield from _compare(ours.port, bare.port, key, quick=quick)


def _compare(ours: int, bare: int, key: str, *, quick: bool) -> Iterator[Figure]:
    seconds, rounds = (1.0, 3) if quick else (4.0, 7)
    ways = {"none": (bare, ""), "key": (ours, key), "local": (ours, "")}
    outcomes: dict[str, list[load.Outcome]] = {way: [] for way in ways}
    for turn in range(rounds):
        for way, (port, shown) in ways.items():
            wanted = load.Load(port=port, key=shown, prefix=f"door {turn}", seconds=seconds)
            outcomes[way].append(load.run(wanted))
    floor = median([outcome.rate for outcome in outcomes["none"]])
    for way, words in (("key", "with a key"), ("local", "without a key")):
        rate = median([outcome.rate for outcome in outcomes[way]])
        yield Figure(name=f"reports a second, {words}", value=rate, unit="/s", floor=floor)
        yield Figure(name=f"share of the unguarded, {words}", value=rate / floor, unit="x", at_least=0.9)
    refused = sum(outcome.refused + outcome.lost for way in ways for outcome in outcomes[way])
    yield Figure(name="not answered with 200", value=refused, unit="", at_most=0)


def _make_key(folder: Path) -> str:
    command = [
        *servers.TRAINWATCH,
        "key",
        "create",
        "--scope",
        "ingest",
        "--label",
        "bench",
        "--data-dir",
        folder,
    ]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
