"""What trackers say of their tasks, what is kept of it, and what they are told."""

import asyncio
from collections import Counter as Counts
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine, event

from tests.services.conftest import NOW, Counter
from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.events import Event, Notified, TaskChanged, Tracked, Untracked
from trainwatch.domain.job import JobSpec
from trainwatch.domain.payload import parse
from trainwatch.domain.tracked.change import (
    Act,
    Advance,
    Change,
    Complete,
    Err,
    Iterate,
    Spend,
    Start,
    Verify,
)
from trainwatch.errors import BadRequestError, ConflictError, NotFoundError, TrainwatchError
from trainwatch.services import look
from trainwatch.services.edit import ask_to_stop, delete_task
from trainwatch.services.ingest import ingest
from trainwatch.services.jobs import create_job
from trainwatch.services.tracking import (
    Answer,
    active,
    execution_events,
    named_detail,
    note_overdue,
    progress_of,
    standings,
    track,
    track_all,
    tracked_detail,
)
from trainwatch.store import tracked_book
from trainwatch.store.engine import Database
from trainwatch.store.export import export_task
from trainwatch.store.tracked import EventFilter
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

TASK = "refactor/größer"


def start(**facts: Any) -> Start:
    return Start(TASK, "claude", **facts)


def tell(counter: Counter, *changes: Change, seconds: float = 1) -> list[Answer]:
    """Track `changes` within one transaction, some seconds after the one before."""
    counter.now += timedelta(seconds=seconds)
    counter.work.begin(counter.now)
    answers = [track(counter.work, change) for change in changes]
    counter.events = counter.work.commit()
    return answers


def told(events: Iterable[Event]) -> list[Tracked]:
    return [event for event in events if isinstance(event, Tracked)]


def log_of(database: Database) -> list[str]:
    progress = progress_of(database, TASK, events=None)
    assert progress is not None
    return [event.message for event in progress.events]


def afresh(counter: Counter) -> Counter:
    """Return a counter of a server that was started anew on the same database."""
    return Counter(counter.database, Work(counter.work._connection, counter.database), counter.now)


def test_a_start_makes_a_task_of_type_agent_under_its_id(counter: Counter):
    (answer,) = tell(counter, start(criteria_total=4))
    columns = (
        "type, source, external_id, title, training_status, attempt, progress, current_step, total_steps"
    )
    assert counter.rows(f"SELECT {columns} FROM tasks") == [
        ("agent", "tracker", TASK, TASK, "running", 1, 0.0, 0, 20)
    ]
    assert (answer.task_id, answer.stop, answer.progress.status) == (1, False, "in_progress")


def test_a_title_is_what_people_read_and_stays_through_the_next_attempt(counter: Counter):
    tell(counter, start(title="Refactor"), Iterate(TASK, 1), start())
    assert counter.one("SELECT title FROM tasks") == "Refactor"


def test_changes_move_the_task_like_reports(counter: Counter):
    tell(counter, start(criteria_total=4))
    tell(counter, Iterate(TASK, 3), Verify(TASK, 1), Act(TASK, "run", "make test"))
    assert counter.rows("SELECT progress, current_step, message FROM tasks") == [(0.25, 3, "run: make test")]


def test_all_criteria_verified_is_not_yet_the_end(counter: Counter):
    tell(counter, start(criteria_total=1), Verify(TASK, 0))
    assert counter.rows("SELECT progress, training_status FROM tasks") == [(1.0, "running")]
    tell(counter, Complete(TASK, success=True))
    assert counter.rows("SELECT progress, training_status FROM tasks") == [(1.0, "complete")]


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        (Complete(TASK, success=True, summary="done\nand more"), "complete", "done"),
        (Complete(TASK, success=True), "complete", "finished"),
        (Complete(TASK, success=False), "failed", "reported as failed"),
        (Complete(TASK, success=False, summary="out of money"), "failed", "out of money"),
    ],
)
def test_an_end_has_its_reason_and_is_told_to_people(
    counter: Counter, change: Complete, status: str, reason: str
):
    tell(counter, start())
    tell(counter, change)
    assert counter.rows("SELECT training_status, status_reason FROM tasks") == [(status, reason)]
    assert counter.rows("SELECT status, status_reason FROM job_attempts") == [(status, reason)]
    assert len([event for event in counter.events if isinstance(event, Notified)]) == 1


