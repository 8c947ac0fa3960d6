"""Which right each event handler needs. A handler that names none is refused by the door."""

from collections.abc import Callable
from typing import Any, TypeVar

from trainwatch.door.rights import Right

Handler = TypeVar("Handler", bound=Callable[..., Any])

_NEEDED: dict[Callable[..., Any], Right] = {}


def needs(right: Right) -> Callable[[Handler], Handler]:
    """Say that the decorated event handler needs `right`. Goes beneath `@rx.event`."""

    def remember(handler: Handler) -> Handler:
        _NEEDED[handler] = right
        return handler

    return remember


def right_of(handler: Callable[..., Any]) -> Right | None:
    """Return the right that a handler's plain function (`EventHandler.fn`) needs; None if it names none."""
    return _NEEDED.get(handler)
