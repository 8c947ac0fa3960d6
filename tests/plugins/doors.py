"""Doors and everything behind them, without a server."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from trainwatch.api.catalogue import Parts, catalogue
from trainwatch.api.operation import Operation
from trainwatch.domain.credential import ApiKey, Scope, Session, User
from trainwatch.domain.secret import PREFIX_LENGTH, SECRET_BYTES, digest_of, read_key, write_key, write_secret
from trainwatch.door.identity import Door
from trainwatch.door.keyring import Keyring
from trainwatch.door.limits import Limits
from trainwatch.door.policy import Policy
from trainwatch.door.reception import Reception
from trainwatch.services.background import BackgroundLoops
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.sent_logs import SentLogs
from trainwatch.settings import Settings
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer
from trainwatch.supervisor.spec import LogLimits

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
    dispatcher = Dispatcher(database, writer, {}, clock=lambda: NOW)
    reception = Reception(make_door(), make_limits(), writer, address="")
    settings = Settings.model_validate({"data_dir": "without-templates"})
    sent = SentLogs(database, settings.attempts_dir, LogLimits(), lambda events: None)
    loops = BackgroundLoops(clock=lambda: NOW)
    loops.add("nothing", _nothing)
    return catalogue(Parts(database, writer, reception, dispatcher, sent, settings, loops))


async def _nothing() -> None:
    """A step of a background loop."""


def make_user(*, scope: Scope = Scope.ADMIN, **facts: Any) -> User:
    """Return a user, alice unless `facts` say more."""
    usual = {"id": 1, "name": "alice", "password_hash": None, "created_at": NOW}
    return User(scope=scope, **{**usual, **facts})


def make_session(*, user_id: int = 1, **facts: Any) -> tuple[Session, str]:
    """Return a session of the user of that id, and its cookie."""
    cookie = write_secret(secrets.token_bytes(SECRET_BYTES))
    usual = {
        "id": 1,
        "address": "127.0.0.1",
        "browser": "a browser",
        "created_at": NOW,
        "last_seen_at": NOW,
        "expires_at": NOW + timedelta(days=30),
    }
    return Session(user_id=user_id, digest=digest_of(cookie), **{**usual, **facts}), cookie


def make_key(scope: Scope = Scope.READ, **facts: Any) -> tuple[ApiKey, str]:
    """Return a key and its text."""
    text = write_key(scope, secrets.token_bytes(PREFIX_LENGTH + SECRET_BYTES))
    name = read_key(text)
    assert name is not None
    usual = {"id": 1, "label": "a program", "created_at": NOW, "created_by": "alice"}
    return ApiKey(prefix=name.prefix, digest=digest_of(text), scope=scope, **{**usual, **facts}), text
