"""Asking a supervisor to stop its job."""

import contextlib
from pathlib import Path

from trainwatch.supervisor import folder as files
from trainwatch.supervisor.attempt import Attempt, Handle, adopt
from trainwatch.supervisor.bell import STOP_REQUEST
from trainwatch.supervisor.records import StopRequest
from trainwatch.supervisor.signalling import send


def request_stop(
    folder: Path | str, by: str, *, at: float, now: bool = False, over: str | None = None
) -> Attempt:
    """Ask that the job in `folder` stop, in the name of `by`, and return what was found there, without waiting.

    The first to ask is the one who stopped it. To ask again changes nothing, unless somebody cannot
    wait: with `now` the stage that the job is in ends at once (SIGINT, then SIGTERM, then SIGKILL),
    with `over` it does if it is that one. So a request over "running" never hurries one that is stopping.
    Only a `Handle` has somebody to ask; the pid of anything else is never signalled. `at` is in
    seconds since 1970.

    Raises:
        FileNotFoundError: If nobody ever described an attempt there.
        PermissionError: If the supervisor belongs to somebody else.
    """
    found = adopt(folder)
    if not isinstance(found, Handle):
        return found
    request = StopRequest(by, at, found.state.stage.value if now else over)
    with contextlib.suppress(OSError):  # on a full disk the job stops as well, and nobody knows by whom
        files.write(str(folder), files.STOP, request._asdict())
    if not send(found.supervisor, STOP_REQUEST):
        return adopt(folder)
    return found
