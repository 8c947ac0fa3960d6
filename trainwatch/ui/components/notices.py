"""What happened lately, in the rail of the dashboard."""

import reflex as rx

from trainwatch.ui.browser import overview
from trainwatch.ui.browser.clock import ago
from trainwatch.ui.browser.navigation import follow, link
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import Notification
from trainwatch.ui.components.icon import icon

SHOWN = 12


@part
def notices() -> rx.Component:
    """The latest, or why there are none."""
    notes, problem = overview.notifications(), overview.problem()
    return rx.cond(
        overview.loaded(),
        rx.cond(
            notes.length() > 0,
            rx.el.ol(
                rx.foreach(
                    notes[:SHOWN],
                    lambda note: notice(note_id=Notification(note).id, key=Notification(note).id),
                ),
                class_name="notices card",
                aria_label="Notifications",
            ),
            rx.cond(
                problem,
                rx.el.p("Not known: ", problem, class_name="hint"),
                rx.el.p("Starts, ends and messages are listed here.", class_name="hint"),
            ),
        ),
        rx.el.div(class_name="card ghost-card", aria_busy="true"),
    )


@part
def notice(note_id: rx.Var[int]) -> rx.Component:
    """One notification; one of a task leads to it."""
    note = overview.notification(note_id)
    to = f"/tasks/{note.task_id}"
    return rx.el.li(
        rx.el.span(icon(note.level, size=14), class_name="notice-mark"),
        rx.el.div(
            rx.el.p(rx.cond(note.task_id, link(note.title, to=to), note.title), class_name="notice-title"),
            rx.cond(note.message, rx.el.p(note.message, class_name="notice-message")),
        ),
        ago(at=note.created_at, class_name="caption num"),
        class_name=f"notice is-{note.level}" + rx.cond(note.task_id, " leads", "").to(str),
        on_click=follow(to, where=note.task_id),
    )
