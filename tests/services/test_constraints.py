"""Nothing that anybody can send reaches a constraint of the database, or a column that cannot hold it."""

import math
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from tests.services.conftest import Counter
from trainwatch.domain import job_fields
from trainwatch.domain.attempt import LARGEST_ATTEMPT
from trainwatch.domain.audit import CONSOLE, Actor
from trainwatch.domain.credential import Scope
from trainwatch.domain.edit import Edit
from trainwatch.domain.fields import FIELDS
from trainwatch.domain.job_payload import parse_job
from trainwatch.domain.payload import parse
from trainwatch.domain.report import Point, Report
from trainwatch.domain.status import Status
from trainwatch.domain.tracked import fields as tracked_fields
from trainwatch.domain.tracked.change import change_of
from trainwatch.errors import ConflictError, NotFoundError, TrainwatchError
from trainwatch.services.edit import archive_task, ask_to_stop, delete_task, edit_task
from trainwatch.services.ingest import Answer, ingest
from trainwatch.services.jobs import create_job, end_attempt, observe, start_job, stop_job
from trainwatch.services.keys import create_key, give_job_key, revoke_key, take_job_key
from trainwatch.services.sessions import open_session, revoke_session
from trainwatch.services.tracking import track
from trainwatch.services.users import add_user, remove_user, set_password
from trainwatch.store.tables import METADATA
from trainwatch.store.work import Work

Command = Callable[[Work], object]

KEPT_BY: dict[str, str] = {
    "uq_gpus_host_name": "a GPU is looked up by both before it is made, by the one writer",
    "uq_gpus_host_uuid": "nobody tells a UUID yet",
    "uq_tasks_external_id": "a run is looked up first; a report that names another task beside it is refused",
    "ck_tasks_progress": "parse_progress",
    "ck_tasks_eta_seconds": "parse_duration; Pace.eta_seconds",
    "ck_tasks_training_status": "Status",
    "ck_job_attempts_lease": "nobody claims attempts yet",
    "ck_metric_points_value_or_flag": "parse_value",
    "ck_metric_points_finite": "parse_value",
    "ck_users_scope": "Scope",
    "ck_api_keys_scope": "Scope",
    "uq_users_name": "add_user looks it up",
    "uq_sessions_digest": "256 random bits",
    "uq_api_keys_prefix": "a key with the prefix of another is made anew",
}
"""What keeps each constraint from being reached. Keys and foreign keys: ids are the database's own, rows with keys
of ours replace each other, and what a transaction staged of a task is forgotten with it."""

TEXTS = (
    "\0",
    "a\0b",
    "\ud800",
    "a\udfffb",
    "😀" * 200,
    "x" * 201,
    "x" * 20_000,
    "a\nb\x1b[0m\u2028",
    " ",
    "'\"\\%_",
)
NUMBERS = (
    -1, 0, 1, 2**31 - 1, 2**31, 2**53 - 1, 2**53, 2**63, 2**64, 10**400, -(2**31),
    0.5, 5e-324, 1e308, 1.7976931348623157e308, -1e308, math.nan, math.inf, -math.inf, "1e400", "1e-400", "-0.0",
)  # fmt: skip
MOMENTS = (
    "0001-01-01",
    "9999-12-31T23:59:59.999999+14:00",
    "2099-12-31T23:59:59Z",
    "2000-01-01T00:00:00-23:59",
)
VALUES: tuple[Any, ...] = (*TEXTS, *NUMBERS, *MOMENTS, True, [], {}, [1], {"a": 1})


def nested(values: tuple[Any, ...]) -> Iterator[Any]:
    """Yield `values` where reports have names and numbers further inside."""
    for value in values:
        if isinstance(value, str):
            yield {value: 1}
            yield {value: {"values": [1, 2]}}
        yield {"a": value}
        yield {
            "utilization": value,
            "memoryUsed": value,
            "memoryTotal": value,
            "temperature": value,
            "power": value,
        }
        yield {"a": {"steps": [value, 5], "values": [1, value]}}
        yield {"a": {"values": [value] * 3}}


def reports() -> Iterator[Command]:
    for base in ({"taskName": "a", "gpuName": "g"}, {"gpuName": "g"}, {"title": "t"}):
        for field in FIELDS:
            for value in (*VALUES, *(nested(VALUES) if field.name in ("metrics", "series", "gpu") else ())):
                yield lambda work, payload={**base, field.name: value}: ingest(work, parse(payload))


