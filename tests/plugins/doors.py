"""Doors and everything behind them, without a server."""

from datetime import UTC, datetime

from trainwatch.api.catalogue import catalogue
from trainwatch.api.operation import Operation
from trainwatch.door.identity import Door
from trainwatch.door.keyring import Keyring
from trainwatch.door.limits import Limits
from trainwatch.door.policy import Policy
from trainwatch.door.reception import Reception
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
COOKIE = "trainwatch_test"


def make_door(policy: Policy | None = None, *credentials: object) -> Door:
    """Return a door at `NOW` that knows `credentials`; of a server on this machine unless `policy` says more."""
    return Door(Keyring(credentials), policy or Policy(), cookie_name=COOKIE, clock=lambda: NOW)  # type: ignore[arg-type]


def make_limits(*, key_requests_per_minute: int = 1_000) -> Limits:
    """Return limits that nobody has used yet."""
    return Limits(key_requests_per_minute=key_requests_per_minute)


def every_operation(database: Database) -> list[Operation]:
    """Return what the composition root puts together."""
    writer = Writer(database, clock=lambda: NOW, publish=lambda events: None)
    door = make_door()
    return catalogue(database, writer, door, Reception(door, make_limits(), writer, address=""))
