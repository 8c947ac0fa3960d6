"""What waits in a file, delivered: in order, and once in effect, for each report has an event id."""

import time
from typing import Any, NamedTuple

from trainwatch.client.hook import Hook, RefusedError, UnreachedError
from trainwatch.client.spool_file import SpoolFile, Unsent

_TRIES = 5
_SHORTEST_REST_S = 0.2
_LONGEST_REST_S = 5.0
_PIECE_BYTES = 256 << 10

_Report = dict[str, Any]


class Delivery(NamedTuple):
    """What became of the content of one file."""

    unsent: Unsent
    """What it held."""
    delivered: int
    """How many reports the server has now."""
    refused: int
    """How many it will never take; they are set aside."""
    hindrance: str | None
    """Why the rest waits on; None if nothing does."""


class _HinderedError(Exception):
    """Nothing more can be delivered now."""


def deliver(file: SpoolFile, unsent: Unsent, hook: Hook) -> Delivery:
    """Send what `file` holds, which is `unsent`, and take it away; what cannot be sent now stays in it.

    Raises:
        OSError: If the file cannot be written.
    """
    left, log, hindrance = list(unsent.reports), unsent.log, None
    refused: list[tuple[_Report, str]] = []
    task_id = None
    try:
        while left:
            try:
                task_id = _post(hook, left[0]) or task_id
            except RefusedError as error:
                refused.append((left[0], str(error)))
            if len(left) == 1 and log and task_id is not None:
                _append(
                    hook, task_id, *log
                )  # the last report stays till then: it says of which task the log is
            del left[0]
    except _HinderedError as error:
        hindrance = str(error)
    if refused:
        file.set_aside(refused)
    if hindrance is None:
        file.remove()
    elif len(left) < len(unsent.reports):
        file.write(unsent._replace(reports=left))
    return Delivery(unsent, len(unsent.reports) - len(left) - len(refused), len(refused), hindrance)


def _post(hook: Hook, report: _Report) -> int:
    for tried in range(1, _TRIES + 1):
        try:
            return hook.post(report).task_id
        except UnreachedError as error:
            _rest(error, tried)
        except RefusedError as error:
            if error.for_good:  # that is nothing against this report
                raise _HinderedError(str(error)) from error
            raise
    raise AssertionError


def _append(hook: Hook, task_id: int, offset: int, data: bytes) -> None:
    """Append what was printed to the log of the task; a server that keeps no log of it needs none."""
    for at in range(0, len(data), _PIECE_BYTES):
        for tried in range(1, _TRIES + 1):
            try:
                hook.append(task_id, data[at : at + _PIECE_BYTES], offset=offset + at)
                break
            except UnreachedError as error:
                _rest(error, tried)
            except RefusedError:
                return


def _rest(error: UnreachedError, tried: int) -> None:
    """Wait for a server that does answer, and then does take more.

    Raises:
        _HinderedError: If it does not answer, or that was tried often enough.
    """
    if not error.answers or tried == _TRIES:
        raise _HinderedError(str(error)) from error
    time.sleep(min(max(_SHORTEST_REST_S * 2**tried, error.after_s), _LONGEST_REST_S))