def ask_it_to_stop(counter: Counter) -> None:
    counter.work.begin(counter.now)
    ask_to_stop(counter.work, CONSOLE, 1, stop=True)
    counter.work.commit()


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        (Complete(TASK, success=False), "stopped", "Job was manually stopped"),
        (Complete(TASK, success=False, summary="left half way"), "stopped", "left half way"),
        (Complete(TASK, success=True), "complete", "finished"),
    ],
)
def test_who_ends_without_success_when_a_person_wanted_it_has_been_stopped(
    counter: Counter, change: Complete, status: str, reason: str
):
    tell(counter, start())
    ask_it_to_stop(counter)
    (answer,) = tell(counter, change)
    assert answer.progress.status == ("complete" if change.success else "failed")
    tell(counter, Spend(TASK, 0.5))
    assert counter.rows("SELECT training_status, status_reason FROM tasks") == [(status, reason)]


def test_who_ends_without_success_at_a_limit_or_in_the_next_attempt_has_failed(counter: Counter):
    tell(counter, start(max_cost=1.0, stop_at_limit=True), Spend(TASK, 2.0), Complete(TASK, success=False))
    assert counter.one("SELECT training_status FROM tasks") == "failed"
    tell(counter, start())
    ask_it_to_stop(counter)
    tell(counter, start(), Complete(TASK, success=False))
    assert counter.one("SELECT training_status FROM tasks") == "failed"


def test_each_change_is_told_once_in_order_with_how_it_stood_then(counter: Counter):
    tell(counter, start(criteria_total=2))
    tell(counter, Verify(TASK, 0), Iterate(TASK, 2), Verify(TASK, 0), Verify(TASK, 1))
    assert [
        (event.task_id, event.progress.criteria_verified, event.progress.iteration, len(event.events))
        for event in told(counter.events)
    ] == [(1, 1, 0, 1), (1, 1, 2, 0), (1, 1, 2, 0), (1, 2, 2, 1)]
    assert len([event for event in counter.events if isinstance(event, TaskChanged)]) == 1


def test_all_of_it_is_there_after_a_restart(counter: Counter):
    changes = [
        start(criteria=("tests pass", "docs"), max_cost=5.0, max_seconds=60.0, title="T"),
        Verify(TASK, 1),
        Act(TASK, "write", "a.py", success=True),
        Act(TASK, "edit", "größer.py", success=True),
        Spend(TASK, 1.25),
        Err(TASK, "no such file 😀"),
        Act(TASK, "run", "make test"),
    ]
    answers = tell(counter, *changes)
    again = afresh(counter)
    (answer,) = tell(again, Iterate(TASK, 4), seconds=0)
    before = answers[-1].progress
    assert answer.progress.iteration == 4
    before.iteration = 4
    assert answer.progress == before == progress_of(counter.database, TASK)


def test_all_files_are_there_after_a_restart_though_few_are_written_with_each_change(counter: Counter):
    def write(*numbers: int) -> list[Change]:
        return [Act(TASK, "write", f"{number}.py", success=True) for number in numbers]

    tell(
        counter, start(), *write(0, 1), start(), *write(*range(300)), Act(TASK, "edit", "a.py", success=True)
    )
    length = counter.one("SELECT length(state) FROM task_progress")
    again = afresh(counter)
    tell(again, *write(300, 7, 301))
    assert counter.one("SELECT length(state) FROM task_progress") <= length + 10
    for progress in (progress_of(counter.database, TASK), active(counter.database)[0]):
        assert progress is not None
        assert progress.files_created == [f"{number}.py" for number in range(302)]
        assert progress.files_modified == ["a.py"]


