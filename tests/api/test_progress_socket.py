"""Who listens to tracked tasks hears each change once and in order, or is hung up on; nobody waits for anybody."""

import asyncio
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from tests.plugins.listener import Heard, listening
from trainwatch.api.progress_reading import reading
from trainwatch.api.progress_socket import NOT_UNDERSTOOD, TRY_AGAIN, ProgressSocket, tell_progress
from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.events import Event
from trainwatch.domain.tracked.change import change_of
from trainwatch.door.socket_connection import SocketConnection
from trainwatch.live.stream import Stream
from trainwatch.services.edit import delete_task
from trainwatch.services.tracking import track
from trainwatch.store.engine import Database
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

MOST_KEPT = 3_000


@dataclass
class House:
    """A server that has nothing but this socket, on a real store."""

    url: str
    stream: Stream
    writer: Writer
    loop: asyncio.AbstractEventLoop

    def change(self, kind: str, task: str, **payload: Any) -> None:
        """Let something happen to a task, and wait until it is durable."""
        self.changes([(kind, task, payload)])

    def changes(self, changes: list[tuple[str, str, dict[str, Any]]]) -> None:
        """Let things happen one after another, each a command of its own."""
        parsed = [change_of(kind, task, payload) for kind, task, payload in changes]

        async def submit() -> None:
            await asyncio.gather(
                *(self.writer.submit(lambda work, each=each: track(work, each)) for each in parsed)
            )

        asyncio.run_coroutine_threadsafe(submit(), self.loop).result(30)

    def delete(self, task: str) -> None:
        """Take a task away, and wait until it is gone."""

        def command(work: Work) -> None:
            found = work.task_of_run(task)
            assert found is not None
            delete_task(work, CONSOLE, found.id)

        async def submit() -> None:
            await self.writer.submit(command)

        asyncio.run_coroutine_threadsafe(submit(), self.loop).result(30)

    def start(self, *tasks: str, criteria: int = 4) -> None:
        """Start tracked tasks."""
        for task in tasks:
            self.change("start", task, agentId="agent-7", criteriaTotal=criteria)

    @property
    def followers(self) -> int:
        """How many listen."""
        return len(vars(self.stream)["_followers"])


@pytest.fixture
def house(sqlite_database: Database) -> Iterator[House]:
    stream = Stream(most_kept=MOST_KEPT)

    def publish(events: list[Event]) -> None:
        tell_progress(stream, events)

    writer = Writer(sqlite_database, clock=lambda: datetime.now(UTC), publish=publish)  # type: ignore[arg-type]
    application = ProgressSocket(stream, reading(sqlite_database, writer))
    loops: list[asyncio.AbstractEventLoop] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await application(scope, receive, send)
            return
        await receive()
        writer.start()
        loops.append(asyncio.get_running_loop())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await writer.close()
        await send({"type": "lifespan.shutdown.complete"})

    with served(app) as url:
        yield House(url, stream, writer, loops[0])


@contextmanager
def served(app: Any) -> Iterator[str]:
    """Serve `app` in a thread and give its address."""
    config = uvicorn.Config(app, ws=SocketConnection, ws_per_message_deflate=False, log_level="error")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = server.force_exit = True
        thread.join()


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < deadline, "it never was so"
        time.sleep(0.005)


def numbers(changes: list[Heard]) -> list[int]:
    return [said["seq"] for said in changes]


def iterations(changes: list[Heard]) -> list[int]:
    return [said["data"]["iteration"] for said in changes]


def test_a_listener_is_told_how_tasks_stand_and_then_each_change(house: House):
    house.start("a", "b")
    house.change("complete", "b", success=True)
    with listening(house.url) as listener:
        shown = listener.until_ready()
        hello, ready = listener.heard[0], listener.heard[-1]
        house.change("criterion", "a", index=2)
        house.change("action", "a", action="write", target="x.py", success=True)
        verified, acted = listener.changes(2)
    assert hello == {"type": "hello", "stream": house.stream.id, "seq": 3, "resumed": False}
    assert ready == {"type": "ready", "seq": 3}
    assert [(task["taskId"], task["status"], task["criteriaTotal"]) for task in shown] == [
        ("a", "in_progress", 4)
    ]
    assert (verified["seq"], verified["data"]["criteriaVerified"], verified["data"]["progress"]) == (4, 1, 25)
    assert (acted["seq"], acted["data"]["filesCreated"]) == (5, ["x.py"])
    assert acted["data"]["logs"][-1]["message"] == "✓ write: x.py"


