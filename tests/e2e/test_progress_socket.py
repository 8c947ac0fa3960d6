"""Programs report progress over HTTP, others listen: on the whole server, through its death, and in a crowd."""

import threading
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.listener import Heard, listening
from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import get, post


def tell(server: Server, task: str, kind: str, **payload: Any) -> None:
    """Let something happen to a tracked task."""
    assert post(server.url, payload, f"/api/progress/{task}/{kind}").status == 200


@pytest.fixture(autouse=True)
def _agent(server: Server) -> None:
    tell(server, "fix/login", "start", agentId="agent-7", criteriaTotal=4)


def test_what_one_program_posts_another_hears(server: Server):
    with listening(server.url, task="fix/login") as listener:
        assert [task["agentId"] for task in listener.until_ready()] == ["agent-7"]
        tell(server, "fix/login", "criterion", index=0)
        tell(server, "fix/login", "action", action="edit", target="login.py", success=True)
        tell(server, "fix/login", "complete", success=True)
        verified, edited, ended = (said["data"] for said in listener.changes(3))
    assert (verified["criteriaVerified"], verified["progress"]) == (1, 25)
    assert edited["filesModified"] == ["login.py"]
    assert (ended["status"], ended["progress"]) == ("complete", 100)
    assert ended == {key: value for key, value in shown(server, "fix/login").items() if key in ended}


def shown(server: Server, task: str) -> dict[str, Any]:
    return get(server.url, f"/api/progress/{task}").json()


@pytest.mark.parametrize("query", ["", "?task=a", "?stream=s&after=1"])
def test_without_a_handshake_it_says_that_it_is_a_websocket(server: Server, query: str):
    answer = get(server.url, f"/ws/progress{query}", accept="text/html")
    assert answer.status == 400
    assert answer.json()["error"]["code"] == "bad_request"


def test_everybody_hears_everything_in_one_order_while_many_report_and_listeners_come_and_go(server: Server):
    tasks, each = [f"crowd/{number}" for number in range(4)], 60
    for task in tasks:
        tell(server, task, "start", agentId="agent-7")
    reporters = [
        threading.Thread(
            target=lambda task=task: [
                tell(server, task, "iteration", iteration=number) for number in range(1, each + 1)
            ]
        )
        for task in tasks
    ]
    with listening(server.url) as steady:
        steady.until_ready()
        place = {"stream": steady.heard[0]["stream"], "after": steady.heard[-1]["seq"]}
        for reporter in reporters:
            reporter.start()
        restless: list[Heard] = []
        while len(restless) < each * len(tasks):
            with listening(server.url, **place) as listener:
                assert listener.until_ready() == []
                restless += listener.changes(min(17, each * len(tasks) - len(restless)))
                place["after"] = restless[-1]["seq"]
        heard = steady.changes(each * len(tasks))
        for reporter in reporters:
            reporter.join()
    assert restless == heard
    assert [said["seq"] for said in heard] == list(range(heard[0]["seq"], heard[0]["seq"] + len(heard)))
    for task in tasks:
        told = [said["data"]["iteration"] for said in heard if said["data"]["taskId"] == task]
        assert told == list(range(1, each + 1))


@pytest.fixture
def short_lived(built_page: Path, tmp_path: Path) -> tuple[Path, int]:
    """Where a server that dies keeps its data, and its port."""
    return tmp_path / "data", free_port()


def test_after_the_death_of_a_server_whoever_comes_back_is_told_how_everything_stands(
    short_lived: tuple[Path, int],
):
    data_dir, port = short_lived
    with serving(data_dir, port=port) as first:
        tell(first, "long", "start", agentId="agent-7")
        tell(first, "long", "iteration", iteration=7)
        with listening(first.url) as listener:
            listener.until_ready()
            tell(first, "long", "iteration", iteration=8)
            (last,) = listener.changes(1)
            before = listener.heard[0]["stream"]
            first.process.kill()
            first.process.wait()
    with (
        serving(data_dir, port=port) as second,
        listening(second.url, stream=before, after=last["seq"]) as listener,
    ):
        (task,) = listener.until_ready()
        assert listener.heard[0]["resumed"] is False
        assert listener.heard[0]["stream"] != before
        assert task["iteration"] == 8
        tell(second, "long", "iteration", iteration=9)
        assert listener.changes(1)[0]["data"]["iteration"] == 9
