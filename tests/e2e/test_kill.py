"""An answer 2xx is a promise: what was answered survives kill -9."""

import contextlib
import http.client
import json
import shutil
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import pytest

from tests.plugins.server import Server, serving
from tests.plugins.wire import address_of

KILLS = 20
CLIENTS = 8
Key = tuple[str, int]


@dataclass(slots=True)
class Clients:
    """Post as fast as they are answered until the server is gone; remember what was answered with 200."""

    server: Server
    round: int
    enough: int
    acknowledged: list[Key] = field(default_factory=list[Key])
    reached: threading.Event = field(default_factory=threading.Event)

    def run(self, client: int) -> None:
        """Post with one client: single reports with even numbers, lists of them with odd ones."""
        task = f"round {self.round} client {client}"
        connection = http.client.HTTPConnection(*address_of(self.server.url), timeout=10)
        size = 1 + client % 2 * 40
        first = 0
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            while True:
                steps = range(first, first + size)
                reports = [{"taskName": task, "step": step, "loss": 1 / (step + 1)} for step in steps]
                connection.request("POST", "/hook", json.dumps(reports if size > 1 else reports[0]))
                answer = connection.getresponse()
                answer.read()
                assert answer.status == 200
                self._note((task, step) for step in steps)
                first += size

    def _note(self, keys: Iterable[Key]) -> None:
        self.acknowledged.extend(keys)
        if len(self.acknowledged) >= self.enough:
            self.reached.set()


def killed_under_load(server: Server, number: int) -> list[Key]:
    """Kill the server in the middle of many posts; return what it had acknowledged."""
    clients = Clients(server, number, enough=200 + 371 * number % 2000)
    threads = [threading.Thread(target=clients.run, args=(client,)) for client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    assert clients.reached.wait(30)
    server.process.kill()
    for thread in threads:
        thread.join()
    return clients.acknowledged


def is_sound(data_dir: Path, copy: Path) -> bool:
    """Check a copy, so that it is the server that has to recover the original."""
    shutil.copytree(data_dir, copy, ignore=shutil.ignore_patterns("*.sock"))
    with contextlib.closing(sqlite3.connect(copy / "trainwatch.db")) as database:
        return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def stored(data_dir: Path) -> set[Key]:
    """Return the points in the database."""
    query = "SELECT t.reported_name, p.step FROM metric_points p JOIN tasks t ON t.id = p.task_id"
    with contextlib.closing(
        sqlite3.connect(f"file:{data_dir / 'trainwatch.db'}?mode=ro", uri=True)
    ) as database:
        return set(database.execute(query))


@pytest.mark.slow
def test_no_acknowledged_report_is_lost_by_twenty_kills_and_the_next_starts_are_at_once(
    built_page: Path, tmp_path: Path
) -> None:
    data_dir = tmp_path / "data"
    acknowledged: set[Key] = set()
    after_kills: list[float] = []
    with serving(data_dir) as server:
        clean = server.ready_after_s
    for number in range(KILLS):
        with serving(data_dir) as server:
            after_kills.append(server.ready_after_s)
            acknowledged.update(killed_under_load(server, number))
        assert is_sound(data_dir, tmp_path / f"copy {number}")
    with serving(data_dir) as server:
        missing = acknowledged - stored(data_dir)

    assert missing == set()
    assert median(after_kills) < 3 * clean  # nothing that was left behind is waited for