def jobs() -> Iterator[Command]:
    base = {"name": "job", "modelName": "m", "epochs": 1}
    free = {**base, "runner": "local", "command": ["true"]}
    for payload in (base, free):
        for field in job_fields.FIELDS:
            for value in VALUES:
                yield lambda work, said={**payload, field.name: value}: create_job(
                    work, CONSOLE, parse_job(said)
                )
        for name in ("speed", "failAt", "seed", "command", "gpu", "parameters", "template"):
            for value in (*VALUES, *({"a": value} for value in TEXTS), *([value] for value in TEXTS)):
                yield lambda work, said={**payload, name: value}: create_job(work, CONSOLE, parse_job(said))


def changes() -> Iterator[Command]:
    for value in VALUES:
        yield lambda work, name=value: track(work, change_of("start", name, {"agentId": "a"}))
    for kind, table in tracked_fields.FIELDS.items():
        usual = {
            "agentId": "a", "criteria": ["x", "y"], "maxSeconds": 5, "iteration": 1, "progress": 1, "index": 0,
            "action": "write", "error": "e", "cost": 1, "success": True,
        }  # fmt: skip
        known = {name: value for name, value in usual.items() if name in {each.name for each in table}}
        for field in table:
            yield lambda work: track(work, change_of("start", "agent", {"agentId": "a", "criteriaTotal": 2}))
            for value in (*VALUES, *([value] for value in TEXTS)):
                payload = {**known, field.name: value}
                yield lambda work: track(
                    work, change_of("start", "agent", {"agentId": "a", "criteriaTotal": 2})
                )
                yield lambda work, kind=kind, payload=payload: track(work, change_of(kind, "agent", payload))


def edits() -> Iterator[Command]:
    yield lambda work: ingest(work, parse({"taskName": "a", "loss": 1}))
    for text in TEXTS:
        yield lambda work, text=text: edit_task(work, CONSOLE, 1, Edit(title=text, tags=(text,), notes=text))
        yield lambda work, text=text: edit_task(work, CONSOLE, 1, Edit(tags=(text,) * 200))
    for task_id in (0, 1, 2, -1, 2**31 - 1, 2**31, 2**53, 2**63, 10**30):
        for act in (
            lambda work, task_id: ask_to_stop(work, CONSOLE, task_id, stop=True),
            lambda work, task_id: archive_task(work, CONSOLE, task_id, archived=True),
            lambda work, task_id: edit_task(work, CONSOLE, task_id, Edit(title="x")),
            lambda work, task_id: start_job(work, CONSOLE, task_id),
            lambda work, task_id: stop_job(work, CONSOLE, task_id),
            lambda work, task_id: revoke_key(work, CONSOLE, task_id),
            lambda work, task_id: revoke_session(work, CONSOLE, task_id),
            lambda work, task_id: delete_task(work, CONSOLE, task_id),
            lambda work, task_id: delete_task(work, CONSOLE, task_id),
        ):
            yield lambda work, act=act, task_id=task_id: act(work, task_id)


def people() -> Iterator[Command]:
    for text in ("ada", "ada", *TEXTS):
        yield lambda work, text=text: add_user(work, CONSOLE, text, scope=Scope.READ, password_hash=None)
        yield lambda work, text=text: set_password(work, CONSOLE, text, None)
        yield lambda work, text=text: create_key(work, CONSOLE, scope=Scope.READ, label=text)
        yield lambda work, text=text: open_session(
            work, add_user(work, CONSOLE, "bob", scope=Scope.READ, password_hash=None),
            address="x" * 5_000, browser=text.encode(errors="ignore").decode().replace("\0", ""), way="link",
        )  # fmt: skip
        yield lambda work, text=text: remove_user(work, CONSOLE, text)
        yield lambda work: remove_user(work, CONSOLE, "bob")
    for days in (0, 1, 3_650, 3_651, 2**31, 10**30):
        yield lambda work, days=days: create_key(
            work, CONSOLE, scope=Scope.READ, label="k", expires_in_days=days
        )
    yield lambda work: give_job_key(work, 7, 1)
    yield lambda work: give_job_key(work, 7, 1)
    yield lambda work: take_job_key(work, 7, 1)


def carry_out(counter: Counter, commands: Iterator[Command]) -> tuple[int, int]:
    """Carry out the commands, many within one transaction; return how many were kept and how many refused."""
    kept = refused = 0
    for many in batched(commands, 100):
        counter.work.begin(counter.now)
        for command in many:
            try:
                command(counter.work)
                kept += 1
            except TrainwatchError:
                refused += 1
        counter.work.commit()
    return kept, refused


def batched(commands: Iterator[Command], size: int) -> Iterator[list[Command]]:
    while many := list(islice(commands, size)):
        yield many


