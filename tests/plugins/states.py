"""The page's states without a page: fresh ones, and a caller of one's choice."""

from typing import TypeVar

import reflex as rx

from trainwatch.door.identity import Identity

S = TypeVar("S", bound=rx.State)


class Callers:
    """Says of every socket that `who` is behind it."""

    def __init__(self, who: Identity) -> None:
        self.who = who

    def of(self, session_id: str) -> Identity:
        return self.who


def fresh(kind: type[S]) -> S:
    """Return a state of a tab that was just opened, among all the others."""
    tab = rx.State(_reflex_internal_init=True)  # pyright: ignore[reportCallIssue]
    state = tab.get_substate(kind.get_full_name().split("."))
    assert isinstance(state, kind)
    return state
