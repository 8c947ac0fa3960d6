"""Whatever happens to a job, and in whatever order: no illegal state, one live attempt, and ends are final."""

import contextlib
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import text

from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.job import JobSpec
from trainwatch.domain.payload import parse
from trainwatch.domain.report import Point, Report
from trainwatch.domain.status import Status
from trainwatch.errors import TrainwatchError
from trainwatch.services.ingest import ingest
from trainwatch.services.jobs import (
    begin_attempt,
    create_job,
    end_attempt,
    note_stage,
    observe,
    start_job,
    stop_job,
)
from trainwatch.store.engine import open_database
from trainwatch.store.intake import Command
from trainwatch.store.schema import create_tables
from trainwatch.store.work import Work

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TIME = "%Y-%m-%d %H:%M:%S.%f"
"""As SQLite keeps times."""
ENDS = (Status.COMPLETE, Status.FAILED, Status.STOPPED)
TERMINAL = {status.value for status in ENDS}


class JobLife(RuleBasedStateMachine):
    """One job; the runner is played by the rules, and only the attempt that runs has one."""

    @initialize()
    def make(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.database = open_database(self.folder / "trainwatch.db")
        create_tables(self.database)
        self.now = NOW
        self.ended: dict[int, tuple[Any, ...]] = {}
        self.open()
        spec = JobSpec(name="job", model_name="m", epochs=2, steps_per_epoch=10)
        self.job = self.do(lambda work: create_job(work, CONSOLE, spec)).id

    def open(self) -> None:
        self.stack = contextlib.ExitStack()
        self.work = Work(self.stack.enter_context(self.database.writing()), self.database)

    def do(self, command: Command) -> Any:
        """Carry out a command in a transaction of its own; one that is refused changes nothing."""
        self.now += timedelta(seconds=1)
        self.work.begin(self.now)
        try:
            return command(self.work)
        except TrainwatchError:
            return None
        finally:
            self.work.commit()

    @rule()
    def start(self) -> None:
        self.do(lambda work: start_job(work, CONSOLE, self.job))

    @rule()
    def begin(self) -> None:
        self.do(lambda work: begin_attempt(work, self.job))

    @rule()
    def stop(self) -> None:
        self.do(lambda work: stop_job(work, CONSOLE, self.job))

    @rule(step=st.integers(0, 30))
    def the_runner_observes(self, step: int) -> None:
        if self.status() == Status.RUNNING:
            points = (Point("loss", 1 / (step + 1), step),)
            report = Report(attempt=self.attempt(), status=Status.RUNNING, points=points, current_step=step)
            self.do(lambda work: observe(work, self.job, report))

    @rule(stage=st.sampled_from(["interrupting", "terminating", "killing"]))
    def the_runner_is_stopping(self, stage: str) -> None:
        if self.status() == Status.RUNNING:
            self.do(lambda work: note_stage(work, self.job, stage, self.now))

    @rule(status=st.sampled_from(ENDS), code=st.none() | st.integers(0, 255))
    def the_runner_ends(self, status: Status, code: int | None) -> None:
        if self.status() == Status.RUNNING:
            report = Report(attempt=self.attempt(), status=status, message="because")
            self.do(lambda work: end_attempt(work, self.job, report, code))

    @rule(
        attempt=st.none() | st.integers(0, 4),
        status=st.none() | st.sampled_from([status.value for status in Status] + ["started"]),
        progress=st.none() | st.sampled_from([0, 0.5, 1, "100%"]),
        step=st.none() | st.integers(0, 30),
    )
    def a_script_reports(
        self, attempt: int | None, status: str | None, progress: object, step: int | None
    ) -> None:
        said = {"taskId": self.job, "attempt": attempt, "status": status, "progress": progress, "step": step}
        payload = {name: value for name, value in said.items() if value is not None}
        self.do(lambda work: ingest(work, parse({**payload, "loss": 0.5})))

    @rule()
    def the_server_is_killed(self) -> None:
        self.stack.close()
        self.open()

    @rule(seconds=st.sampled_from([-3600, -1, 86_400, 10**7]))
    def the_clock_jumps(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(text(query), {"job": self.job})]

    def status(self) -> str:
        return self.rows("SELECT training_status FROM tasks WHERE id = :job")[0][0]

    def attempt(self) -> int:
        return self.rows("SELECT attempt FROM tasks WHERE id = :job")[0][0]

    @invariant()
    def the_job_is_in_a_state_that_can_be(self) -> None:
        ((status, attempt, asked, stage),) = self.rows(
            "SELECT training_status, attempt, start_requested_at, stop_stage FROM tasks WHERE id = :job"
        )
        assert status in {Status.QUEUED, Status.RUNNING, *ENDS}
        assert asked is None or status == Status.QUEUED
        assert stage is None or status == Status.RUNNING
        assert self.rows("SELECT status FROM training_jobs WHERE id = :job") == [(status,)]
        attempts = self.rows("SELECT attempt, status FROM job_attempts WHERE task_id = :job ORDER BY attempt")
        assert [number for number, _ in attempts] == list(range(1, attempt + 1))
        assert [number for number, state in attempts if state not in TERMINAL] in ([], [attempt])
        assert attempts[-1][1] == status

    @invariant()
    def what_has_ended_stays_as_it_ended(self) -> None:
        for row in self.rows(
            "SELECT attempt, status, status_reason, exit_code, finished_at FROM job_attempts WHERE task_id = :job"
        ):
            if row[1] not in TERMINAL:
                continue
            *before, ended_at = self.ended.setdefault(row[0], row)
            *after, told_at = row
            assert after == before
            # What the clock was ahead of, when it was set back, is now.
            assert told_at == ended_at or told_at <= self.now.strftime(TIME) < ended_at
            self.ended[row[0]] = row

    @invariant()
    def progress_is_a_fraction(self) -> None:
        ((progress, eta),) = self.rows("SELECT progress, eta_seconds FROM tasks WHERE id = :job")
        assert progress is None or 0 <= progress <= 1
        assert eta is None or eta >= 0

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()
            self.database.close()
            shutil.rmtree(self.folder)


TestJobLife = JobLife.TestCase
TestJobLife.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