def test_who_names_tasks_hears_of_these_alone_though_they_have_ended_or_are_not_there_yet(house: House):
    house.start("running", "ended", "other")
    house.change("complete", "ended", success=False)
    with listening(house.url, task=["ended", "running", "later"]) as listener:
        assert [task["taskId"] for task in listener.until_ready()] == ["ended", "running"]
        house.change("iteration", "other", iteration=1)
        house.start("later")
        house.change("iteration", "running", iteration=2)
        changes = listener.changes(2)
    assert [said["data"]["taskId"] for said in changes] == ["later", "running"]
    assert numbers(changes) == [6, 7]


def test_a_task_that_is_deleted_is_told_as_the_last_change_of_it_also_to_who_comes_back(house: House):
    house.start("a", "b")
    with listening(house.url, task="a") as listener:
        listener.until_ready()
        place = {"stream": house.stream.id, "after": 2}
        house.delete("b")
        house.delete("a")
        assert listener.hear() == {"type": "deleted", "seq": 4, "taskId": "a"}
        house.start("a")
        assert listener.changes(1)[0]["seq"] == 5
    with listening(house.url, **place) as again:
        again.until_ready()
        gone = [again.hear(), again.hear()]
    assert [(said["type"], said["seq"], said["taskId"]) for said in gone] == [
        ("deleted", 3, "b"),
        ("deleted", 4, "a"),
    ]
    with listening(house.url) as fresh:
        assert [task["iteration"] for task in fresh.until_ready()] == [0]


def test_however_many_files_there_are_a_change_is_as_long(house: House):
    house.start("a")
    files = [f"{number:04}.py" for number in range(200)]
    house.changes([("action", "a", {"action": "write", "target": file, "success": True}) for file in files])
    with listening(house.url, after=101, stream=house.stream.id) as listener:
        listener.until_ready()
        changes = listener.changes(100)
    assert [said["files"]["created"] for said in changes] == list(range(101, 201))
    assert changes[-1]["data"]["filesCreated"] == files[-50:]
    assert len({len(json.dumps(said)) for said in changes}) == 1
    with listening(house.url) as fresh:
        assert fresh.until_ready() == [changes[-1]["data"]]


def test_other_tasks_can_be_asked_for_at_any_time(house: House):
    house.start("a", "b")
    with listening(house.url, task="a") as listener:
        listener.until_ready()
        listener.subscribe(["b"])
        assert [task["taskId"] for task in listener.until_ready()] == ["b"]
        house.change("iteration", "a", iteration=1)
        house.change("iteration", "b", iteration=1)
        assert [said["data"]["taskId"] for said in listener.changes(1)] == ["b"]
        listener.subscribe([])
        assert listener.until_ready() == []
        house.change("iteration", "b", iteration=2)
        listener.subscribe(None)
        assert [task["taskId"] for task in listener.until_ready()] == ["a", "b"]
        house.change("iteration", "a", iteration=3)
        assert iterations(listener.changes(1)) == [3]


def test_who_comes_back_hears_what_was_missed_and_nothing_twice(house: House):
    house.start("a")
    with listening(house.url) as listener:
        listener.until_ready()
        house.change("iteration", "a", iteration=1)
        (last,) = listener.changes(1)
    house.changes([("iteration", "a", {"iteration": number}) for number in range(2, 300)])
    with listening(house.url, stream=house.stream.id, after=last["seq"]) as listener:
        assert listener.until_ready() == []
        assert listener.heard[0]["resumed"] is True
        assert iterations(listener.changes(298)) == list(range(2, 300))
        house.change("iteration", "a", iteration=300)
        assert numbers(listener.changes(1)) == [house.stream.last]


@pytest.mark.parametrize("lost", ["another stream", "too long ago", "not said yet"])
def test_who_was_away_too_long_or_elsewhere_begins_anew(house: House, lost: str):
    house.start("a")
    house.changes([("iteration", "a", {"iteration": number}) for number in range(1, MOST_KEPT + 1)])
    stream = "elsewhere" if lost == "another stream" else house.stream.id
    after = {"another stream": MOST_KEPT, "too long ago": 0, "not said yet": MOST_KEPT + 2}[lost]
    with listening(house.url, stream=stream, after=after) as listener:
        assert iterations([{"data": task} for task in listener.until_ready()]) == [MOST_KEPT]
        hello = listener.heard[0]
    assert (hello["stream"], hello["seq"], hello["resumed"]) == (house.stream.id, MOST_KEPT + 1, False)


