"""Notifications over whatever page is open: each once, three at a time."""

from typing import Any

import reflex as rx

from trainwatch.ui.browser import toasts as store
from trainwatch.ui.browser.navigation import link
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import Notification
from trainwatch.ui.components.icon import icon
from trainwatch.ui.state.live import Live

_AT_ONCE = 3


@part
def toasts() -> rx.Component:
    """The oldest of them, and how many more there are."""
    shown = store.shown(rx.Var.create(Live.toasts), rx.Var.create(Live.joined))
    more = shown.length() - _AT_ONCE
    return rx.el.section(
        rx.foreach(shown[:_AT_ONCE], lambda note: _toast(held=note, key=Notification(note).id)),
        rx.cond(
            more > 0,
            rx.el.button(
                more,
                " more",
                type="button",
                class_name="toast-more",
                title="Close all",
                on_click=store.close_all(),
            ),
        ),
        class_name="toasts",
        aria_label="Notifications",
        aria_live="polite",
    )


@part
def _toast(held: rx.Var[dict[str, Any]]) -> rx.Component:
    """One notification, which goes by itself unless it is looked at."""
    note = Notification(held)
    return rx.el.div(
        rx.el.span(icon(note.level, size=16), class_name="notice-mark"),
        rx.el.div(
            rx.el.p(note.title, class_name="notice-title"),
            rx.cond(note.message, rx.el.p(note.message, class_name="notice-message")),
            rx.cond(
                note.task_id,
                link("Open task", to=f"/tasks/{note.task_id}", on_click=store.close(note.id)),
            ),
            class_name="toast-words",
        ),
        rx.el.button(
            icon("close"),
            type="button",
            class_name="button is-icon",
            aria_label="Close notification",
            on_click=store.close(note.id),
        ),
        class_name=f"toast is-{note.level} {store.leaving(note.id, note.level)}",
        on_mouse_enter=store.point_at(note.id),
        on_mouse_leave=store.point_at(None),
        on_focus=store.focus_on(note.id),
        on_blur=store.focus_on(None),
    )
