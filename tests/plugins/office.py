"""The door of a real database with its real writer, at a time that a test moves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import text

from tests.plugins.doors import NOW, make_limits
from trainwatch.cli.options import settings_from
from trainwatch.domain.audit import Actor
from trainwatch.domain.events import Event
from trainwatch.door.founding import found_door
from trainwatch.door.identity import Door, Peer
from trainwatch.door.reception import Reception
from trainwatch.store.audit import list_audit
from trainwatch.store.engine import Database
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

T = TypeVar("T")

BOSS = Actor("session", "boss", 77, "10.0.0.7")
TABLES = ("users", "sessions", "api_keys")


@dataclass
class Office:
    """Everything that lets people in, but for the server."""

    database: Database
    now: datetime = NOW
    events: list[Event] = field(default_factory=list[Event])

    def __post_init__(self) -> None:
        self.door: Door = found_door(self.database, settings_from(), clock=lambda: self.now)
        self.writer = Writer(self.database, clock=lambda: self.now, publish=self._publish)
        self.limits = make_limits()
        self.reception = Reception(self.door, self.limits, self.writer, address="http://127.0.0.1:62222")

    def _publish(self, events: Any) -> None:
        self.door.note(events)
        self.events += events

    async def do(self, command: Callable[[Work], T]) -> T:
        """Carry out a command and return its result."""
        return await self.writer.submit(command)

    def peer(self, *, address: str = "10.0.0.1", **headers: str) -> Peer:
        """Return somebody at that address."""
        usual = {"host": "localhost", "user-agent": "a browser"}
        return Peer(address, {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}})

    def lines(self) -> list[tuple[str, str, str]]:
        """Return who did what to what, the first line first."""
        with self.database.reading() as connection:
            entries = list_audit(connection, limit=1_000)
        return [(str(entry.actor), entry.action, entry.target) for entry in reversed(entries)]

    def rows(self) -> dict[str, list[Any]]:
        """Return everything that is kept of credentials."""
        with self.database.reading() as connection:
            return {
                table: [*map(tuple, connection.execute(text(f"SELECT * FROM {table} ORDER BY id")))]
                for table in TABLES
            }

    def pass_time(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


def work_in(database: Database, scene: Callable[[Office], Awaitable[None]]) -> None:
    """Play `scene` in an office on `database`."""

    async def whole() -> None:
        office = Office(database)
        office.writer.start()
        try:
            await scene(office)
        finally:
            await office.writer.close()

    asyncio.run(whole())