@contextmanager
def reads_of_actions(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that ask for actions, of which a long task has very many."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        values = parameters.values() if isinstance(parameters, dict) else parameters
        if statement.startswith("SELECT") and "action" in values:
            found.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def writes(task: str, count: int) -> list[Change]:
    return [Act(task, "write", f"{number}.py", success=True) for number in range(count)]


@pytest.mark.parametrize(("names", "order"), [(None, "ba"), ({"a", "b", "nobody"}, "ab")])
def test_to_tell_how_tasks_stand_no_history_is_read(counter: Counter, names: set[str] | None, order: str):
    for name in "ba":
        tell(counter, Start(name, "claude"), *writes(name, 120))
    with reads_of_actions(counter.database.read_engine) as read:
        found = standings(counter.database, names)
    assert read == []
    assert [each.progress.task_id for each in found] == [*order]
    assert [each.files for each in found] == [{"created": 120, "modified": 0}] * 2
    assert [each.progress.files_created for each in found] == [[f"{n}.py" for n in range(70, 120)]] * 2


def test_to_delete_a_task_no_history_is_read(counter: Counter):
    tell(counter, start(), *writes(TASK, 120))
    again = afresh(counter)
    with reads_of_actions(counter.database.write_engine) as read:
        again.work.begin(again.now)
        delete_task(again.work, CONSOLE, 1)
        events = again.work.commit()
    assert read == []
    assert Untracked(1, TASK) in events


def test_where_there_are_many_tasks_those_that_change_stay_at_hand(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(tracked_book, "MOST_AT_HAND", 2)
    for name in "abc":
        tell(counter, Start(name, "claude"), *writes(name, 60))
    with reads_of_actions(counter.database.write_engine) as read:
        for _ in range(3):
            tell(counter, Iterate("b", 1))
            tell(counter, Iterate("c", 1))
        assert read == []
        tell(counter, Iterate("a", 1))
        tell(counter, Iterate("c", 2))
        assert len(read) == 1
        tell(counter, Iterate("b", 2))
        assert len(read) == 2


def test_reading_gives_as_many_events_as_are_asked_for(counter: Counter):
    tell(counter, start(), *(Err(TASK, str(n)) for n in range(30)))
    for count, expected in ((None, 31), (10, 10), (0, 0)):
        progress = progress_of(counter.database, TASK, events=count)
        assert progress is not None
        assert len(progress.events) == expected
    assert log_of(counter.database)[-1] == "ERROR: 29"


def test_points_are_at_whole_seconds_since_the_start(counter: Counter):
    tell(counter, start(criteria_total=2, max_cost=9.0))
    tell(counter, Spend(TASK, 0.5), Verify(TASK, 0), Iterate(TASK, 2), seconds=61.4)
    query = "SELECT name, step, value FROM metric_points ORDER BY name, step"
    assert counter.rows(query) == [
        ("cost", 0, 0.0),
        ("cost", 61, 0.5),
        ("criteria", 0, 0.0),
        ("criteria", 61, 1.0),
        ("iteration", 0, 0.0),
        ("iteration", 61, 2.0),
    ]


def test_points_of_one_second_are_told_each_for_the_one_before(counter: Counter):
    tell(counter, start(max_cost=9.0))
    for cost in (0.5, 0.75):
        tell(counter, Spend(TASK, cost), Spend(TASK, cost + 0.1), seconds=0.3)
        (changed,) = [event for event in counter.events if isinstance(event, TaskChanged)]
        assert changed.points is not None
        assert [point[:4] for point in changed.points] == [
            ("cost", 0, None, cost),
            ("cost", 0, None, cost + 0.1),
        ]
    assert counter.rows("SELECT step, value FROM metric_points WHERE name = 'cost'") == [(0, 0.85)]


def test_a_start_of_a_task_that_is_there_is_its_next_attempt(counter: Counter):
    tell(counter, start(criteria_total=2), Verify(TASK, 0), Complete(TASK, success=False))
    (answer,) = tell(counter, Start(TASK, "other"))
    assert (answer.task_id, answer.progress.agent_id, answer.progress.criteria_total) == (1, "other", 0)
    tell(counter, Err(TASK, "x"))
    assert counter.rows("SELECT attempt, status FROM job_attempts ORDER BY attempt") == [
        (1, "failed"),
        (2, "running"),
    ]
    assert counter.rows("SELECT attempt FROM task_progress") == [(2,)]
    assert log_of(counter.database) == ["Task execution started", "ERROR: x"]


def test_a_start_while_it_runs_ends_the_attempt_before(counter: Counter):
    tell(counter, start())
    tell(counter, start())
    assert counter.rows("SELECT attempt, status FROM job_attempts ORDER BY attempt") == [
        (1, "stopped"),
        (2, "running"),
    ]


def test_after_the_end_costs_are_kept_and_the_state_stays(counter: Counter):
    tell(counter, start(), Complete(TASK, success=False))
    tell(counter, Spend(TASK, 2.5), Err(TASK, "late"))
    assert counter.one("SELECT training_status FROM tasks") == "failed"
    progress = progress_of(counter.database, TASK)
    assert progress is not None
    assert (progress.cost_estimate, progress.events[-1].message) == (2.5, "ERROR: late")
    assert counter.one("SELECT value FROM metric_points WHERE name = 'cost'") == 2.5


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ([Iterate(TASK, 1)], NotFoundError),
        ([start(criteria_total=1), Verify(TASK, 1)], BadRequestError),
        ([start(), Complete(TASK, success=True), Iterate(TASK, 2)], ConflictError),
    ],
)
def test_what_is_refused_changes_nothing(
    counter: Counter, changes: list[Change], error: type[TrainwatchError]
):
    *before, refused = changes
    tell(counter, *before)
    tables = ("tasks", "task_progress", "task_events", "metric_points", "report_receipts")
    rows = [counter.rows(f"SELECT * FROM {table}") for table in tables]
    counter.work.begin(counter.now)
    with pytest.raises(error):
        track(counter.work, refused)
    assert counter.work.commit() == []
    assert [counter.rows(f"SELECT * FROM {table}") for table in tables] == rows


