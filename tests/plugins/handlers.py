"""Every event that the framework and we have registered, with what it takes and the right it needs."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_LIST = """
import inspect, json
from typing import get_args
from trainwatch.ui.site import serving_site
with serving_site():
    import trainwatch.trainwatch
from reflex_base.registry import RegistrationContext
from trainwatch.ui.gate import right_of_event
print(json.dumps([
    {
        "name": name,
        "right": right_of_event(name),
        "ours": each.states[0].__module__.startswith("trainwatch."),
        "takes": {
            argument: str(parameter.annotation) if get_args(parameter.annotation)
            else getattr(parameter.annotation, "__name__", str(parameter.annotation))
            for argument, parameter in list(inspect.signature(each.handler.fn).parameters.items())[1:]
        },
    }
    for name, each in sorted(RegistrationContext.get().event_handlers.items())
]))
"""


@dataclass(frozen=True, slots=True)
class Handler:
    """An event that a page could name; `takes` are the types of its arguments, `right` None for nobody's."""

    name: str
    right: str | None
    ours: bool
    takes: dict[str, str]


def every_handler() -> list[Handler]:
    """Ask a fresh interpreter, as the server is one."""
    done = subprocess.run(
        [sys.executable, "-c", _LIST],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent.parent,
    )
    return [Handler(**facts) for facts in json.loads(done.stdout)]
