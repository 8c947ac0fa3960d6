"""The stages of an attempt, and how one follows the other."""

import signal
from enum import Enum

from trainwatch.supervisor.spec import LaunchSpec


class Stage(str, Enum):
    """Where an attempt is between its start and its end."""

    STARTING = "starting"
    RUNNING = "running"
    INTERRUPTING = "interrupting"
    """Asked to stop by SIGINT."""
    FINISHING = "finishing"
    """The job's own process has ended by itself; what it left behind has a moment to do the same."""
    TERMINATING = "terminating"
    """Asked to stop by SIGTERM."""
    KILLING = "killing"
    """Being ended by SIGKILL, again and again until nothing is left."""
    ENDED = "ended"


NEXT = {
    Stage.RUNNING: Stage.INTERRUPTING,
    Stage.INTERRUPTING: Stage.TERMINATING,
    Stage.FINISHING: Stage.TERMINATING,
    Stage.TERMINATING: Stage.KILLING,
}
"""What follows when a stage's time is over, or somebody cannot wait."""

SIGNALS = {
    Stage.INTERRUPTING: signal.SIGINT,
    Stage.TERMINATING: signal.SIGTERM,
    Stage.KILLING: signal.SIGKILL,
}
"""What everything that the job started is sent as a stage begins."""


def patience_s(stage: Stage, spec: LaunchSpec) -> float | None:
    """Return after how many seconds the next stage begins by itself; None if it does not."""
    return {
        Stage.INTERRUPTING: spec.grace_interrupt_s,
        Stage.FINISHING: spec.grace_leftovers_s,
        Stage.TERMINATING: spec.grace_terminate_s,
    }.get(stage)