def test_a_part_of_a_batch_that_is_refused_leaves_the_others(counter: Counter):
    broken = BadRequestError("no")
    counter.work.begin(counter.now)
    outcomes = track_all(
        counter.work, [start(), Verify(TASK, 0), broken, Iterate(TASK, 2), Iterate("unknown", 1)]
    )
    counter.work.commit()
    assert [type(outcome) for outcome in outcomes] == [
        Answer,
        BadRequestError,
        BadRequestError,
        Answer,
        NotFoundError,
    ]


def test_a_repeat_changes_nothing_and_gets_the_answer(counter: Counter):
    tell(counter, start(event_id="1"), Err(TASK, "x", event_id="2"))
    for each in (counter, afresh(counter)):
        (first, second) = tell(each, start(event_id="1"), Err(TASK, "x", event_id="2"))
        assert told(each.events) == []
        assert first == second
        assert first.task_id == 1
    assert log_of(counter.database) == ["Task execution started", "ERROR: x"]


def test_an_event_id_counts_within_its_task(counter: Counter):
    counter.send({"taskName": "bert", "progress": 0.5, "eventId": "1"})
    tell(counter, start(event_id="1"), Start("other", "claude", event_id="1"))
    assert counter.one("SELECT count(*) FROM tasks") == 3


