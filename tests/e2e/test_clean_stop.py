"""After a clean stop the database is one file: a plain copy of it has all that was acknowledged."""

import contextlib
import http.client
import json
import shutil
import signal
import sqlite3
import threading
from pathlib import Path

import pytest

from tests.plugins.page_socket import page_socket
from tests.plugins.server import Server, serving
from tests.plugins.wire import address_of, post

CLIENTS = 4
ENOUGH = 200
PATIENCE_S = 15


def files_of(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir() if each.name.startswith("trainwatch.db")}


def steps_in_a_copy(folder: Path) -> set[tuple[str, int]]:
    copy = shutil.copy(folder / "trainwatch.db", folder.with_name("copy.db"))
    with contextlib.closing(sqlite3.connect(copy)) as database:
        rows = database.execute(
            "SELECT reported_name, step FROM metric_points JOIN tasks ON tasks.id = task_id"
        ).fetchall()
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return set(rows)


def post_until_it_ends(
    server: Server, name: str, acknowledged: list[tuple[str, int]], enough: threading.Event
) -> None:
    connection = http.client.HTTPConnection(*address_of(server.url), timeout=PATIENCE_S)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        for step in range(100_000):
            connection.request("POST", "/hook", json.dumps({"taskName": name, "step": step, "loss": 1.0}))
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                return
            acknowledged.append((name, step))
            if len(acknowledged) >= ENOUGH:
                enough.set()


@pytest.mark.parametrize("ask", [signal.SIGTERM, signal.SIGINT])
def test_a_copy_after_a_quiet_stop_has_every_report(built_page: Path, tmp_path: Path, ask: signal.Signals):
    folder = tmp_path / "data"
    with serving(folder) as server:
        with page_socket(server.url) as page:  # reads, so that a reading connection may be the last one
            page.open_page("/")
            for step in range(20):
                post(server.url, {"taskName": "a", "step": step, "loss": 1.0})
        server.process.send_signal(ask)
        assert server.process.wait(PATIENCE_S) == 0
    assert files_of(folder) == {"trainwatch.db"}
    assert steps_in_a_copy(folder) == {("a", step) for step in range(20)}


def test_a_copy_after_a_stop_under_load_has_every_acknowledged_report(built_page: Path, tmp_path: Path):
    folder = tmp_path / "data"
    acknowledged: list[tuple[str, int]] = []
    enough = threading.Event()
    with serving(folder) as server:
        clients = [
            threading.Thread(
                target=post_until_it_ends, args=(server, f"client {number}", acknowledged, enough)
            )
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        assert enough.wait(PATIENCE_S)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_S) == 0
        for client in clients:
            client.join(PATIENCE_S)
    assert files_of(folder) == {"trainwatch.db"}
    assert set(acknowledged) <= steps_in_a_copy(folder)
