"""The demo, for who has no training at hand: its beginning, and what a list says of it."""

import reflex as rx

from trainwatch.ui.browser import overview
from trainwatch.ui.browser.part import part
from trainwatch.ui.components.icon import icon
from trainwatch.ui.components.problem import problem
from trainwatch.ui.state.jobs import Demo
from trainwatch.ui.state.visitor import Visitor


def start_demo() -> rx.Component:
    """The button that begins it."""
    return rx.el.button(
        icon("running", size=14),
        " Start a demo",
        type="button",
        class_name="button",
        title="Three simulated jobs; one click removes them again",
        on_click=Demo.begin,
    )


def demo_note() -> rx.Component:
    """That the demo is one, with the way to be rid of it; nothing while there is none."""
    return rx.fragment(problem(Demo.problem), _note())


@part
def _note() -> rx.Component:
    shown = overview.demo_jobs()
    return rx.cond(
        shown > 0,
        rx.el.div(
            rx.el.p(
                rx.cond(shown == 1, "One job is a demo", f"{shown} jobs are a demo"),
                ": nothing is really trained.",
            ),
            rx.el.button(
                "Remove demo",
                type="button",
                class_name=f"button is-small {rx.cond(Visitor.may_simulate, '', 'is-awaited')}",
                on_click=Demo.remove,
            ),
            class_name="demo-note",
        ),
    )