def test_a_repeat_does_not_bring_a_deleted_task_back(counter: Counter):
    tell(counter, start(event_id="1"))
    counter.work.begin(counter.now)
    delete_task(counter.work, CONSOLE, 1)
    counter.work.commit()
    with pytest.raises(NotFoundError):
        tell(counter, start(event_id="1"))
    counter.work.commit()
    assert active(counter.database) == []


def test_a_person_who_asks_it_to_stop_is_heard_with_the_next_change(counter: Counter):
    tell(counter, start())
    ask_it_to_stop(counter)
    (answer,) = tell(counter, Iterate(TASK, 1))
    assert (answer.stop, answer.progress.stop_requested) == (True, False)
    assert tell(counter, start())[0].stop is False


def test_a_limit_stops_who_asked_for_it(counter: Counter):
    tell(counter, start(max_cost=1.0, stop_at_limit=True))
    assert [each.stop for each in tell(counter, Spend(TASK, 0.9), Spend(TASK, 1.1))] == [False, True]
    assert log_of(counter.database)[-1] == "Limit reached: $1.10 of $1.00"


def test_time_runs_out_though_nobody_reports_and_is_told_once(counter: Counter):
    def tick(seconds: float) -> int:
        counter.now += timedelta(seconds=seconds)
        counter.work.begin(counter.now)
        noted = note_overdue(counter.work)
        counter.events = counter.work.commit()
        return noted

    tell(counter, start(max_seconds=60, stop_at_limit=True), Start("other", "claude", max_seconds=600))
    assert tick(59) == 0
    assert tick(1) == 1
    (event,) = told(counter.events)
    assert (event.progress.limits_reached, event.progress.stop_requested) == (["seconds"], True)
    assert tick(1) == 0
    assert tell(counter, Iterate(TASK, 1))[0].stop
    assert log_of(counter.database)[-1] == "Limit reached: 1m of 1m"


def test_the_clock_stops_with_the_task(counter: Counter):
    tell(counter, start(max_seconds=60), Complete(TASK, success=True))
    assert counter.rows("SELECT overdue_at FROM task_progress") == [(None,)]


def test_the_active_ones_are_those_that_have_not_ended(counter: Counter):
    for name in "abc":
        tell(counter, Start(name, "claude"))
    tell(counter, Complete("b", success=True))
    assert [each.task_id for each in active(counter.database)] == ["a", "c"]


def test_a_deleted_task_is_gone_for_every_reader_and_may_come_anew(counter: Counter):
    tell(counter, start(), Err(TASK, "x"))
    counter.work.begin(counter.now)
    track(counter.work, Err(TASK, "just now"))
    delete_task(counter.work, CONSOLE, 1)
    counter.events = counter.work.commit()
    assert told(counter.events) == []
    assert [event for event in counter.events if isinstance(event, Untracked)] == [Untracked(1, TASK)]
    assert progress_of(counter.database, TASK) is None
    assert active(counter.database) == []
    assert counter.one("SELECT count(*) FROM task_progress") == 0
    with pytest.raises(NotFoundError):
        tracked_detail(counter.database, 1)
    with pytest.raises(NotFoundError):
        tell(counter, Iterate(TASK, 1))
    (answer,) = tell(counter, start())
    assert answer.task_id == 2
    while counter.work.has_remains:
        counter.work.begin(counter.now)
        counter.work.sweep()
        counter.work.commit()
    assert counter.rows("SELECT id FROM tasks") == [(2,)]
    assert log_of(counter.database) == ["Task execution started"]


def test_of_a_deleted_task_that_nobody_tracks_no_tracker_is_told(counter: Counter):
    task = counter.task_of({"taskName": "bert", "loss": 1})
    counter.work.begin(counter.now)
    delete_task(counter.work, CONSOLE, task)
    assert not [event for event in counter.work.commit() if isinstance(event, Untracked)]


