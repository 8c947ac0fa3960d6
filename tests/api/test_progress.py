"""Tracked tasks over HTTP, past the door, on a real database with its writer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlencode

import orjson
import pytest
from starlette.routing import Router
from starlette.types import Message

from trainwatch.api.progress import MOST_CHANGES, progress_operations
from trainwatch.domain.audit import CONSOLE
from trainwatch.door.guard import IDENTITY
from trainwatch.door.identity import LOCAL
from trainwatch.services.edit import ask_to_stop
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@dataclass
class Program:
    """Asks the operations, without a door in front of them."""

    api: Router
    writer: Writer

    async def get(self, address: str) -> tuple[int, Any]:
        """Return the status and the answer."""
        return await self._ask("GET", address, b"")

    async def tell(self, address: str, **said: Any) -> tuple[int, Any]:
        """Post `said` and return the status and the answer."""
        return await self._ask("POST", f"/api/progress{address}", orjson.dumps(said))

    async def tell_all(self, *changes: Any) -> tuple[int, Any]:
        """Post `changes` as a batch and return the status and the answer."""
        return await self.tell("", changes=changes)

    async def _ask(self, method: str, address: str, body: bytes) -> tuple[int, Any]:
        path, _, query = address.partition("?")
        heard: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            heard.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": unquote(path),
            "query_string": query.encode(),
            "headers": [],
            IDENTITY: LOCAL,
        }
        await self.api(scope, receive, send)
        return heard[0]["status"], orjson.loads(heard[1]["body"])


def with_program(database: Database, scenario: Callable[[Program], Awaitable[None]]) -> None:
    async def run() -> None:
        writer = Writer(database, clock=lambda: NOW, publish=lambda events: None)
        writer.start()
        try:
            await scenario(Program(Router(progress_operations(database, writer)), writer))
        finally:
            await writer.close()

    asyncio.run(run())


def test_a_change_is_answered_with_how_the_task_stands(database: Database):
    async def scenario(program: Program) -> None:
        status, answer = await program.tell("/t/start", agentId="claude", criteriaTotal=4)
        assert (status, answer["ok"], answer["taskId"], answer["task"], answer["stop"]) == (
            200,
            True,
            "t",
            1,
            False,
        )
        _, answer = await program.tell("/t/criterion", index=0)
        assert answer["progress"] == {
            "taskId": "t",
            "agentId": "claude",
            "status": "in_progress",
            "iteration": 0,
            "maxIterations": 20,
            "progress": 25.0,
            "criteriaVerified": 1,
            "criteriaTotal": 4,
            "filesCreated": [],
            "filesModified": [],
            "cost": 0.0,
            "logs": [
                {"time": "12:00:00", "message": "Task execution started"},
                {"time": "12:00:00", "message": "Criterion 1 verified"},
            ],
            "startedAt": "2026-01-31T12:00:00.000+00:00",
            "completedAt": None,
        }

    with_program(database, scenario)


def test_a_whole_life_over_http(sqlite_database: Database):
    async def scenario(program: Program) -> None:
        said = [
            ("start", {"agent_id": "claude", "criteria": ["tests pass"], "maxCost": 2}),
            ("iteration", {"iteration": 1}),
            ("action", {"action": "write", "target": "a.py"}),
            ("action", {"action": "write", "target": "a.py", "success": True}),
            ("progress", {"progress": 40}),
            ("cost", {"cost": 0.5}),
            ("error", {"error": "boom"}),
            ("criterion", {"index": 0}),
            ("complete", {"success": True, "summary": "all of it"}),
        ]
        for kind, payload in said:
            status, answer = await program.tell(f"/t/{kind}", **payload)
            assert status == 200, answer
        status, whole = await program.get("/api/progress/t")
        assert (status, whole["status"], whole["progress"], whole["cost"]) == (200, "complete", 100.0, 0.5)
        assert (whole["filesCreated"], whole["summary"], whole["maxCost"]) == (["a.py"], "all of it", 2.0)
        assert [each["text"] for each in whole["criteria"]] == ["tests pass"]
        _, graph = await program.get("/api/progress/t/graph")
        assert (graph["sessionId"], graph["maxCost"], len(graph["logs"])) == ("sess_t", 2.0, 5)
        _, events = await program.get("/api/progress/t/events?type=error")
        assert [each["message"] for each in events["events"]] == ["ERROR: boom"]
        assert await program.get("/api/progress") == (200, {"tasks": []})

    with_program(sqlite_database, scenario)


def test_an_answer_has_the_last_files_and_who_asks_gets_all(database: Database):
    async def scenario(program: Program) -> None:
        await program.tell("/t/start", agentId="c")
        files = [f"{number}.py" for number in range(120)]
        writes = (
            {"taskId": "t", "type": "action", "action": "write", "target": file, "success": True}
            for file in files
        )
        _, batch = await program.tell_all(*writes)
        _, answer = await program.tell("/t/action", action="edit", target="a.py", success=True)
        _, listed = await program.get("/api/progress")
        for counts, told in (
            (answer["files"], answer["progress"]),
            (listed["tasks"][0].pop("files"), listed["tasks"][0]),
        ):
            assert counts == {"created": 120, "modified": 1}
            assert (told["filesCreated"], told["filesModified"]) == (files[-50:], ["a.py"])
        assert batch["tasks"][0]["files"] == {"created": 120, "modified": 0}
        assert (await program.get("/api/progress/t"))[1]["filesCreated"] == files

    with_program(database, scenario)


@pytest.mark.parametrize("address", ["a/b/c", "a%2Fb%2Fc", "a%2Fb/c"])
def test_a_task_id_may_hold_slashes_encoded_or_plain(sqlite_database: Database, address: str):
    async def scenario(program: Program) -> None:
        _, answer = await program.tell(f"/{address}/start", agentId="c")
        assert answer["taskId"] == "a/b/c"
        assert (await program.get(f"/api/progress/{address}"))[1]["taskId"] == "a/b/c"
        assert (await program.get(f"/api/progress/{address}/events"))[0] == 200

    with_program(sqlite_database, scenario)


@pytest.mark.parametrize("name", ["runs/events", "runs/graph", "a b", "events", "50% ?#&+", "t"])
def test_a_task_can_be_asked_for_by_its_name_whatever_it_is(database: Database, name: str):
    async def scenario(program: Program) -> None:
        await program.tell_all(
            {"taskId": name, "type": "start", "agentId": "c", "maxCost": 2},
            {"taskId": name, "type": "error", "error": "boom"},
        )
        address = f"/api/progress?{urlencode({'task': name})}"
        _, detail = await program.get(address)
        assert (detail["taskId"], detail["maxCost"]) == (name, 2.0)
        assert await program.get(f"{address}&show=task") == (200, detail)
        _, graph = await program.get(f"{address}&show=graph")
        assert graph["sessionId"] == f"sess_{name}"
        _, events = await program.get(f"{address}&show=events&type=error&limit=5")
        assert [each["message"] for each in events["events"]] == ["ERROR: boom"]
        _, stop = await program.get(f"{address}&show=stop")
        assert stop == {"taskId": name, "task": 1, "status": "in_progress", "stop": False}
        await program.writer.submit(lambda work: ask_to_stop(work, CONSOLE, 1, stop=True))
        assert (await program.get(f"{address}&show=stop"))[1]["stop"] is True

    with_program(database, scenario)


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("task=nobody", 404, "taskId"),
        ("task=nobody&show=graph", 404, "taskId"),
        ("task=nobody&show=events", 404, "taskId"),
        ("task=nobody&show=stop", 404, "taskId"),
        ("task=", 404, "taskId"),
        ("task=t&show=nothing", 400, "show"),
        ("task=t&show=events&limit=0", 400, "limit"),
    ],
)
def test_a_question_that_has_no_answer_names_what_is_wrong(
    sqlite_database: Database, query: str, status: int, field: str
):
    async def scenario(program: Program) -> None:
        await program.tell("/t/start", agentId="c")
        answer = await program.get(f"/api/progress?{query}")
        assert (answer[0], answer[1]["error"]["field"]) == (status, field)

    with_program(sqlite_database, scenario)


@pytest.mark.parametrize(
    ("address", "said", "status", "field"),
    [
        ("/t/start", {}, 422, "agentId"),
        ("/unknown/iteration", {"iteration": 1}, 404, "taskId"),
        ("/known/criterion", {"index": 5}, 400, "index"),
        ("/known/start", {"agentId": "c", "budget": 5}, 400, "budget"),
        ("/ended/iteration", {"iteration": 5}, 409, "taskId"),
        (f"/{'x' * 201}/start", {"agentId": "c"}, 413, "taskId"),
        ("//start", {"agentId": "c"}, 422, "taskId"),
        ("/%00/start", {"agentId": "c"}, 422, "taskId"),
        ("", {}, 400, "changes"),
        ("", {"changes": "all"}, 400, "changes"),
        ("", {"changes": [{}] * (MOST_CHANGES + 1)}, 413, "changes"),
    ],
)
def test_what_is_refused_says_which_field_and_why(
    sqlite_database: Database, address: str, said: dict[str, Any], status: int, field: str
):
    async def scenario(program: Program) -> None:
        for name in ("known", "ended"):
            await program.tell(f"/{name}/start", agentId="c", criteriaTotal=2)
        await program.tell("/ended/complete", success=False)
        answered, answer = await program.tell(address, **said)
        assert (answered, answer["ok"], answer["error"]["field"]) == (status, False, field)

    with_program(sqlite_database, scenario)


def test_of_a_batch_the_good_parts_are_kept_and_the_bad_ones_named(database: Database):
    async def scenario(program: Program) -> None:
        status, answer = await program.tell_all(
            {"taskId": "a", "type": "start", "agentId": "c", "maxCost": 1, "stopAtLimit": True},
            {"task_id": "b", "type": "start", "agentId": "c"},
            {"taskId": "a", "type": "cost", "cost": 2},
            {"taskId": "a", "type": "dance"},
            {"taskId": "c", "type": "iteration", "iteration": 1},
            {"type": "iteration", "iteration": 1},
            7,
            {"taskId": "b", "type": "iteration", "iteration": 3},
        )
        assert (status, answer["ok"], answer["accepted"], answer["rejected"]) == (207, False, 4, 4)
        assert [(each["index"], each["field"]) for each in answer["errors"]] == [
            (3, "type"),
            (4, "taskId"),
            (5, "taskId"),
            (6, "changes"),
        ]
        assert answer["error"] == answer["errors"][0]
        tasks = [(each["taskId"], each["stop"], each["progress"]["iteration"]) for each in answer["tasks"]]
        assert tasks == [("a", True, 0), ("b", False, 3)]
        assert answer["stop"] is True

    with_program(database, scenario)


def test_a_batch_of_which_nothing_is_good_is_refused(sqlite_database: Database):
    async def scenario(program: Program) -> None:
        status, answer = await program.tell_all({"taskId": "a", "type": "iteration", "iteration": 1})
        assert (status, answer["accepted"], answer["error"]["code"]) == (422, 0, "not_found")
        assert (await program.tell_all())[0] == 200

    with_program(sqlite_database, scenario)


def test_a_batch_that_is_sent_twice_counts_once(database: Database):
    async def scenario(program: Program) -> None:
        batch = [
            {"taskId": "t", "type": "start", "agentId": "c", "eventId": "0"},
            *(
                {"taskId": "t", "type": "error", "error": str(n), "eventId": n}
                for n in range(1, MOST_CHANGES)
            ),
        ]
        first = await program.tell_all(*batch)
        assert (first[0], first[1]["accepted"]) == (200, MOST_CHANGES)
        assert await program.tell_all(*batch) == first
        _, found = await program.get("/api/progress/t/events?limit=1000")
        assert len(found["events"]) == MOST_CHANGES

    with_program(database, scenario)


def test_events_are_paged_by_their_ids(sqlite_database: Database):
    async def scenario(program: Program) -> None:
        await program.tell_all(
            {"taskId": "t", "type": "start", "agentId": "c"},
            *({"taskId": "t", "type": "error", "error": str(n)} for n in range(150)),
        )
        seen: list[str] = []
        after = 0
        while True:
            _, page = await program.get(f"/api/progress/t/events?after={after}&limit=40")
            if not page["events"]:
                break
            seen += [each["message"] for each in page["events"]]
            after = page["events"][-1]["id"]
        assert seen == ["Task execution started", *(f"ERROR: {n}" for n in range(150))]
        _, page = await program.get("/api/progress/t/events")
        assert [each["message"] for each in page["events"]] == seen[-100:]
        first = page["events"][0]["id"]
        _, page = await program.get(f"/api/progress/t/events?before={first}")
        assert [each["message"] for each in page["events"]] == seen[:-100]

    with_program(sqlite_database, scenario)


@pytest.mark.parametrize("query", ["type=x", "after=-1", "before=0", "limit=0", "limit=1001", "limit=x"])
def test_a_bad_query_names_its_parameter(sqlite_database: Database, query: str):
    async def scenario(program: Program) -> None:
        await program.tell("/t/start", agentId="c")
        status, answer = await program.get(f"/api/progress/t/events?{query}")
        assert (status, answer["error"]["field"]) == (400, query.split("=")[0])

    with_program(sqlite_database, scenario)


@pytest.mark.parametrize("address", ["/api/progress/t", "/api/progress/t/graph", "/api/progress/t/events"])
def test_a_task_that_nobody_tracks_is_not_found(sqlite_database: Database, address: str):
    async def scenario(program: Program) -> None:
        status, answer = await program.get(address)
        assert (status, answer["error"]["field"]) == (404, "taskId")

    with_program(sqlite_database, scenario)


def test_the_active_ones_are_listed(database: Database):
    async def scenario(program: Program) -> None:
        for name in "ab":
            await program.tell(f"/{name}/start", agentId="c")
        await program.tell("/a/complete", success=True)
        _, answer = await program.get("/api/progress")
        assert [each["taskId"] for each in answer["tasks"]] == ["b"]

    with_program(database, scenario)


def test_a_person_who_asks_it_to_stop_is_heard(sqlite_database: Database):
    async def scenario(program: Program) -> None:
        await program.tell("/t/start", agentId="c")
        await program.writer.submit(lambda work: ask_to_stop(work, CONSOLE, 1, stop=True))
        assert (await program.tell("/t/iteration", iteration=1))[1]["stop"] is True

    with_program(sqlite_database, scenario)
