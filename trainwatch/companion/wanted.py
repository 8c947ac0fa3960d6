"""What was typed."""

from collections.abc import Sequence
from typing import NamedTuple

DEFAULT_URL = "http://127.0.0.1:62222"


class Wanted(NamedTuple):
    """A command, and the server that is to know of it.

    `key` is shown to that server, `run_id` tells this run from all others, and `keeps_log` says whether the server
    gets what is printed.
    """

    argv: Sequence[str]
    url: str
    run_id: str
    key: str | None = None
    name: str | None = None
    gpu: str | None = None
    grace_s: float = 15.0
    keeps_log: bool = True
