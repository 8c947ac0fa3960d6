"""Column types of our own."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC time.

    PostgreSQL keeps `timestamptz`. SQLite keeps text of fixed width that sorts as time does,
    "2026-01-31 12:00:00.000000", so that the `sqlite3` program shows something readable.

    A naive time is refused with ValueError.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return how `dialect` keeps it."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(26))
        return dialect.type_descriptor(DateTime(timezone=True))

    # The two processors replace TypeDecorator's process_* hooks: one Python call a value less,
    # and these run for every point that is written.
    def bind_processor(self, dialect: Dialect) -> Any:
        """Return what turns an aware time into what the driver takes."""
        return _to_text if dialect.name == "sqlite" else _checked

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """Return what turns what the driver gives into an aware UTC time."""
        return _from_text if dialect.name == "sqlite" else _in_utc


def ms_from_driver(dialect: str) -> Callable[[Any], int]:
    """Return what turns a time as the driver of `dialect` gives it into milliseconds since 1970."""
    return _text_to_ms if dialect == "sqlite" else _to_ms


def _to_ms(value: datetime) -> int:
    return round(value.timestamp() * 1000)


@lru_cache(maxsize=1024)
def _text_to_ms(text: str) -> int:
    return round(datetime.fromisoformat(text + "+00:00").timestamp() * 1000)


def _checked(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(f"a time without a zone cannot be stored: {value!r}")
    return value


def _to_text(value: datetime | None) -> str | None:
    if value is None:
        return None
    if value.tzinfo is not UTC:
        _checked(value)
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


def _from_text(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text + "+00:00")


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)
