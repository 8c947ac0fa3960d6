"""`/settings`: who is signed in, the keys of programs, and what was done by whom."""

from typing import Any

import reflex as rx

from trainwatch.door.guard import SIGN_IN
from trainwatch.services.access_views import SCOPES, AuditView, KeyView, SessionView
from trainwatch.ui import routes
from trainwatch.ui.components.card import card
from trainwatch.ui.components.confirm import asking
from trainwatch.ui.components.local.parts import Ago, Icon
from trainwatch.ui.components.local.settings import KeyTrial, News, SignOut, Snippet
from trainwatch.ui.components.problem import problem
from trainwatch.ui.components.shell import shell
from trainwatch.ui.state.live import Live
from trainwatch.ui.state.settings import EXPIRIES, Settings
from trainwatch.ui.state.visitor import Visitor


def settings_page() -> rx.Component:
    """One column of cards; a visitor who may not manage the rest sees the first alone."""
    return shell(
        rx.el.div(
            rx.el.h1("Settings", class_name="page-title"),
            rx.cond(Settings.is_filled, _cards(), rx.el.div(class_name="card ghost-card", aria_busy="true")),
            class_name="settings",
        )
    )


def _cards() -> rx.Component:
    return rx.fragment(
        _you(),
        rx.cond(
            Visitor.may_admin,
            rx.fragment(
                News.create(frame=Live.access, on_news=Settings.refresh), _sessions(), _keys(), _audit()
            ),
            rx.el.p(
                "Sessions, keys and the audit log are shown to those who sign in and may manage them.",
                class_name="hint",
            ),
        ),
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
            SignOut.create(),
            rx.el.a("Sign in", href=f"{SIGN_IN}?next={routes.SETTINGS}", class_name="button is-primary"),
        ),
        name="settings-card",
    )


def _right(words: str) -> rx.Component:
    return rx.el.li(Icon.create(name="success"), words)


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
        rx.cond(
            Settings.sessions,
            rx.el.ul(rx.foreach(Settings.sessions, _session), class_name="settings-rows"),
            rx.el.p("No browser is signed in.", class_name="settings-none"),
        ),
        extra=rx.cond(Settings.has_other_sessions, others, rx.fragment()),
        name="settings-card",
    )


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
                rx.el.span("signed in ", Ago.create(at=session.signed_in_at)),
                rx.el.span("last seen ", Ago.create(at=session.last_seen_at)),
                class_name="settings-facts",
            ),
        ),
        rx.cond(session.is_mine, rx.fragment(), revoke),
    )


def _keys() -> rx.Component:
    new = rx.el.button("New key", type="button", class_name="button", on_click=Settings.begin_key)
    return card(
        "API keys",
        rx.el.p(
            "For programs: send one as ",
            rx.el.code("Authorization: Bearer …"),
            " or ",
            rx.el.code("X-API-Key"),
            ".",
            class_name="hint",
        ),
        rx.cond(Settings.is_making_key, _new_key_form(), problem(Settings.key_problem)),
        rx.cond(Settings.new_key, _new_key(), rx.fragment()),
        rx.cond(
            Settings.keys,
            rx.el.ul(rx.foreach(Settings.keys, _key), class_name="settings-rows"),
            rx.el.p("There is no key yet.", class_name="settings-none"),
        ),
        extra=rx.cond(Settings.is_making_key, rx.fragment(), new),
        name="settings-card",
    )


def _new_key_form() -> rx.Component:
    return rx.el.form(
        rx.el.label(
            rx.el.span("Label"),
            rx.el.input(
                name="label",
                placeholder="What is it for?",
                max_length=100,
                auto_complete="off",
                auto_focus=True,
                required=True,
            ),
            class_name="field",
        ),
        rx.el.fieldset(
            rx.el.legend("What it may do"),
            *[_scope(scope.value, words) for scope, words in SCOPES.items()],
            class_name="choices",
        ),
        rx.el.label(
            rx.el.span("Expires"),
            rx.el.span(
                rx.el.select(
                    *[rx.el.option(words.capitalize(), value=words) for words in EXPIRIES], name="expiry"
                ),
                class_name="select",
            ),
            class_name="field",
        ),
        problem(Settings.key_problem),
        rx.el.div(
            rx.el.button("Create key", type="submit", class_name="button is-primary"),
            rx.el.button(
                "Cancel", type="button", class_name="button is-quiet", on_click=Settings.give_up_key
            ),
            class_name="settings-acts",
        ),
        on_submit=_create_key,
        class_name="settings-form",
    )


def _create_key(form: rx.Var[dict[str, str]]) -> Any:
    """Hand over each field by itself, for a handler takes no dictionaries."""
    fields = form.to(dict[str, str])
    return Settings.create_key(fields["label"], fields["scope"], fields["expiry"])


def _scope(scope: str, words: str) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="scope", value=scope, default_checked=scope == "ingest"),
        rx.el.span(rx.el.strong(scope), rx.el.span(words)),
    )


def _new_key() -> rx.Component:
    return rx.el.div(
        rx.el.p(
            "The key ", rx.el.strong(Settings.new_key_label), " is ready. It is shown this once: copy it now."
        ),
        Snippet.create(label="Key", text=Settings.new_key),
        rx.cond(
            Settings.new_key_reports,
            KeyTrial.create(
                secret=Settings.new_key, path="/hook", body='{"taskName": "my first run", "progress": "45%"}'
            ),
            KeyTrial.create(secret=Settings.new_key, path="/api/me"),
        ),
        rx.el.div(
            rx.el.button(
                "I have copied it", type="button", class_name="button", on_click=Settings.dismiss_key
            )
        ),
        class_name="settings-new",
        role="status",
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
    used = rx.el.span("last used ", Ago.create(at=key.last_used_at))
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
                rx.el.span("made ", Ago.create(at=key.created_at)),
                rx.cond(key.last_used_at, used, rx.el.span("never used")),
                rx.el.span(key.expires, title=key.expires_at),
                class_name="settings-facts",
            ),
        ),
        revoke,
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
            rx.el.p("Nothing has been done yet.", class_name="settings-none"),
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
        rx.el.td(Ago.create(at=line.at), class_name="num"),
        rx.el.td(line.who, title=line.who_exactly),
        rx.el.td(line.what),
        rx.el.td(line.target),
        rx.el.td(line.address, class_name="num"),
    )
