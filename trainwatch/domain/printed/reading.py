"""What one rule makes of one line, before it is known where the job stands."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

Scope = Literal["unsaid", "run", "epoch", "epochs", "validation", "aside"]
"""What `done` of `total` counts: the line does not say, steps of the whole run, steps of this epoch, epochs,
steps of a validation, or something that is no training (a download)."""

NOTHING: Mapping[str, float] = MappingProxyType({})


class Reading(NamedTuple):
    """A line as its rule understood it, numbers as they were printed.

    `epoch` is the one that is being worked on, counted as the program counts. `epochs_passed` (from 0, may be a
    fraction) is how many are behind; it says nothing of how progress is counted. `last_epoch` is the number of
    the last, counted likewise; `total_epochs` a true count. `counter` tells several bars apart.
    """

    metrics: Mapping[str, float] = NOTHING
    scope: Scope = "unsaid"
    done: int | None = None
    total: int | None = None
    counter: str = ""
    epoch: int | None = None
    last_epoch: int | None = None
    total_epochs: int | None = None
    epochs_passed: float | None = None
    fraction: float | None = None
    eta_seconds: float | None = None
    failure: str | None = None
