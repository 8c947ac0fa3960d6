"""The dashboard's only concern with the server: which rooms it listens to."""

import reflex as rx

from trainwatch.door.rights import Right
from trainwatch.ui.rooms import EVERYONE, OVERVIEW
from trainwatch.ui.state.backend import backend
from trainwatch.ui.state.rights import needs
from trainwatch.ui.state.visitor import greet


class Dashboard(rx.State):
    """Everything that the dashboard shows comes by HTTP and by frames."""

    @rx.event
    @needs(Right.READ)
    async def enter(self) -> None:
        """Listen to all tasks and to the notifications."""
        await greet(self)
        await backend().join(self.router.session.session_id, [EVERYONE, OVERVIEW])


class Elsewhere(rx.State):
    """A page about no task, such as the one for an unknown address."""

    @rx.event
    @needs(Right.READ)
    async def enter(self) -> None:
        """Listen to the notifications only."""
        await greet(self)
        await backend().join(self.router.session.session_id, [EVERYONE])
