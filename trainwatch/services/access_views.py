"""Callers, sessions, keys and the audit log as the settings show them: in words, ready for display."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import humanize

from trainwatch.domain.audit import Actor, AuditEntry
from trainwatch.domain.credential import ApiKey, Scope, Session
from trainwatch.services.views import time_text

AUDIT_PAGE = 100

SCOPES: dict[Scope, str] = {
    Scope.READ: "Look at tasks, curves and GPUs; change nothing.",
    Scope.INGEST: "Send reports to /hook, and nothing else. For scripts that train.",
    Scope.TRAINING: "Run jobs as a training agent on another machine.",
    Scope.OPERATE: "Look, report, edit and delete; start and stop real jobs.",
    Scope.ADMIN: "Everything, these settings included.",
}
"""What a key of each scope may do, in a sentence."""

_RIGHTS = {
    "read": "look at tasks, curves and GPUs",
    "ingest": "send reports",
    "annotate": "edit titles, tags and notes, and ask a reported task to stop",
    "simulate": "run simulated jobs",
    "operate": "delete tasks, and start and stop real jobs",
    "agent": "run jobs as a training agent",
    "admin": "manage sessions and keys, and read the audit log",
}
_BROWSERS = {
    "Edge": r"\bEdg(e|A|iOS)?/",
    "Opera": r"\bOPR/",
    "Samsung Internet": r"\bSamsungBrowser/",
    "Firefox": r"\b(Firefox|FxiOS)/",
    "Chrome": r"\b(Chrome|CriOS|Chromium|HeadlessChrome)/",
    "Safari": r"\bVersion/\S+ .*Safari/",
}
_SYSTEMS = {
    "Android": r"\bAndroid\b",
    "iPhone": r"\biPhone\b",
    "iPad": r"\biPad\b",
    "Windows": r"\bWindows\b",
    "macOS": r"\bMac OS X\b|\bMacintosh\b",
    "ChromeOS": r"\bCrOS\b",
    "Linux": r"\bLinux\b",
}
_LONGEST_AGENT = 60
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class MeView:
    """Who is asking; `may` says each of the rights in words."""

    name: str = ""
    kind: str = ""
    signed_in: bool = False
    may: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, kw_only=True)
class SessionView:
    """A browser that is signed in; the times are ISO 8601."""

    id: int
    name: str
    browser: str
    browser_sent: str
    address: str
    signed_in_at: str
    last_seen_at: str
    is_mine: bool


@dataclass(frozen=True, kw_only=True)
class KeyView:
    """A key without its secret; the times are ISO 8601, an empty one is unknown or never."""

    id: int
    label: str
    scope: str
    may: str
    beginning: str
    created_at: str
    created_by: str
    last_used_at: str
    expires: str
    expires_at: str
    is_expired: bool


@dataclass(frozen=True, kw_only=True)
class AuditView:
    """A line of the audit log; `who_exactly` has the id of the session or key."""

    id: int
    at: str
    who: str
    who_exactly: str
    what: str
    target: str
    address: str


def me_view(actor: Actor, rights: Collection[str]) -> MeView:
    """Return a caller; rights that need no words, such as coming to the door, are left out."""
    may = [words for right, words in _RIGHTS.items() if right in rights]
    return MeView(name=actor.name, kind=actor.kind, signed_in=actor.kind == "session", may=may)


def session_view(session: Session, name: str, *, is_mine: bool) -> SessionView:
    """Return the session of the user of that name; `is_mine` if the caller looks through it."""
    return SessionView(
        id=session.id,
        name=name,
        browser=browser_in_words(session.browser),
        browser_sent=session.browser or "",
        address=session.address or "",
        signed_in_at=time_text(session.created_at) or "",
        last_seen_at=time_text(session.last_seen_at) or "",
        is_mine=is_mine,
    )


def key_view(key: ApiKey, *, now: datetime) -> KeyView:
    """Return a key as it stands `now`."""
    return KeyView(
        id=key.id,
        label=key.label,
        scope=key.scope.value,
        may=SCOPES[key.scope],
        beginning=f"tw_{key.scope}_{key.prefix}…",
        created_at=time_text(key.created_at) or "",
        created_by=key.created_by,
        last_used_at=time_text(key.last_used_at) or "",
        expires=_expiry(key.expires_at, now),
        expires_at=time_text(key.expires_at) or "",
        is_expired=key.expires_at is not None and key.expires_at <= now,
    )


def _expiry(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never expires"
    if at <= now:
        return f"expired {_span(now - at)} ago"
    return f"expires in {_span(at - now)}"


def _span(lasting: timedelta) -> str:
    if lasting > _DAY:
        lasting = round(lasting / _DAY) * _DAY  # a key that was made for 30 days a second ago lasts 30 days
    return humanize.naturaldelta(lasting, months=False)


def audit_view(entry: AuditEntry) -> AuditView:
    """Return a line of the audit log."""
    return AuditView(
        id=entry.id,
        at=time_text(entry.at) or "",
        who=f"key {entry.actor.name}" if entry.actor.kind == "key" else entry.actor.name,
        who_exactly=str(entry.actor),
        what=entry.action,
        target=entry.target,
        address=entry.actor.address or "",
    )


def browser_in_words(agent: str | None) -> str:
    """Return a User-Agent header as people say it, such as "Firefox on Linux"; shortened if it is not known."""
    if not agent:
        return "Unknown browser"
    browser = next((name for name, pattern in _BROWSERS.items() if re.search(pattern, agent)), None)
    system = next((name for name, pattern in _SYSTEMS.items() if re.search(pattern, agent)), None)
    if browser and system:
        return f"{browser} on {system}"
    return agent if len(agent) <= _LONGEST_AGENT else agent[: _LONGEST_AGENT - 1] + "…"
