"""What is kept of a tab lasts as long as its socket and some minutes more, and no caller leaves much behind."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
import reflex as rx
from reflex.istate.manager.token import BaseStateToken
from reflex_base.registry import RegistrationContext

from trainwatch.ui.tab_states import KEPT_S, TabStates

MOST_LEFT = 3
DAYS_S = 10 * 86_400.0


@dataclass
class Tabs:
    """An app of Reflex, whose tabs come and go at a time that a test moves."""

    now: float = 1_000.0
    app: rx.App = field(default_factory=rx.App)

    def __post_init__(self) -> None:
        self.states = TabStates(
            self.app, lambda sid: sid.partition(" ")[0], most_left=MOST_LEFT, clock=lambda: self.now
        )

    def token(self, name: str) -> BaseStateToken:
        assert self.app._state is not None
        return BaseStateToken(ident=name, cls=self.app._state)

    async def open(self, name: str, *, by: str = "alice") -> str:
        """Let a tab connect, as Reflex does; return the id of its socket."""
        sid = f"{by} {name} {self.now}"
        assert self.app.event_namespace is not None
        await self.app.event_namespace.link_token_to_sid(sid, name)
        return sid

    async def close(self, sid: str) -> None:
        self.states.leave(sid)
        assert self.app.event_namespace is not None
        task = self.app.event_namespace.on_disconnect(sid)
        assert task is not None
        await task

    @property
    def kept(self) -> set[str]:
        """The tabs that have a state."""
        return set(self.app.state_manager.states)  # type: ignore[attr-defined]


@pytest.fixture
def play() -> Callable[[Callable[[Tabs], Awaitable[None]]], None]:
    def run(scene: Callable[[Tabs], Awaitable[None]]) -> None:
        async def whole() -> None:
            with RegistrationContext.ensure_context().fork():  # there may be one app in each
                tabs = Tabs()
                await scene(tabs)
                await tabs.app.state_manager.close()

        asyncio.run(whole())

    return run


Play = Callable[[Callable[[Tabs], Awaitable[None]]], None]


def test_a_tab_is_kept_for_as_long_as_its_socket_is_open(play: Play):
    async def scene(tabs: Tabs) -> None:
        await tabs.open("open")
        tabs.now += DAYS_S
        await tabs.states.step()
        assert tabs.kept == {"open"}

    play(scene)


def test_a_tab_that_left_is_kept_for_some_minutes(play: Play):
    async def scene(tabs: Tabs) -> None:
        await tabs.close(await tabs.open("left"))
        tabs.now += KEPT_S - 1
        await tabs.states.step()
        assert tabs.kept == {"left"}
        tabs.now += 1
        await tabs.states.step()
        assert tabs.kept == set()

    play(scene)


def test_a_tab_that_came_back_is_kept(play: Play):
    async def scene(tabs: Tabs) -> None:
        await tabs.close(await tabs.open("back"))
        tabs.now += KEPT_S / 2
        again = await tabs.open("back")
        tabs.now += DAYS_S
        await tabs.states.step()
        assert tabs.kept == {"back"}
        await tabs.close(again)
        tabs.now += KEPT_S - 1
        await tabs.states.step()
        assert tabs.kept == {"back"}

    play(scene)


def test_of_the_tabs_that_a_caller_left_the_last_ones_are_kept_and_the_open_and_anothers(play: Play):
    async def scene(tabs: Tabs) -> None:
        await tabs.open("open")
        await tabs.close(await tabs.open("bobs", by="bob"))
        for number in range(20):
            await tabs.close(await tabs.open(f"tab {number}"))
        await tabs.open("tab 17")
        await tabs.close(await tabs.open("last"))
        assert tabs.kept == {"open", "bobs", "tab 17", "tab 18", "tab 19", "last"}

    play(scene)


def test_what_becomes_known_after_a_tab_has_left_is_forgotten_as_well(play: Play):
    async def scene(tabs: Tabs) -> None:
        await tabs.app.state_manager.get_state(tabs.token("late"))
        await tabs.states.step()
        tabs.now += KEPT_S
        await tabs.states.step()
        assert tabs.kept == set()

    play(scene)


def test_a_tab_whose_event_is_being_dealt_with_is_forgotten_afterwards(play: Play):
    async def scene(tabs: Tabs) -> None:
        await tabs.close(await tabs.open("busy"))
        tabs.now += KEPT_S
        async with tabs.app.state_manager.modify_state(tabs.token("busy")):
            await tabs.states.step()
            assert tabs.kept == {"busy"}
        await tabs.states.step()
        assert tabs.kept == set()

    play(scene)
