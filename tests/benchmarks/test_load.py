import contextlib
import sqlite3
from collections.abc import Iterator

import pytest

from benchmarks import bodies, load, servers


@pytest.fixture(scope="module")
def floor() -> Iterator[servers.Server]:
    with servers.floor() as floor:
        yield floor


def kept(floor: servers.Server, task: str) -> int:
    with contextlib.closing(sqlite3.connect(floor.folder / "floor.db")) as database:
        query = "SELECT count(*) FROM points WHERE task LIKE ?"
        return int(database.execute(query, (f"{task}%",)).fetchone()[0])


def test_every_answer_to_a_single_report_means_three_rows_on_the_floors_disk(floor: servers.Server) -> None:
    for seconds in (0.2, 2.0, 20.0):  # until the clients have sent more than their first reports
        name = f"single for {seconds}"
        wanted = load.Load(port=floor.port, tasks=3, prefix=name, seconds=seconds)
        outcome = load.run(wanted)
        if outcome.answers > wanted.clients:
            break

    assert outcome.answers > wanted.clients
    assert (outcome.refused, outcome.lost) == (0, 0)
    assert kept(floor, name) == 3 * outcome.answers


@pytest.mark.parametrize(("kind", "rows"), [("columnar", 50_000), ("reports", 150_000)])
def test_a_batch_is_sent_whole(floor: servers.Server, kind: str, rows: int) -> None:
    outcome = load.run(load.Load(port=floor.port, kind=kind, clients=2, prefix=kind, amount=50_000))

    assert (outcome.refused, outcome.lost) == (0, 0)
    assert kept(floor, kind) == rows


def test_no_body_is_longer_than_the_hook_takes() -> None:
    longest = max(
        len(body)
        for made in (
            bodies.columnar("a task with a name", 90_000, start=910_000),
            bodies.report_lists("a task with a name", 50_000),
        )
        for body in made
    )

    assert longest <= bodies.BODY_LIMIT