def test_a_task_of_type_agent_that_the_hook_reports_is_not_tracked_and_may_become_so(counter: Counter):
    hooked = {"taskName": "t", "runId": TASK, "type": "agent", "progress": 0.5}
    task_id = counter.task_of(hooked)
    assert progress_of(counter.database, TASK) is None
    assert active(counter.database) == []
    assert look.task_whole(counter.database, task_id)["type"] == "agent"
    with pytest.raises(NotFoundError):
        tracked_detail(counter.database, task_id)
    with pytest.raises(NotFoundError):
        tell(counter, Iterate(TASK, 1))
    (answer,) = tell(counter, start())
    assert (answer.task_id, answer.progress.status) == (task_id, "in_progress")
    assert counter.rows("SELECT attempt FROM task_progress") == [(2,)]


def test_reports_by_the_hook_and_the_tracker_of_one_task_get_along(counter: Counter):
    tell(counter, start(criteria_total=2))
    counter.send({"runId": TASK, "loss": 0.5, "message": "hello"})
    counter.send({"runId": TASK, "status": "failed"})
    (answer,) = tell(counter, Verify(TASK, 0))
    assert answer.progress.criteria_verified == 1
    counter.send({"runId": TASK, "status": "started"})
    (answer,) = tell(counter, Verify(TASK, 1))
    assert answer.progress.criteria_verified == 2
    assert counter.rows("SELECT attempt, training_status FROM tasks") == [(2, "running")]


def test_a_job_has_a_runner_to_tell_of_it_and_is_not_tracked(counter: Counter):
    counter.work.begin(counter.now)
    job = create_job(counter.work, CONSOLE, JobSpec(name="j", model_name="m", epochs=1))
    ingest(counter.work, parse({"taskId": job.id, "runId": TASK, "loss": 1}))
    counter.work.commit()
    counter.work.begin(counter.now)
    with pytest.raises(ConflictError):
        track(counter.work, start())
    counter.work.commit()
    assert counter.one("SELECT count(*) FROM task_progress") == 0


def test_the_history_of_a_task_is_not_flooded_by_its_log(counter: Counter):
    tell(counter, start(), *(Act(TASK, "write", str(n), success=True) for n in range(300)))
    assert [line["kind"] for line in look.task_whole(counter.database, 1)["events"]] == ["started", "created"]


def test_who_looks_at_the_task_sees_how_it_stands_with_the_errors_of_this_attempt(counter: Counter):
    tell(counter, start(), Err(TASK, "of an earlier attempt"))
    tell(counter, start(), Act(TASK, "run", "tests", success=False), Err(TASK, "first"), Err(TASK, "second"))
    counter.send({"taskName": "untracked"})
    tracked = look.task_whole(counter.database, 1)["tracked"]
    assert tracked == {**tracked_detail(counter.database, 1), "errors": 2}
    assert look.task_whole(counter.database, 2)["tracked"] is None


def test_the_whole_of_it_can_be_read_under_its_name_and_its_number(counter: Counter):
    tell(
        counter, start(criteria=("tests pass", "docs"), max_cost=5.0), Verify(TASK, 0), Act(TASK, "run", "x")
    )
    whole = named_detail(counter.database, TASK)
    assert whole == tracked_detail(counter.database, 1)
    assert (whole["task"], whole["attempt"], whole["maxCost"], whole["progress"]) == (1, 1, 5.0, 50.0)
    assert [each["verifiedAt"] is None for each in whole["criteria"]] == [False, True]
    assert (whole["action"]["action"], whole["action"]["isDone"]) == ("run", False)
    with pytest.raises(NotFoundError):
        named_detail(counter.database, "unknown")


