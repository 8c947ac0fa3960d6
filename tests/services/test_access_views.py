from datetime import UTC, datetime, timedelta

import pytest

from trainwatch.domain.audit import CONSOLE, Actor, AuditEntry
from trainwatch.domain.credential import ApiKey, Scope, Session
from trainwatch.door.rights import ON_THIS_MACHINE, Right, rights_of
from trainwatch.services.access_views import (
    SCOPES,
    audit_view,
    browser_in_words,
    key_view,
    me_view,
    session_view,
)

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"


def key(**changes):
    facts = {
        "id": 3,
        "prefix": "ab12cd34",
        "digest": "0" * 64,
        "scope": Scope.INGEST,
        "label": "cluster",
        "created_at": NOW,
        "created_by": "command line",
    }
    return ApiKey(**{**facts, **changes})


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (CHROME, "Chrome on Windows"),
        (f"{CHROME} Edg/126.0.0.0", "Edge on Windows"),
        (f"{CHROME} OPR/112.0.0.0", "Opera on Windows"),
        (f"{MAC} Version/17.5 Safari/605.1.15", "Safari on macOS"),
        (PHONE, "Chrome on Android"),
        (f"{IPHONE} Version/17.5 Mobile/15E148 Safari/604.1", "Safari on iPhone"),
        (f"{IPHONE} FxiOS/127.0 Mobile/15E148 Safari/605.1.15", "Firefox on iPhone"),
        ("curl/8.5.0", "curl/8.5.0"),
        ("x" * 61, "x" * 59 + "…"),
        (None, "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_a_browser_is_named_as_people_say_it(agent, words):
    assert browser_in_words(agent) == words


@pytest.mark.parametrize(
    ("expires_at", "words", "is_expired"),
    [
        (None, "never expires", False),
        (NOW + timedelta(days=30), "expires in 30 days", False),
        (NOW + timedelta(days=30, seconds=-1), "expires in 30 days", False),
        (NOW + timedelta(hours=23), "expires in 23 hours", False),
        (NOW + timedelta(seconds=1), "expires in a second", False),
        (NOW, "expired a moment ago", True),
        (NOW - timedelta(days=3), "expired 3 days ago", True),
    ],
)
def test_a_key_says_until_when_it_is_good(expires_at, words, is_expired):
    view = key_view(key(expires_at=expires_at), now=NOW)
    assert (view.expires, view.is_expired) == (words, is_expired)


def test_a_key_shows_how_it_begins_and_nothing_that_lets_anybody_in():
    view = key_view(key(digest="5ec2e7"), now=NOW)
    assert view.beginning == "tw_ingest_ab12cd34…"
    assert "5ec2e7" not in repr(view)


def test_a_key_that_was_never_used_has_no_time_of_use():
    assert key_view(key(), now=NOW).last_used_at == ""


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_is_told_in_a_sentence(scope):
    assert SCOPES[scope].endswith(".")


@pytest.mark.parametrize("right", set(Right) - {Right.ENTER})
def test_every_right_is_told_in_words(right):
    assert len(me_view(CONSOLE, [right]).may) == 1


def test_who_is_on_this_machine_is_not_signed_in_and_may_not_manage():
    view = me_view(Actor("local", "this machine"), ON_THIS_MACHINE)
    assert not view.signed_in
    assert not any("keys" in words for words in view.may)


def test_a_session_of_an_administrator_may_everything():
    view = me_view(Actor("session", "owner", 1), rights_of(Scope.ADMIN))
    assert view.signed_in
    assert len(view.may) == len(Right) - 1


def test_a_session_shows_no_secret():
    session = Session(
        id=7,
        user_id=1,
        digest="5ec2e7",
        address=None,
        browser=FIREFOX,
        created_at=NOW,
        last_seen_at=NOW,
        expires_at=NOW,
    )
    view = session_view(session, "owner", is_mine=True)
    assert "5ec2e7" not in repr(view)
    assert (view.browser, view.address, view.signed_in_at) == (
        "Firefox on Linux",
        "",
        "2026-01-31T12:00:00.000Z",
    )


@pytest.mark.parametrize(
    ("actor", "who", "who_exactly"),
    [
        (Actor("session", "owner", 7, "10.0.0.1"), "owner", "session 7 (owner)"),
        (Actor("key", "cluster", 3), "key cluster", "key 3 (cluster)"),
        (CONSOLE, "command line", "command line"),
    ],
)
def test_the_audit_log_says_who_in_short_and_exactly(actor, who, who_exactly):
    view = audit_view(AuditEntry(id=1, at=NOW, actor=actor, action="signed in", target="with a link"))
    assert (view.who, view.who_exactly, view.address) == (who, who_exactly, actor.address or "")
