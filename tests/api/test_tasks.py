"""Archiving and deleting as programs ask for it, past the door, on a real database with its writer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.routing import Router
from starlette.types import Message

from trainwatch.api.tasks import task_operations
from trainwatch.domain.payload import parse
from trainwatch.door.guard import IDENTITY
from trainwatch.door.identity import LOCAL
from trainwatch.door.task_control import TaskControl
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.ingest import ingest
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@dataclass
class Program:
    """Asks operations of the API, without a door in front of them."""

    api: Router = field(default_factory=Router)
    moment: datetime = NOW

    async def ask(self, method: str, address: str, body: bytes = b"") -> tuple[int, Any]:
        """Return the status and the answer."""
        path, _, query = address.partition("?")
        heard: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": body}

        async def send(message: Message) -> None:
            heard.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [],
            IDENTITY: LOCAL,
        }
        await self.api(scope, receive, send)
        answer = b"".join(message.get("body", b"") for message in heard)
        return heard[0]["status"], orjson.loads(answer)

    async def titles(self, query: str = "") -> list[str]:
        """Return the titles in the list."""
        _, answer = await self.ask("GET", f"/api/tasks{query}")
        return [row["title"] for row in answer["tasks"]]


def with_program(database: Database, scenario: Callable[[Program], Awaitable[None]]) -> None:
    """Run `scenario` where there is one task, "bert", of the id 1."""

    async def run() -> None:
        program = Program()
        writer = Writer(database, clock=lambda: program.moment, publish=lambda events: None)
        writer.start()
        try:
            report = parse({"taskName": "bert", "loss": 0.5})
            await writer.submit(lambda work: ingest(work, report))
            control = TaskControl(database, writer, Dispatcher(database, writer, {}, clock=lambda: NOW))
            program.api = Router(task_operations(database, writer, control, Path("without-logs")))
            await scenario(program)
        finally:
            await writer.close()

    asyncio.run(run())


@pytest.mark.parametrize("body", [b"", b"{}", b'{"archive": true}'])
def test_a_task_is_archived_unless_it_is_said_otherwise(database: Database, body: bytes):
    async def scenario(program: Program) -> None:
        answer = await program.ask("POST", "/api/tasks/1/archive", body)
        assert answer == (200, {"ok": True, "taskId": 1, "archived": True})
        assert (await program.titles(), await program.titles("?archived=true")) == ([], ["bert"])
        _, row = await program.ask("GET", "/api/tasks/1")
        assert row["archivedAt"] == "2026-01-31T12:00:00.000Z"

    with_program(database, scenario)


def test_a_task_is_brought_back(database: Database):
    async def scenario(program: Program) -> None:
        await program.ask("POST", "/api/tasks/1/archive")
        answer = await program.ask("POST", "/api/tasks/1/archive", b'{"archive": false}')
        assert answer == (200, {"ok": True, "taskId": 1, "archived": False})
        assert (await program.titles(), await program.titles("?archived=1")) == (["bert"], [])

    with_program(database, scenario)


def test_every_list_says_how_many_are_archived(database: Database):
    async def scenario(program: Program) -> None:
        await program.ask("POST", "/api/tasks/1/archive")
        for query, archived in (("", 1), ("?archived=true", 1), ("?q=bert", 1), ("?q=gpt", 0)):
            _, answer = await program.ask("GET", f"/api/tasks{query}")
            assert answer["archived"] == archived, query

    with_program(database, scenario)


def test_a_deleted_task_is_gone_at_once_and_cannot_be_deleted_twice(database: Database):
    async def scenario(program: Program) -> None:
        assert await program.ask("DELETE", "/api/tasks/1") == (200, {"ok": True, "taskId": 1})
        assert await program.titles() == []
        for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/archive"), ("POST", "/stop")):
            status, answer = await program.ask(method, f"/api/tasks/1{path}")
            assert (status, answer["error"]["code"]) == (404, "not_found")

    with_program(database, scenario)


def test_a_task_is_marked_as_failed_once(database: Database):
    async def scenario(program: Program) -> None:
        answer = await program.ask("POST", "/api/tasks/1/end", b'{"status": "failed"}')
        assert answer == (200, {"ok": True, "taskId": 1, "status": "failed"})
        _, row = await program.ask("GET", "/api/tasks/1")
        assert (row["status"], row["statusReason"]) == ("failed", "marked as failed by this machine")
        status, again = await program.ask("POST", "/api/tasks/1/end", b'{"status": "stopped"}')
        assert (status, again["error"]["code"], again["error"]["message"]) == (
            409,
            "conflict",
            "the task has already ended: failed",
        )

    with_program(database, scenario)


@pytest.mark.parametrize("body", [b"", b'{"status": "complete"}', b'{"status": "running"}', b'{"status": 1}'])
def test_an_end_that_nobody_may_mark_is_refused(database: Database, body: bytes):
    async def scenario(program: Program) -> None:
        status, answer = await program.ask("POST", "/api/tasks/1/end", body)
        assert (status, answer["error"]["field"]) == (400, "status")
        assert answer["error"]["message"] == "status must be failed or stopped"

    with_program(database, scenario)


def test_lists_tell_what_is_lost_from_what_runs(database: Database):
    async def scenario(program: Program) -> None:
        _, answer = await program.ask("GET", "/api/tasks")
        assert (answer["counts"]["running"], answer["counts"]["lost"]) == (1, 0)
        assert (await program.titles("?status=running"), await program.titles("?status=lost")) == (
            ["bert"],
            [],
        )
        program.moment += timedelta(days=1)
        _, answer = await program.ask("GET", "/api/tasks?status=lost,failed")
        assert (answer["counts"]["running"], answer["counts"]["lost"], answer["total"]) == (0, 1, 1)
        assert (await program.titles("?status=running"), await program.titles("?status=lost")) == (
            [],
            ["bert"],
        )
        assert await program.titles("?status=active") == ["bert"]

    with_program(database, scenario)


@pytest.mark.parametrize("body", [b'{"archive": "yes"}', b'{"archive": null}', b'{"archive": 1}'])
def test_what_is_neither_true_nor_false_archives_nothing(database: Database, body: bytes):
    async def scenario(program: Program) -> None:
        status, answer = await program.ask("POST", "/api/tasks/1/archive", body)
        assert (status, answer["error"]["field"]) == (400, "archive")
        assert await program.titles() == ["bert"]

    with_program(database, scenario)
