"""Archiving and deleting on a whole server: who may, what programs are answered, what open pages hear."""

import json
import subprocess
import sys

import pytest

from tests.plugins.page_socket import LIVE, TASK_PAGE, PageSocket, page_socket
from tests.plugins.server import Server
from tests.plugins.wire import Answer, get, post, request, say


@pytest.fixture(scope="module")
def key(server: Server) -> str:
    """A key that may operate."""
    command = [sys.executable, "-m", "trainwatch", "key", "create", "--scope", "operate", "--label", "test"]
    done = subprocess.run(
        [*command, "--data-dir", str(server.data_dir)], capture_output=True, text=True, timeout=30, check=True
    )
    return done.stdout.split()[-1]


def ask(server: Server, key: str, method: str, path: str, body: object = None) -> Answer:
    """Ask the API with that key."""
    raw = b"" if body is None else json.dumps(body).encode()
    return say(server.url, request(method, path, raw, authorization=f"Bearer {key}"))


def report(server: Server, name: str) -> int:
    """Report a task and return its id."""
    return int(post(server.url, {"taskName": name, "progress": 0.1, "loss": 1.0}).json()["taskId"])


def until_frame(socket: PageSocket, var: str, key: str, value: object) -> None:
    """Wait for a frame of `Live` in which `key` is `value`."""
    while socket.until(LIVE, var).get(key) != value:
        pass


def test_a_key_that_may_operate_archives_and_deletes(server: Server, key: str):
    task = report(server, "by key")
    away = ask(server, key, "POST", f"/api/tasks/{task}/archive")
    assert (away.status, away.json()) == (200, {"ok": True, "taskId": task, "archived": True})
    assert get(server.url, "/api/tasks?q=by+key").json()["tasks"] == []
    assert [row["id"] for row in get(server.url, "/api/tasks?archived=true").json()["tasks"]] == [task]
    gone = ask(server, key, "DELETE", f"/api/tasks/{task}")
    assert (gone.status, gone.json()) == (200, {"ok": True, "taskId": task})
    assert get(server.url, f"/api/tasks/{task}").status == 404
    assert report(server, "by key") != task


def test_the_page_of_a_deleted_task_and_the_dashboard_are_told_at_once(server: Server, key: str):
    task = report(server, "watched")
    with page_socket(server.url) as on_task, page_socket(server.url) as on_dashboard:
        on_task.open_page(f"/tasks/{task}", task_id=str(task))
        on_dashboard.open_page("/")
        assert ask(server, key, "DELETE", f"/api/tasks/{task}").status == 200
        until_frame(on_task, "task", "removed", True)
        until_frame(on_dashboard, "overview", "removed", [task])


@pytest.mark.parametrize(("handler", "more"), [("archive", {"archived": True}), ("delete", {})])
def test_a_page_on_this_machine_that_nobody_signed_in_on_can_do_neither(
    server: Server, handler: str, more: dict[str, object]
):
    task = report(server, f"not by socket {handler}")
    before = get(server.url, f"/api/tasks/{task}").body
    with page_socket(server.url) as socket:
        socket.open_page(f"/tasks/{task}", task_id=str(task))
        socket.cause(f"{TASK_PAGE}.{handler}", {"task_id": task, **more})
        socket.settle()
    assert get(server.url, f"/api/tasks/{task}").body == before
