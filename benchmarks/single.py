"""Single reports of 3 metrics from 16 clients, each durable before it is answered."""

from collections.abc import Iterator

from benchmarks import load, servers
from benchmarks.figures import Figure, median


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield the rate and the latency, to one task and to 16, beside the floor's."""
    with servers.trainwatch() as ours, servers.floor() as bare:
        for tasks in (1, 16):
            yield from _compare(ours.port, bare.port, tasks=tasks, quick=quick)


def _compare(ours: int, bare: int, *, tasks: int, quick: bool) -> Iterator[Figure]:
    seconds, rounds = (1.0, 2) if quick else (4.0, 5)
    theirs: list[load.Outcome] = []
    mine: list[load.Outcome] = []
    for turn in range(rounds):
        for port, outcomes in ((bare, theirs), (ours, mine)):
            wanted = load.Load(port=port, tasks=tasks, prefix=f"single {tasks} {turn}", seconds=seconds)
            outcomes.append(load.run(wanted))
    rate, floor = median([o.rate for o in mine]), median([o.rate for o in theirs])
    where = "one task" if tasks == 1 else f"{tasks} tasks"
    refused = sum(outcome.refused + outcome.lost for outcome in mine)
    yield Figure(name=f"reports a second, {where}", value=rate, unit="/s", floor=floor)
    yield Figure(name=f"share of the floor, {where}", value=rate / floor, unit="x", at_least=0.5)
    yield Figure(
        name=f"answer, median, {where}",
        value=median([o.p50_ms for o in mine]),
        unit="ms",
        floor=median([o.p50_ms for o in theirs]),
    )
    yield Figure(
        name=f"answer, 99th percentile, {where}",
        value=median([o.p99_ms for o in mine]),
        unit="ms",
        floor=median([o.p99_ms for o in theirs]),
        at_most=15,
    )
    yield Figure(name=f"not answered with 200, {where}", value=refused, unit="", at_most=0)
