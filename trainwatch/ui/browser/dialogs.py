"""Dialogs that are opened by their ids."""

from typing import Any

from reflex.vars import FunctionVar

from trainwatch.ui.browser.script import function, handler


def open_dialog(name: str) -> FunctionVar[Any]:
    """Return an event handler that opens the dialog of that id."""
    return handler(function("dialogs.js", "openDialog").call(name))
