"""`/settings`: who is signed in, the keys of programs, and what was done by whom."""

from collections.abc import Callable
from typing import Any

import reflex as rx

from trainwatch.door.guard import SIGN_IN
from trainwatch.services.access_views import SCOPES, AuditView, KeyView, SessionView
from trainwatch.ui import routes
from trainwatch.ui.browser.clock import ago
from trainwatch.ui.components.account import sign_out
from trainwatch.ui.components.card import card
from trainwatch.ui.components.confirm import asking
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.local.lasting import Lasting
from trainwatch.ui.components.local.settings import KeyCard, News
from trainwatch.ui.components.problem import problem
from trainwatch.ui.components.shell import shell
from trainwatch.ui.state.live import Live
from trainwatch.ui.state.settings import EXPIRIES, Settings


def settings_page() -> rx.Component:
    """One column of cards; a visitor who may not manage the rest sees the first alone."""
    return shell(
        rx.el.div(
            rx.el.h1("Settings", class_name="page-title"),
            rx.cond(Settings.is_filled, _you(), rx.el.div(class_name="card ghost-card", aria_busy="true")),
            _managed(),
            class_name="settings",
        )
    )


def _managed() -> rx.Component:
    return Lasting.create(
        News.create(frame=Live.access, on_news=Settings.refresh),
        _sessions(),
        _keys(),
        _audit(),
        of=Settings.manager,
        otherwise="Sessions, keys and the audit log are shown to those who sign in and may manage them.",
        on_leave=Settings.leave,
    )


def _you() -> rx.Component:
    known = rx.el.p("Signed in as ", rx.el.strong(Settings.me.name), ". You may:")
    unknown = rx.el.p("Not signed in. Like anyone on this machine, you may:")
    return card(
        "You",
        rx.cond(Settings.me.signed_in, known, unknown),
        rx.el.ul(rx.foreach(Settings.me.may, _right), class_name="settings-may"),
        extra=rx.cond(
            Settings.me.signed_in,
            rx.el.button("Sign out", type="button", class_name="button", on_click=sign_out()),
            rx.el.a("Sign in", href=f"{SIGN_IN}?next={routes.SETTINGS}", class_name="button is-primary"),
        ),
        name="settings-card",
    )


def _right(words: str) -> rx.Component:
    return rx.el.li(icon("success"), words)


def _sessions() -> rx.Component:
    others = asking(
        "revoke-others",
        "Revoke all others",
        title="Sign every other browser out?",
        words="Only this browser stays signed in.",
        act="Revoke all others",
        on_act=Settings.revoke_other_sessions,
    )
    return card(
        "Sessions",
        rx.el.p("The browsers that are signed in.", class_name="hint"),
        problem(Settings.session_problem),
        _rows(Settings.sessions, _session, none="No browser is signed in."),
        extra=rx.cond(Settings.has_other_sessions, others, rx.fragment()),
        name="settings-card",
    )


def _rows(rows: Any, row: Callable[[Any], rx.Component], *, none: str) -> rx.Component:
    return rx.cond(rows, rx.el.ul(rx.foreach(rows, row), class_name="settings-rows"), _none(none))


def _none(words: str) -> rx.Component:
    """Say that there are none; a server that was started again does not know it yet."""
    return rx.cond(Settings.is_filled, rx.el.p(words, class_name="settings-none"), rx.fragment())


def _session(session: SessionView) -> rx.Component:
    revoke = asking(
        f"revoke-session-{session.id}",
        "Revoke",
        title=f"Sign out {session.browser}?",
        words=f"It is signed in as {session.name} and shows the sign-in page at once.",
        act="Revoke",
        on_act=Settings.revoke_session(session.id),
    )
    mine = rx.el.span("This browser", class_name="badge is-complete is-plain")
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(session.browser, title=session.browser_sent),
                rx.cond(session.is_mine, mine, rx.fragment()),
                class_name="settings-name",
            ),
            rx.el.p(
                rx.el.span(session.name),
                rx.cond(session.address, rx.el.span(session.address, class_name="num"), rx.fragment()),
                rx.el.span("signed in ", ago(at=session.signed_in_at, class_name="")),
                rx.el.span("last seen ", ago(at=session.last_seen_at, class_name="")),
                class_name="settings-facts",
            ),
        ),
        rx.cond(session.is_mine, rx.fragment(), revoke),
        key=f"{session.id}",  # else a dialog that is open would ask about whatever row takes its place
    )


def _keys() -> rx.Component:
    return KeyCard.create(
        problem(Settings.key_problem),
        _rows(Settings.keys, _key, none="There is no key yet."),
        scopes={scope.value: words for scope, words in SCOPES.items()},
        expiries=list(EXPIRIES),
        answer=Settings.key_answer,
        on_create=Settings.create_key,
        on_taken=Settings.forget_key,
    )


def _key(key: KeyView) -> rx.Component:
    revoke = asking(
        f"revoke-key-{key.id}",
        "Revoke",
        title=f"Revoke {key.label}?",
        words="Programs that use this key are refused at once. This cannot be undone.",
        act="Revoke",
        on_act=Settings.revoke_key(key.id),
    )
    used = rx.el.span("last used ", ago(at=key.last_used_at, class_name=""))
    return rx.el.li(
        rx.el.div(
            rx.el.p(
                rx.el.strong(key.label, title=f"Made by {key.created_by}"),
                rx.el.span(key.scope, class_name="tag", title=key.may),
                rx.cond(key.is_expired, rx.el.span("Expired", class_name="badge is-failed is-plain"), ""),
                class_name="settings-name",
            ),
            rx.el.p(
                rx.el.code(key.beginning),
                rx.el.span("made ", ago(at=key.created_at, class_name="")),
                rx.cond(key.last_used_at, used, rx.el.span("never used")),
                rx.el.span(key.expires, title=key.expires_at),
                class_name="settings-facts",
            ),
        ),
        revoke,
        key=f"{key.id}",
    )


def _audit() -> rx.Component:
    return card(
        "Audit log",
        rx.el.p("Who did what. Lines are added, and never changed or removed.", class_name="hint"),
        rx.cond(
            Settings.audit,
            rx.el.div(
                rx.el.table(
                    rx.el.thead(
                        rx.el.tr(*[rx.el.th(head) for head in ("When", "Who", "What", "Target", "From")])
                    ),
                    rx.el.tbody(rx.foreach(Settings.audit, _line)),
                    class_name="audit",
                ),
                class_name="settings-scroll",
            ),
            _none("Nothing has been done yet."),
        ),
        rx.cond(
            Settings.has_older,
            rx.el.button("Older", type="button", class_name="button is-small", on_click=Settings.show_older),
            rx.fragment(),
        ),
        name="settings-card",
    )


def _line(line: AuditView) -> rx.Component:
    return rx.el.tr(
        rx.el.td(ago(at=line.at, class_name=""), class_name="num"),
        rx.el.td(line.who, title=line.who_exactly),
        rx.el.td(line.what),
        rx.el.td(line.target),
        rx.el.td(line.address, class_name="num"),
        key=f"{line.id}",
    )
