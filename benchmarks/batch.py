"""Many points a request, in the columnar form and as lists of reports; bodies of at most 1 MiB."""

from collections.abc import Iterator

from benchmarks import load, servers
from benchmarks.figures import Figure, median


def measure(*, quick: bool) -> Iterator[Figure]:
    """Yield durable points a second for both forms, beside the floor's."""
    with servers.trainwatch() as ours, servers.floor() as bare:
        yield _compare(
            ours.port, bare.port, kind="columnar", points=90_000 if quick else 450_000, quick=quick
        )
        yield _compare(ours.port, bare.port, kind="reports", points=36_000 if quick else 180_000, quick=quick)


def _compare(ours: int, bare: int, *, kind: str, points: int, quick: bool) -> Figure:
    theirs: list[float] = []
    mine: list[float] = []
    amount, least = (points, 100_000) if kind == "columnar" else (points // 3, 50_000)
    for turn in range(2 if quick else 5):
        for port, rates in ((bare, theirs), (ours, mine)):
            wanted = load.Load(port=port, kind=kind, clients=2, prefix=f"{kind} {turn}", amount=amount)
            outcome = load.run(wanted)
            if outcome.refused or outcome.lost:
                raise RuntimeError(outcome.first_refusal or "connection lost")
            rates.append(points / outcome.seconds)
    form = "columnar" if kind == "columnar" else "lists of reports of 3 metrics"
    return Figure(
        name=f"points a second, {form}", value=median(mine), unit="/s", floor=median(theirs), at_least=least
    )
