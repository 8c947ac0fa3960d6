"""What the list is of: its title, the states with their counts, search and sort. All of it lives in the address."""

from typing import Any

import reflex as rx
from reflex.vars import FunctionVar, NumberVar

from trainwatch.ui.browser import overview
from trainwatch.ui.browser.format import counted
from trainwatch.ui.browser.part import part
from trainwatch.ui.components.task_parts import STATES

SORTS = {
    "running": "Running first",
    "updated": "Last heard",
    "created": "Newest",
    "title": "Title",
    "progress": "Progress",
    "eta": "Time left",
}


def list_title() -> rx.Component:
    """Which tasks the list is of."""
    return rx.el.h1(
        rx.cond(overview.query("archived", bool), "Archived tasks", "Tasks"), class_name="page-title"
    )


def status_tabs() -> rx.Component:
    """The states with their counts, and the archived tasks where there are any."""
    return rx.el.div(
        _all_tab(),
        *(_state_tab(status=status, label=label) for status, label in STATES.items()),
        _archived_tab(),
        class_name="tabs",
        role="group",
        aria_label="Filter by state",
    )


@part
def _all_tab() -> rx.Component:
    count = overview.count_of_all()
    return _tab("All", count, is_on=overview.query("status", str) == "", on_click=overview.ask(status=""))


@part
def _state_tab(status: rx.Var[str], label: rx.Var[str]) -> rx.Component:
    """One state; lost tasks only where there are some, or they are asked for."""
    is_on, count = overview.query("status", str) == status, overview.count(status)
    tab = _tab(label, count, is_on=is_on, on_click=overview.ask(status=rx.cond(is_on, "", status)))
    return rx.cond((status != "lost") | (count > 0) | is_on, tab)


@part
def _archived_tab() -> rx.Component:
    is_on, count = overview.query("archived", bool), overview.count_of_archived()
    tab = _tab("Archived", count, is_on=is_on, on_click=overview.ask(archived=~is_on), name="tab is-apart")
    return rx.cond((count > 0) | is_on, tab)


def _tab(
    label: str | rx.Var[str],
    count: NumberVar[int],
    *,
    is_on: rx.Var[bool],
    on_click: FunctionVar[Any],
    name: str = "tab",
) -> rx.Component:
    is_known = overview.is_counted()
    return rx.el.button(
        label,
        rx.el.span(rx.cond(is_known, counted(count), ""), class_name="num count"),
        type="button",
        class_name=name,
        on_click=on_click,
        custom_attrs={"aria-pressed": is_on, "data-empty": is_known & (count == 0)},
    )


def finders() -> rx.Component:
    """Search and sort."""
    return rx.el.div(Search.create(label="Search tasks", placeholder="Search"), _sort(), class_name="finders")


class Search(rx.Component):
    """The search of the list; the key "/" leads there."""

    library = "$/public/search.jsx"
    tag = "Search"
    label: rx.Var[str]
    placeholder: rx.Var[str]


@part
def _sort() -> rx.Component:
    return rx.el.label(
        rx.el.span("Sort by", class_name="sr"),
        rx.el.select(
            *(rx.el.option(label, value=value) for value, label in SORTS.items()),
            value=overview.query("sort", str),
            on_change=overview.ask_with("sort"),
        ),
        class_name="select",
    )
