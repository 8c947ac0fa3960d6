"""Everybody who may or may not come to a server: good and bad credentials, put away before it starts."""

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from tests.plugins.doors import make_key
from trainwatch.cli.options import open_data, settings_from, utc_now
from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.credential import Scope, Session, User
from trainwatch.door.founding import found_door
from trainwatch.services.keys import create_key, revoke_key
from trainwatch.services.sessions import open_session, revoke_session
from trainwatch.services.users import OWNER, add_user, remove_user
from trainwatch.store.engine import Database
from trainwatch.store.work import Work
from trainwatch.store.writer import run_once

SPARE = 8


@dataclass
class Visitors:
    """The headers that each of them sends, by what they show."""

    keys: dict[Scope, dict[str, str]] = field(default_factory=dict[Scope, dict[str, str]])
    sessions: dict[Scope, dict[str, str]] = field(default_factory=dict[Scope, dict[str, str]])
    bad: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])
    spare: list[tuple[int, dict[str, str]]] = field(default_factory=list[tuple[int, dict[str, str]]])
    """Ids and cookies of further sessions of the user `spare`, for tests that end them."""


def prepare(data_dir: Path) -> Visitors:
    """Make a database in `data_dir` that knows them all."""
    settings = settings_from(data_dir=data_dir)
    with ExitStack() as stack:
        database: Database = open_data(settings, stack)
        cookie = found_door(database, settings, clock=utc_now).cookie_name
        maker = _Maker(database, cookie, utc_now())
        visitors = maker.everybody()
        database.close()
    return visitors


@dataclass
class _Maker:
    database: Database
    cookie: str
    now: datetime

    def everybody(self) -> Visitors:
        visitors = Visitors()
        for scope in Scope:
            user = self._user(f"{scope}-person", scope)
            visitors.sessions[scope] = self._session(user)[1]
            visitors.keys[scope] = self._key(scope)[1]
        visitors.spare = [self._session(self._user(f"spare{number}", Scope.ADMIN)) for number in range(SPARE)]
        visitors.bad = {**self._bad_keys(), **self._bad_sessions()}
        return visitors

    def _bad_keys(self) -> dict[str, dict[str, str]]:
        good = self._key(Scope.READ)[1]["authorization"]
        long_ago = self.now - timedelta(days=2)
        revoked_id, revoked = self._key(Scope.ADMIN)
        run_once(self.database, lambda work: revoke_key(work, CONSOLE, revoked_id), now=self.now)
        _, unknown = make_key(Scope.ADMIN)
        return {
            "expired key": self._key(Scope.ADMIN, at=long_ago, days=1)[1],
            "revoked key": revoked,
            "mistyped key": {"authorization": good[:-1] + ("a" if good[-1] != "a" else "b")},
            "key with another scope's word": {"authorization": good.replace("tw_read_", "tw_admin_")},
            "key that was never made": {"x-api-key": unknown},
            "no key": {"authorization": "Bearer "},
        }

    def _bad_sessions(self) -> dict[str, dict[str, str]]:
        long_ago = self.now - timedelta(days=31)
        revoked_id, revoked = self._session(self._user("revoked", Scope.ADMIN))
        run_once(self.database, lambda work: revoke_session(work, CONSOLE, revoked_id), now=self.now)
        return {
            "expired session": self._session(self._user("expired", Scope.ADMIN), at=long_ago)[1],
            "revoked session": revoked,
            "removed user's session": self._orphan(),
            "session that was never opened": {"cookie": f"{self.cookie}={'0' * 43}"},
            "empty cookie": {"cookie": f"{self.cookie}="},
        }

    def _orphan(self) -> dict[str, str]:
        """Return the session of a user who was removed, as if the session had been forgotten then."""
        session_id, cookie = self._session(self._user("removed", Scope.ADMIN))
        run_once(self.database, lambda work: remove_user(work, CONSOLE, "removed"), now=self.now)

        def revive(work: Work) -> None:
            session = work.credentials.find(Session, session_id)
            assert session is not None
            work.credentials.change(replace(session, revoked_at=None))

        run_once(self.database, revive, now=self.now)
        return cookie

    def _user(self, name: str, scope: Scope) -> User:
        assert name != OWNER
        return run_once(
            self.database,
            lambda work: add_user(work, CONSOLE, name, scope=scope, password_hash=None),
            now=self.now,
        )

    def _session(self, user: User, *, at: datetime | None = None) -> tuple[int, dict[str, str]]:
        session, cookie = run_once(
            self.database,
            lambda work: open_session(work, user, address="127.0.0.1", browser="a test", way="link"),
            now=at or self.now,
        )
        return session.id, {"cookie": f"{self.cookie}={cookie}"}

    def _key(
        self, scope: Scope, *, at: datetime | None = None, days: int | None = None
    ) -> tuple[int, dict[str, str]]:
        key, text = run_once(
            self.database,
            lambda work: create_key(work, CONSOLE, scope=scope, label="a test", expires_in_days=days),
            now=at or self.now,
        )
        return key.id, {"authorization": f"Bearer {text}"}
