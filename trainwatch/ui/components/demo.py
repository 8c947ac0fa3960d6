"""What a list says of the demo: that it is one, how to be rid of it, and what went wrong with it."""

import reflex as rx

from trainwatch.ui.components.local.lists import DemoNote
from trainwatch.ui.components.problem import problem
from trainwatch.ui.state.jobs import Demo
from trainwatch.ui.state.visitor import Visitor


def demo_note() -> rx.Component:
    """Shows nothing while there is no demo."""
    return rx.fragment(
        problem(Demo.problem),
        DemoNote.create(simulate=Visitor.may_simulate, on_remove=Demo.remove),
    )