@contextmanager
def reporting(house: House, count: int, tasks: list[str]) -> Iterator[threading.Thread]:
    """Let `count` things happen to each of the tasks, as fast as they can be written, ten at once."""
    steps = [("iteration", task, {"iteration": number}) for number in range(1, count + 1) for task in tasks]

    def report() -> None:
        for first in range(0, len(steps), 10):
            house.changes(steps[first : first + 10])

    thread = threading.Thread(target=report)
    thread.start()
    yield thread
    thread.join()


def test_coming_and_going_under_load_loses_nothing_and_repeats_nothing(house: House):
    house.start("a", "b")
    chance, count = random.Random(4), 1_500
    heard: list[Heard] = []
    begin, end = house.stream.last, house.stream.last + 2 * count
    place: dict[str, Any] = {"stream": house.stream.id, "after": begin}
    with reporting(house, count, ["a", "b"]):
        while place["after"] < end:
            with listening(house.url, **place) as listener:
                assert listener.until_ready() == []
                heard += listener.changes(min(chance.randint(1, 200), end - place["after"]))
                place["after"] = heard[-1]["seq"]
    assert numbers(heard) == list(range(begin + 1, end + 1))


def test_whoever_comes_under_load_never_sees_a_task_go_back(house: House):
    house.start("a", "b")
    with reporting(house, 1_000, ["a", "b"]) as reports:
        while reports.is_alive():
            with listening(house.url) as listener:
                shown = listener.until_ready()
                seen = {task["taskId"]: task["iteration"] for task in shown}
                position = listener.heard[-1]["seq"]
                for said in listener.changes(20 if position < 1_900 else 0):
                    task, iteration = said["data"]["taskId"], said["data"]["iteration"]
                    assert said["seq"] == position + 1
                    assert iteration == seen.get(task, iteration - 1) + 1
                    position, seen[task] = said["seq"], iteration


def test_who_is_too_slow_is_hung_up_on_and_nobody_else_notices(house: House):
    house.start("a")
    errors = [{"error": f"{number} {'x' * 1_500}"} for number in range(2_000)]
    with listening(house.url, narrow=True) as slow, listening(house.url) as quick:
        slow.until_ready()
        quick.until_ready()
        for first in range(0, len(errors), 50):
            house.changes([("error", "a", each) for each in errors[first : first + 50]])
            quick.changes(50)
        assert numbers(quick.heard[-len(errors) :]) == list(range(2, len(errors) + 2))
        code, reason = slow.until_closed()
        told = [said["seq"] for said in slow.heard if said["type"] == "progress" and "snapshot" not in said]
        assert (code, reason.split(":")[0]) == (TRY_AGAIN, "too slow")
        assert 0 < len(told) < len(errors)
        assert told == list(range(2, len(told) + 2))
        until(lambda: house.followers == 1)
        house.change("error", "a", error="after")
        assert quick.changes(1)[0]["data"]["logs"][-1]["message"] == "ERROR: after"


@pytest.mark.parametrize("query", [{"after": 1}, {"stream": "s", "after": "x"}, {"task": ""}])
def test_a_query_that_makes_no_sense_is_answered_with_a_reason(house: House, query: dict[str, Any]):
    with listening(house.url, **query) as listener:
        code, reason = listener.until_closed()
    assert code == NOT_UNDERSTOOD
    assert reason


@pytest.mark.parametrize("text", ["", "hello?", '{"type": "subscribe", "tasks": [1]}', "[" * 5_000])
def test_what_cannot_be_understood_ends_it_with_a_reason_and_disturbs_nobody(house: House, text: str):
    house.start("a")
    with listening(house.url) as wrong, listening(house.url) as other:
        wrong.until_ready()
        other.until_ready()
        wrong.say(text)
        code, reason = wrong.until_closed()
        house.change("iteration", "a", iteration=1)
        assert iterations(other.changes(1)) == [1]
    assert code == NOT_UNDERSTOOD
    assert reason


def test_bytes_are_no_text(house: House):
    with listening(house.url) as listener:
        listener.until_ready()
        vars(listener)["_connection"].send_binary(b'{"type": "subscribe", "tasks": null}')
        assert listener.until_closed()[0] == NOT_UNDERSTOOD


def test_who_leaves_leaves_nothing_behind(house: House):
    house.start("a")
    for _ in range(20):
        with listening(house.url) as listener:
            listener.until_ready()
            assert house.followers >= 1
    until(lambda: house.followers == 0)


def test_while_nothing_can_be_read_it_is_said_that_one_should_come_again(house: House):
    asyncio.run_coroutine_threadsafe(house.writer.close(), house.loop).result(10)
    with listening(house.url) as listener:
        code, reason = listener.until_closed()
    assert code == TRY_AGAIN
    assert "ending" in reason
