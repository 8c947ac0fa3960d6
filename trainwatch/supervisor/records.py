"""What the files of an attempt's folder say. Moments are seconds since 1970, of the machine's own clock."""

from typing import Any, NamedTuple, TypeVar

from trainwatch.supervisor.stage import Stage


class StopRequest(NamedTuple):
    """Somebody's wish that the job stop (stop.json).

    `over` is the only stage that is to end at once; None: any in which nobody has asked the job to end.
    """

    by: str
    at: float
    over: str | None = None


class State(NamedTuple):
    """Where an attempt is (state.json). The first one is the supervisor's claim to the folder.

    `stop_requested` with `stopped_by` None: the supervisor itself was told to end, by the host.
    """

    boot_id: str
    supervisor_pid: int
    supervisor_start: int
    stage: Stage
    stage_since: float
    stage_ends_at: float | None = None
    job_pid: int | None = None
    job_start: int | None = None
    started_at: float | None = None
    stop_requested: bool = False
    stopped_by: str | None = None


class Exit(NamedTuple):
    """How an attempt ended (exit.json); written once.

    `code` or `signal` is that of the job's own process, both None if it was never started or nobody
    knows. `stopped` says that it was asked to stop while it ran: by `stopped_by`, or by the host if
    that is None. `oom_kills` counts what the kernel killed for want of memory meanwhile, None if it
    does not tell. `leftovers` counts processes that outlived the job's own one and had to be ended,
    `out_of_reach` those that we were not permitted to end. `log_lost_bytes` could not be written.
    """

    boot_id: str
    finished_at: float
    started_at: float | None = None
    code: int | None = None
    signal: int | None = None
    core_dumped: bool = False
    stopped: bool = False
    stopped_by: str | None = None
    last_stage: str = Stage.RUNNING.value
    oom_kills: int | None = None
    leftovers: int = 0
    out_of_reach: int = 0
    log_bytes: int = 0
    log_lost_bytes: int = 0
    launch_error: str | None = None
    lost: str | None = None


R = TypeVar("R", StopRequest, State, Exit)


def record_from(kind: type[R], raw: dict[str, Any]) -> R:
    """Return the record that a file holds; fields of a later version are left out.

    Raises:
        ValueError: If it holds no such record.
    """
    known = {name: raw[name] for name in kind._fields if name in raw}
    try:
        if "stage" in known:
            known["stage"] = Stage(known["stage"])
        return kind(**known)
    except TypeError as error:
        raise ValueError(f"this is no {kind.__name__}: {error}") from error
