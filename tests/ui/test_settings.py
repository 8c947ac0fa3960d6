"""What the settings page shows and changes, and for whom."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.plugins.states import Callers, fresh
from trainwatch.domain.audit import CONSOLE, Actor, AuditEntry
from trainwatch.domain.credential import ApiKey, Scope, Session
from trainwatch.door.identity import LOCAL, Identity
from trainwatch.door.rights import Right, rights_of
from trainwatch.errors import BadRequestError, NotFoundError
from trainwatch.services.access_views import (
    AuditView,
    KeyView,
    MeView,
    SessionView,
    audit_view,
    key_view,
    me_view,
    session_view,
)
from trainwatch.ui.state.backend import use_access, use_backend
from trainwatch.ui.state.rights import right_of
from trainwatch.ui.state.settings import EXPIRIES, Settings
from trainwatch.ui.state.visitor import use_callers

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
OWNER = Identity(Actor("session", "owner", 1), rights_of(Scope.ADMIN))
SECRET = "tw_ingest_ab12cd34_secret"
FORM = "7-7"


class Rooms:
    """The part of a backend that the settings need."""

    async def join(self, session_id: str, rooms: Sequence[str]) -> None:
        self.joined = list(rooms)


class FrontDesk:
    """An `Access` with two sessions, a key and a hundred and fifty lines of audit."""

    def __init__(self) -> None:
        self.session_ids = [1, 2]
        self.key_ids = [1]
        self.last_line = 150
        self.asked: list[Any] = []

    async def me(self, caller: Identity) -> MeView:
        return me_view(caller.actor, caller.rights)

    async def sessions(self, caller: Identity) -> list[SessionView]:
        return [
            session_view(
                Session(
                    id=each,
                    user_id=1,
                    digest="",
                    address=None,
                    browser=None,
                    created_at=NOW,
                    last_seen_at=NOW,
                    expires_at=NOW + timedelta(days=1),
                ),
                "owner",
                is_mine=each == caller.actor.id,
            )
            for each in self.session_ids
        ]

    async def keys(self) -> list[KeyView]:
        return [
            key_view(
                ApiKey(
                    id=each,
                    prefix="ab12cd34",
                    digest="",
                    scope=Scope.INGEST,
                    label="cluster",
                    created_at=NOW,
                    created_by="owner",
                ),
                now=NOW,
            )
            for each in self.key_ids
        ]

    async def audit(self, before: int | None) -> list[AuditView]:
        last = self.last_line if before is None else before - 1
        return [
            audit_view(AuditEntry(id=each, at=NOW, actor=CONSOLE, action="did", target="it"))
            for each in range(last, max(0, last - 100), -1)
        ]

    async def create_key(
        self, caller: Identity, *, scope: str, label: str, expires_in_days: int | None
    ) -> str:
        if not label:
            raise BadRequestError("label must be text")
        self.asked.append((scope, label, expires_in_days))
        self.key_ids.append(len(self.key_ids) + 1)
        return SECRET

    async def revoke_key(self, caller: Identity, key_id: int) -> None:
        if key_id not in self.key_ids:
            raise NotFoundError(f"there is no key {key_id}")
        self.key_ids.remove(key_id)

    async def revoke_session(self, caller: Identity, session_id: int) -> None:
        if session_id not in self.session_ids:
            raise NotFoundError(f"there is no session {session_id}")
        self.session_ids.remove(session_id)

    async def revoke_other_sessions(self, caller: Identity) -> None:
        self.session_ids = [each for each in self.session_ids if each == caller.actor.id]


@pytest.fixture
def front_desk() -> FrontDesk:
    desk = FrontDesk()
    use_access(desk)
    use_backend(Rooms())  # pyright: ignore[reportArgumentType]
    return desk


@pytest.fixture
def settings(front_desk: FrontDesk) -> Settings:
    """The page as the owner finds it."""
    return entered_by(OWNER)


def entered_by(who: Identity) -> Settings:
    use_callers(Callers(who))
    page = fresh(Settings)
    cause(page, "enter")
    return page


def cause(page: Settings, name: str, *arguments: object) -> None:
    asyncio.run(Settings.event_handlers[name].fn(page, *arguments))


def test_the_owner_sees_everything(settings: Settings) -> None:
    assert settings.is_filled
    assert settings.me.name == "owner"
    assert (len(settings.sessions), len(settings.keys), len(settings.audit)) == (2, 1, 100)


@pytest.mark.usefixtures("front_desk")
@pytest.mark.parametrize(
    "who",
    [LOCAL, *(Identity(Actor("session", "ann", 2), rights_of(each)) for each in set(Scope) - {Scope.ADMIN})],
)
def test_others_see_themselves_alone(who: Identity) -> None:
    page = entered_by(who)
    assert page.me.name == who.actor.name
    assert (page.sessions, page.keys, page.audit) == ([], [], [])


@pytest.mark.usefixtures("front_desk")
@pytest.mark.parametrize(("who", "manager"), [(OWNER, "session 1"), (LOCAL, "")])
def test_the_page_knows_for_whom_the_rest_is_until_it_is_left(who: Identity, manager: str) -> None:
    page = fresh(Settings)
    assert page.manager is None
    page = entered_by(who)
    assert page.manager == manager
    cause(page, "leave")
    assert page.manager is None


def test_only_an_administrator_may_cause_anything_but_looking() -> None:
    own = [name for name in vars(Settings) if name in Settings.event_handlers and name != "setvar"]
    needed = {name: right_of(Settings.event_handlers[name].fn) for name in own}
    assert needed.pop("enter") is Right.READ
    assert set(needed.values()) == {Right.ADMIN}


@pytest.mark.parametrize(("expiry", "days"), EXPIRIES.items())
def test_a_new_key_is_shown_and_listed(
    settings: Settings, front_desk: FrontDesk, expiry: str, days: int | None
) -> None:
    cause(settings, "create_key", FORM, "cluster", "ingest", expiry)
    assert front_desk.asked == [("ingest", "cluster", days)]
    assert settings.key_answer == {"form": FORM, "key": SECRET, "label": "cluster", "reports": True}
    assert len(settings.keys) == 2


@pytest.mark.parametrize("scope", Scope)
def test_a_new_key_is_tried_out_by_a_report_if_it_may_send_one(settings: Settings, scope: Scope) -> None:
    cause(settings, "create_key", FORM, "cluster", scope.value, "never")
    assert settings.key_answer["reports"] is (scope in (Scope.INGEST, Scope.OPERATE, Scope.ADMIN))


def test_a_form_that_is_sent_twice_makes_one_key(settings: Settings, front_desk: FrontDesk) -> None:
    cause(settings, "create_key", FORM, "cluster", "ingest", "never")
    cause(settings, "create_key", FORM, "cluster", "ingest", "never")
    assert len(front_desk.asked) == 1


def test_a_form_that_is_sent_again_after_a_break_makes_one_key_and_shows_it(
    settings: Settings, front_desk: FrontDesk
) -> None:
    cause(settings, "create_key", FORM, "cluster", "ingest", "never")
    cause(settings, "enter")
    cause(settings, "create_key", FORM, "cluster", "ingest", "never")
    assert len(front_desk.asked) == 1
    assert settings.key_answer["key"] == SECRET


def test_the_next_form_makes_another_key(settings: Settings, front_desk: FrontDesk) -> None:
    cause(settings, "create_key", FORM, "cluster", "ingest", "never")
    cause(settings, "create_key", "another form", "cluster", "ingest", "never")
    assert len(front_desk.asked) == 2


@pytest.mark.parametrize("way", ["forget_key", "leave"])
def test_a_secret_does_not_stay(settings: Settings, way: str) -> None:
    cause(settings, "create_key", FORM, "cluster", "ingest", "never")
    cause(settings, way)
    assert SECRET not in repr(settings.dict())


@pytest.mark.parametrize(("label", "expiry"), [("", "never"), ("cluster", "ten years")])
def test_a_key_that_is_refused_says_why_to_its_form(settings: Settings, label: str, expiry: str) -> None:
    cause(settings, "create_key", FORM, label, "ingest", expiry)
    assert settings.key_answer.keys() == {"form", "problem"}
    assert settings.key_answer["form"] == FORM
    assert "must be" in settings.key_answer["problem"]


def test_a_revoked_key_leaves_the_list(settings: Settings) -> None:
    cause(settings, "revoke_key", 1)
    assert settings.keys == []


def test_a_revoked_session_leaves_the_list(settings: Settings) -> None:
    cause(settings, "revoke_session", 2)
    assert ([each.id for each in settings.sessions], settings.has_other_sessions) == ([1], False)


def test_revoking_all_others_leaves_this_browser(settings: Settings) -> None:
    cause(settings, "revoke_other_sessions")
    assert [each.is_mine for each in settings.sessions] == [True]


def test_what_is_gone_already_is_told_beside_its_list(settings: Settings) -> None:
    cause(settings, "revoke_key", 9)
    cause(settings, "revoke_session", 9)
    assert (settings.key_problem, settings.session_problem) == ("there is no key 9", "there is no session 9")


def test_older_lines_are_added_until_there_are_none(settings: Settings) -> None:
    assert settings.has_older
    cause(settings, "show_older")
    assert [each.id for each in settings.audit] == list(range(150, 0, -1))
    assert not settings.has_older


def test_lines_that_came_meanwhile_are_added_above_those_that_are_shown(
    settings: Settings, front_desk: FrontDesk
) -> None:
    cause(settings, "show_older")
    front_desk.last_line, front_desk.key_ids = 160, [1, 2]
    cause(settings, "refresh")
    assert len(settings.keys) == 2
    assert [each.id for each in settings.audit] == list(range(160, 0, -1))
    assert not settings.has_older


def test_an_open_page_keeps_no_more_lines_than_were_asked_for(
    settings: Settings, front_desk: FrontDesk
) -> None:
    for last in range(160, 500, 10):
        front_desk.last_line = last
        cause(settings, "refresh")
    assert [each.id for each in settings.audit] == list(range(490, 390, -1))
    assert settings.has_older
    cause(settings, "show_older")
    front_desk.last_line = 500
    cause(settings, "refresh")
    assert [each.id for each in settings.audit] == list(range(500, 300, -1))
    assert settings.has_older


def test_lines_that_would_leave_a_gap_are_shown_alone(settings: Settings, front_desk: FrontDesk) -> None:
    front_desk.last_line = 1_000
    cause(settings, "refresh")
    assert [each.id for each in settings.audit] == list(range(1_000, 900, -1))
    assert settings.has_older


@pytest.mark.parametrize(("who", "rooms"), [(OWNER, ["everyone", "access"]), (LOCAL, ["everyone"])])
def test_changes_are_told_to_those_who_may_see_them(
    front_desk: FrontDesk, who: Identity, rooms: list[str]
) -> None:
    desk = Rooms()
    use_backend(desk)  # pyright: ignore[reportArgumentType]
    entered_by(who)
    assert desk.joined == rooms