def test_events_are_read_by_type_and_in_parts(counter: Counter):
    tell(counter, start(), *(Err(TASK, str(n)) for n in range(5)), Act(TASK, "run", "x", success=True))

    def messages(limit: int = 100, **wanted: Any) -> list[str]:
        found = execution_events(counter.database, TASK, EventFilter(**wanted), limit=limit)
        return [each["message"] for each in found]

    assert messages(limit=2) == ["ERROR: 4", "✓ run: x"]
    assert messages(type="action") == ["✓ run: x"]
    everything = execution_events(counter.database, TASK, limit=100)
    third = everything[2]["id"]
    assert messages(after=third, limit=2) == ["ERROR: 2", "ERROR: 3"]
    assert messages(before=third) == ["Task execution started", "ERROR: 0"]
    assert everything[-1]["details"] == {"action": "run", "target": "x", "success": True}


def test_an_export_holds_the_tracker_with_every_event_of_every_attempt(counter: Counter):
    tell(counter, start(criteria=("docs",)), Err(TASK, "a"), start(criteria_total=1), Verify(TASK, 0))
    whole = orjson.loads("".join(export_task(counter.database, 1, "json")))
    tracked = whole["tracked"]
    assert (tracked["attempt"], tracked["criteriaVerified"], tracked["agentId"]) == (2, 1, "claude")
    assert tracked["criteria"][0]["verifiedAt"] is not None
    lines = [(line["attempt"], line["message"]) for line in whole["events"] if line["details"] is not None]
    assert lines[::-1] == [
        (1, "Task execution started"),
        (1, "ERROR: a"),
        (2, "Task execution started"),
        (2, "Criterion 1 verified"),
    ]
    other = counter.task_of({"taskName": "bert", "progress": 0.5})
    assert orjson.loads("".join(export_task(counter.database, other, "json")))["tracked"] is None


def many_changes(tasks: list[str]) -> list[Change]:
    """Return ten thousand changes of twenty tasks, one of each kind in turn."""
    said: list[Change] = [Start(name, "claude", criteria_total=100) for name in tasks]
    for n in range(499):
        for name in tasks:
            kinds: tuple[Change, ...] = (
                Act(name, "write", f"{n}.py", success=True, event_id=f"{n}"),
                Verify(name, n % 100, event_id=f"{n}"),
                Spend(name, n / 100, event_id=f"{n}"),
                Iterate(name, n, event_id=f"{n}"),
                Err(name, str(n), event_id=f"{n}"),
                Advance(name, n / 5, event_id=f"{n}"),
            )
            said.append(kinds[n % len(kinds)])
    return said


def written(database: Database, said: list[Change]) -> list[Event]:
    """Return what a writer publishes that is handed `said` in parts, and then some of it again."""
    heard: list[Event] = []

    async def scenario() -> None:
        writer = Writer(database, clock=lambda: NOW, publish=heard.extend)
        writer.start()
        try:
            parts = [said[n : n + 100] for n in range(0, len(said), 100)]
            orders = [writer.submit(lambda work, part=part: track_all(work, part)) for part in parts]
            orders.append(writer.submit(lambda work: track_all(work, said[20:120])))
            for order in orders:
                assert all(isinstance(outcome, Answer) for outcome in await order)
        finally:
            await writer.close()

    asyncio.run(scenario())
    return heard


@pytest.mark.slow
def test_ten_thousand_changes_through_the_writer_are_counted_exactly(database: Database):
    tasks = [f"t{n}" for n in range(20)]
    said = many_changes(tasks)
    heard = told(written(database, said))
    assert len(heard) == len(said) == 10_000
    verified = {n % 100 for n in range(1, 499, 6)}
    for name in tasks:
        progress = progress_of(database, name, events=None)
        assert progress is not None
        assert progress.criteria_verified == len(verified)
        assert progress.files_created == [f"{n}.py" for n in range(0, 499, 6)]
        assert (progress.iteration, progress.cost_estimate) == (495, 4.94)
        kinds = Counts(event.event_type for event in progress.events)
        assert kinds == {"start": 1, "action": 84, "progress": len(verified) + 1, "error": 83}
        own = [event for each in heard if each.progress.task_id == name for event in each.events]
        assert progress.events == own
