"""The life of one attempt, from the moment its process runs until nothing of it is left."""

import os
import select
import signal
import time

from trainwatch.supervisor import folder
from trainwatch.supervisor.bell import HOST_STOPS, STOP_REQUEST, Bell
from trainwatch.supervisor.mishap import note_mishap
from trainwatch.supervisor.output import Output
from trainwatch.supervisor.records import Exit, State, StopRequest, record_from
from trainwatch.supervisor.spec import LaunchSpec
from trainwatch.supervisor.stage import NEXT, SIGNALS, Stage, patience_s
from trainwatch.supervisor.tree import Tree

_LOOK_AGAIN_S = 0.1
_FROM_SOMEBODY = StopRequest(by="", at=0.0)
"""What is asked if the disk was too full for stop.json."""


class Supervision:
    """Carries what is printed into the log, heeds requests, keeps to the stages, and ends everything.

    It sleeps until a signal, output or the end of a stage: a job that runs and prints nothing costs nothing.
    """

    def __init__(self, spec: LaunchSpec, state: State, tree: Tree, bell: Bell, output: Output) -> None:
        self._spec = spec
        self._state = state
        self._tree = tree
        self._bell = bell
        self._output = output
        self._deadline: float | None = None
        self._host_stops = False
        self._leftovers: set[tuple[int, int]] = set()
        self._note(Stage.RUNNING)

    def run(self) -> Exit:
        """Return how it ended, when nothing is left of the job and its log is on the disk."""
        early = self._request()
        if early:
            self._heed(early)
        while not self._is_over():
            rung = self._wait()
            while self._state.stage is Stage.RUNNING and not rung:
                rung = self._wait()
            if rung & HOST_STOPS:
                self._host_stops = True
                self._stop(None)
            if STOP_REQUEST in rung:
                self._heed(self._request() or _FROM_SOMEBODY)
            self._keep_to_the_clock()
        last_stage = self._state.stage
        self._note(Stage.ENDED)
        self._output.finish()
        return self._exit(last_stage)

    def _is_over(self) -> bool:
        if self._tree.is_over():
            return True
        if self._state.stage is Stage.RUNNING and self._tree.main_has_ended():
            self._enter(Stage.FINISHING)
        return False

    def _wait(self) -> frozenset[int]:
        """Sleep until there is something to do, carry output on, and return the signals that have come."""
        poll = select.poll()
        poll.register(self._bell.handle, select.POLLIN)
        waits: list[float] = []
        rest_s = self._output.rest_s()
        if rest_s > 0:
            waits.append(rest_s)
        elif self._output.is_open:
            poll.register(self._output.handle, select.POLLIN)
        if self._deadline is not None:
            waits.append(self._deadline - time.monotonic())
        if self._state.stage is not Stage.RUNNING:
            waits.append(_LOOK_AGAIN_S)  # not everywhere does the end of a leftover ring
        if self._state.stage is Stage.RUNNING and self._tree.ending is not None:
            poll.register(self._tree.ending, select.POLLIN)
        ready = dict(poll.poll(max(0.0, min(waits)) * 1000 if waits else None))
        if self._output.handle in ready:
            self._output.carry()
        rung = self._bell.rung() if self._bell.handle in ready else frozenset[int]()
        return rung | {signal.SIGCHLD} if self._tree.ending in ready else rung

    def _request(self) -> StopRequest | None:
        try:
            raw = folder.read(".", folder.STOP)
            return record_from(StopRequest, raw) if raw else None
        except (OSError, ValueError) as error:
            note_mishap(f"a request to stop could not be read: {error}")
            return None

    def _heed(self, request: StopRequest) -> None:
        stage = self._state.stage
        is_meant = (
            stage in (Stage.RUNNING, Stage.FINISHING) if request.over is None else request.over == stage
        )
        if is_meant:
            self._stop(request.by)

    def _stop(self, by: str | None) -> None:
        """Go on to the next stage; if the job was running, it is `by` whom it was stopped."""
        if self._state.stage is Stage.RUNNING:
            self._state = self._state._replace(stop_requested=True, stopped_by=by)
        if self._state.stage in NEXT:
            self._enter(NEXT[self._state.stage])

    def _keep_to_the_clock(self) -> None:
        if self._state.stage is Stage.KILLING:
            self._signal(Stage.KILLING)
        elif self._deadline is not None and time.monotonic() >= self._deadline:
            self._enter(NEXT[self._state.stage])

    def _enter(self, stage: Stage) -> None:
        self._signal(stage)
        self._note(stage)

    def _signal(self, stage: Stage) -> None:
        number = SIGNALS.get(stage)
        if number is None:
            return
        main_had_ended = self._tree.main_has_ended()
        told = self._tree.kill() if number is signal.SIGKILL else self._tree.ask(number)
        if main_had_ended:
            self._leftovers |= told

    def _note(self, stage: Stage) -> None:
        """Write down which stage has begun. If the disk refuses, the attempt goes on without."""
        patience = patience_s(stage, self._spec)
        now = time.time()  # noqa: TID251 - a program of its own: this is its clock
        self._deadline = None if patience is None else time.monotonic() + patience
        self._state = self._state._replace(
            stage=stage, stage_since=now, stage_ends_at=None if patience is None else now + patience
        )
        try:
            folder.write(".", folder.STATE, self._state._asdict())
        except OSError as error:
            note_mishap(f"{stage.value} could not be noted: {error}")

    def _exit(self, last_stage: Stage) -> Exit:
        status = self._tree.main_status
        assert status is not None
        killed_by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        # A service manager tells both of us at once, and the job may have been the first to hear.
        by_host = (self._host_stops or bool(self._bell.rung() & HOST_STOPS)) and killed_by in HOST_STOPS
        return Exit(
            boot_id=self._state.boot_id,
            started_at=self._state.started_at,
            finished_at=self._state.stage_since,
            code=os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            signal=killed_by,
            core_dumped=os.WIFSIGNALED(status) and os.WCOREDUMP(status),
            stopped=self._state.stop_requested or by_host,
            stopped_by=self._state.stopped_by,
            last_stage=last_stage.value,
            leftovers=len(self._leftovers),
            out_of_reach=len(self._tree.out_of_reach),
            log_bytes=self._output.log.size,
            log_lost_bytes=self._output.log.lost,
        )