@pytest.mark.parametrize("commands", [reports, jobs, changes, edits, people])
def test_whatever_is_sent_is_kept_or_refused_in_words(
    counter: Counter, commands: Callable[[], Iterator[Command]]
):
    kept, refused = carry_out(counter, commands())
    assert kept
    assert refused


def test_it_is_known_of_every_constraint_what_keeps_it_from_being_reached():
    named: set[str] = set()
    for table in METADATA.sorted_tables:
        named |= {str(index.name) for index in table.indexes if index.unique}
        for constraint in table.constraints:
            assert isinstance(
                constraint, PrimaryKeyConstraint | ForeignKeyConstraint | CheckConstraint | UniqueConstraint
            )
            if isinstance(constraint, CheckConstraint):
                named.add(f"ck_{table.name}_{str(constraint.name).removeprefix(f'ck_{table.name}_')}")
            elif isinstance(constraint, UniqueConstraint):
                named.add(f"uq_{table.name}_{'_'.join(column.name for column in constraint.columns)}")
    assert named == set(KEPT_BY)


def test_a_report_that_names_two_tasks_is_refused_and_changes_nothing(counter: Counter):
    counter.send({"taskName": "a", "loss": 1}, {"runId": "r", "loss": 1})
    with pytest.raises(ConflictError, match="task 1 is not the run 'r', which is task 2"):
        counter.send({"taskId": 1, "runId": "r", "gpuName": "new", "loss": 2})
    counter.work.commit()
    assert counter.one("SELECT count(*) FROM gpus") == 0
    assert counter.rows("SELECT external_id FROM tasks ORDER BY id") == [(None,), ("r",)]
    assert counter.send({"taskId": 2, "runId": "r", "loss": 2}) == [Answer(2)]


@pytest.mark.parametrize("names", [{"runId": "r"}, {"taskName": "b"}, {"gpuName": "G"}])
def test_a_name_that_a_task_just_got_finds_it_within_the_same_transaction(
    counter: Counter, names: dict[str, str]
):
    task = counter.task_of({"taskName": "a", "loss": 1})
    answers = counter.send({"taskId": task, **names, "loss": 2}, {**names, "loss": 3})
    assert answers == [Answer(task), Answer(task)]


def test_a_name_that_a_task_just_lost_does_not_find_it_within_the_same_transaction(counter: Counter):
    task = counter.task_of({"taskName": "a", "loss": 1})
    _, other = counter.send({"taskId": task, "taskName": "b", "loss": 2}, {"taskName": "a", "loss": 3})
    assert other == Answer(task + 1)
    assert counter.send({"taskName": "a", "loss": 4}, {"taskName": "b", "loss": 4}) == [other, Answer(task)]


def test_an_attempt_after_the_last_there_can_be_is_refused(counter: Counter):
    counter.send({"taskName": "a", "attempt": LARGEST_ATTEMPT, "status": "failed"})
    with pytest.raises(ConflictError):
        counter.send({"taskName": "a", "gpuName": "new", "status": "started"})
    counter.work.commit()
    assert counter.send({"taskName": "a", "loss": 1, "step": 9}) == [Answer(1)]


def test_deletes_beside_all_else_in_one_transaction_break_nothing(counter: Counter):
    """Each order of what is done to one task and its deletion."""
    spec = parse_job({"name": "job", "modelName": "m", "epochs": 1})

    def observed(work: Work, task_id: int) -> None:
        task = work.task(task_id)
        if task is not None:
            observe(work, task_id, Report(attempt=task.attempt, points=(Point("loss", 1.0),)))
            end_attempt(work, task_id, Report(attempt=1, status=Status.COMPLETE), 1)

    acts: list[Callable[[Work, int], object]] = [
        lambda work, task_id: ingest(
            work, parse({"taskId": task_id, "runId": "r", "loss": math.nan, "message": "m"})
        ),
        lambda work, task_id: edit_task(work, Actor("local", "x"), task_id, Edit(title="y")),
        lambda work, task_id: start_job(work, CONSOLE, task_id),
        observed,
        lambda work, task_id: track(work, change_of("start", "r", {"agentId": "a", "maxSeconds": 1})),
        lambda work, task_id: delete_task(work, CONSOLE, task_id),
    ]
    for first in range(len(acts)):
        counter.work.begin(counter.now)
        task = create_job(counter.work, CONSOLE, spec)
        for act in (*acts[first:], *acts[:first], *acts):
            try:
                act(counter.work, task.id)
            except (NotFoundError, ConflictError):
                continue
        counter.work.commit()
    counter.work.begin(counter.now)
    while counter.work.has_remains:
        counter.work.sweep()
    counter.work.commit()
