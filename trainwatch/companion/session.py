"""The whole of `trainwatch run`: from what was typed to the exit code."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NoReturn

from trainwatch.companion.child import NotStartedError, start
from trainwatch.companion.copying import Copy
from trainwatch.companion.hearing import Hearing
from trainwatch.companion.outlets import Outlet, open_outlets
from trainwatch.companion.pump import Pump
from trainwatch.companion.signals import ENDING, NAME, die_of, hold
from trainwatch.companion.wanted import Wanted
from trainwatch.companion.watch import Watch
from trainwatch.supervisor.linux import collect_orphans, take_name
from trainwatch.supervisor.memory import oom_kills
from trainwatch.supervisor.tree import Tree

PATIENCE_S = 5.0
"""How long a command that has ended is kept from its shell by a server that does not answer."""

_HEARD_WITHIN_S = 2.0
_SWITCH_INTERVAL_S = 0.0005  # so long, not ten times as long, may reading keep a line from being passed on


def run(wanted: Wanted) -> NoReturn:
    """Run the command as if it had been started without us, and end as it ends.

    It is started before anything else is even imported, and nothing that can fail for another reason than
    the command itself is in its way.
    """
    watched, mask = hold()
    sys.setswitchinterval(_SWITCH_INTERVAL_S)
    take_name(NAME)
    is_impatient = partial(_has_come, watched & ENDING)
    outlets = open_outlets()
    collects_orphans = collect_orphans()
    try:
        pid = start(
            wanted.argv,
            outlets,
            environment(wanted, os.environ, buffers=outlets[0].is_terminal),
            signal_mask=mask,
        )
    except NotStartedError as error:
        _report_no_start(wanted, error, is_impatient)
        os._exit(error.code)
    watch = Watch(Tree(pid, collects_orphans=collects_orphans), watched, outlets, grace_s=wanted.grace_s)
    _attend(wanted, watch, outlets, is_impatient)


def _attend(
    wanted: Wanted, watch: Watch, outlets: Sequence[Outlet], is_impatient: Callable[[], bool]
) -> NoReturn:
    """Carry, read and report what the command prints, see it through to its end, and end likewise."""
    hearing, copy = Hearing(len(outlets)), Copy(len(outlets))
    pump = _start_pump(outlets, hearing, copy if wanted.keeps_log else None)

    from trainwatch.companion.ending import ending_of  # noqa: PLC0415 - the command shall not wait for these
    from trainwatch.companion.telling import Telling, tell_of_fault  # noqa: PLC0415

    threading.excepthook = lambda fault: tell_of_fault(fault.exc_value)
    killed_before = oom_kills()
    telling = Telling(wanted, watch.stop, copy.belong_to)
    telling.begin()
    hearing.start(telling.measure)
    copy.start(telling.another_hook())
    status = watch.run(telling.say, telling.deliver)
    _finish(pump, is_impatient)
    hearing.finish(_HEARD_WITHIN_S)
    ending = ending_of(
        status,
        stopped=watch.was_stopped,
        signalled=watch.signalled,
        killed_for_memory=oom_kills() != killed_before,
        failure=hearing.failure,
    )
    until = time.monotonic() + PATIENCE_S
    try:
        if telling.end(ending.status, ending.reason, is_impatient, PATIENCE_S, copy.rest):
            copy.finish(until - time.monotonic(), is_impatient)
    except Exception as error:  # noqa: BLE001 - the exit code is the command's, whatever fails here
        tell_of_fault(error)
    if ending.signal == signal.SIGINT and signal.SIGINT in watch.signalled:
        die_of(signal.SIGINT)
    os._exit(ending.code)


def environment(wanted: Wanted, ours: Mapping[str, str], *, buffers: bool) -> dict[str, str]:
    """Return the environment of the command: ours, and where and as what it may report by itself.

    Python keeps back what it prints into a pipe, and nobody would see how it goes; so unless it may buffer,
    or the user has said anything on that, it is told not to.
    """
    merged = {**ours, "TRAINWATCH_URL": wanted.url, "TRAINWATCH_RUN_ID": wanted.run_id}
    if not buffers:
        merged.setdefault("PYTHONUNBUFFERED", "1")
    return merged


def _start_pump(outlets: Sequence[Outlet], hearing: Hearing, copy: Copy | None) -> Pump:
    def hear(channel: int, data: bytes) -> None:
        hearing.hear(channel, data)
        if copy is not None:
            copy.take(data, channel)

    pump = Pump(outlets, hear)
    for outlet in outlets:
        outlet.give_away()
    pump.start()
    return pump


def _finish(pump: Pump, is_impatient: Callable[[], bool]) -> None:
    """Wait until everything that was printed is where it belongs, however long that takes others to read."""
    pump.finish()
    while pump.is_alive() and not is_impatient():
        pump.join(0.1)


def _report_no_start(wanted: Wanted, error: NotStartedError, is_impatient: Callable[[], bool]) -> None:
    from trainwatch.companion.telling import Telling, tell_user  # noqa: PLC0415

    tell_user(str(error))
    telling = Telling(wanted, lambda: None)
    telling.begin()
    telling.end("failed", f"could not be started: {error}", is_impatient, PATIENCE_S, lambda: None)


def _has_come(wished: frozenset[int]) -> bool:
    """Say whether somebody wants us to end now."""
    return bool(wished) and signal.sigtimedwait(wished, 0) is not None
