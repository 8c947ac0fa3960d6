"""A desk at which reports are handed in, on a real database of each kind."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from trainwatch.domain.events import Event
from trainwatch.domain.payload import parse
from trainwatch.services.ingest import Answer, ingest
from trainwatch.store.engine import Database
from trainwatch.store.work import Work

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@dataclass
class Counter:
    """Takes reports in, a transaction each call, and lets a test look at what was kept."""

    database: Database
    work: Work
    now: datetime = NOW
    events: list[Event] = field(default_factory=list[Event])

    def send(self, *payloads: dict[str, Any]) -> list[Answer]:
        """Take in `payloads` within one transaction, a second after the one before."""
        self.now += timedelta(seconds=1)
        self.work.begin(self.now)
        answers = [ingest(self.work, parse(payload)) for payload in payloads]
        self.events = self.work.commit()
        return answers

    def task_of(self, payload: dict[str, Any]) -> int:
        """Take in `payload` and return the id of its task."""
        (answer,) = self.send(payload)
        assert answer.task_id is not None
        return answer.task_id

    def rows(self, query: str, **values: Any) -> list[tuple[Any, ...]]:
        """Return what `query` finds in the database."""
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def one(self, query: str, **values: Any) -> Any:
        """Return the only value that `query` finds."""
        ((value,),) = self.rows(query, **values)
        return value


@pytest.fixture
def counter(database: Database) -> Iterator[Counter]:
    """A counter on a fresh database, once on SQLite and once on PostgreSQL."""
    with database.writing() as connection:
        yield Counter(database, Work(connection, database))
        connection.rollback()
