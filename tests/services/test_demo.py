"""The demo: made by one click, gone by one click, and nothing else goes with it."""

from dataclasses import replace

import pytest

from tests.services.conftest import Counter
from trainwatch.domain.audit import Actor
from trainwatch.domain.edit import Edit
from trainwatch.domain.events import TaskRemoved
from trainwatch.domain.job import CommandOptions, Runner
from trainwatch.domain.status import Status
from trainwatch.domain.turn import is_waiting
from trainwatch.services.demo import SPECS, TAG, begin_demo, find_demo, remove_of_demo
from trainwatch.services.edit import archive_task, delete_task, edit_task
from trainwatch.services.jobs import begin_attempt, create_job

VISITOR = Actor("local", "this machine")


def begin(counter: Counter) -> list[int]:
    """Make the demo in a transaction of its own."""
    counter.work.begin(counter.now)
    made = begin_demo(counter.work, VISITOR)
    counter.work.commit()
    return [task.id for task in made]


def remove(counter: Counter, *task_ids: int) -> list[bool]:
    """Remove jobs of the demo; return for each whether there was one."""
    counter.work.begin(counter.now)
    found = [remove_of_demo(counter.work, VISITOR, task_id) for task_id in task_ids]
    counter.events = counter.work.commit()
    return found


def there(counter: Counter) -> set[int]:
    """Return the jobs of the demo that are found."""
    with counter.database.reading() as connection:
        return {task.id for task in find_demo(connection)}


def test_it_is_three_jobs_that_wait_for_their_turn(counter: Counter):
    jobs = begin(counter)
    counter.work.begin(counter.now)
    tasks = [counter.work.task(job) for job in jobs]
    assert [task is not None and is_waiting(task) for task in tasks] == [True, True, True]
    assert there(counter) == set(jobs)


def test_its_jobs_differ_in_model_and_speed_and_one_fails():
    assert len({spec.model_name for spec in SPECS}) == len({spec.simulated.speed for spec in SPECS}) == 3
    assert [spec.simulated.fail_at is not None for spec in SPECS].count(True) == 1
    assert all(spec.runner is Runner.SIMULATED for spec in SPECS)


def test_it_is_removed_even_while_it_runs_and_the_audit_log_says_so(counter: Counter):
    jobs = begin(counter)
    counter.work.begin(counter.now)
    begin_attempt(counter.work, jobs[0])
    counter.work.commit()
    assert remove(counter, *jobs) == [True, True, True]
    assert [event for event in counter.events if isinstance(event, TaskRemoved)] == [*map(TaskRemoved, jobs)]
    assert there(counter) == set()
    told = counter.rows("SELECT actor_name, target FROM audit_log WHERE action = 'removed demo' ORDER BY id")
    assert told[0] == ("this machine", f"job {jobs[0]} ({SPECS[0].name})")


def test_one_that_was_removed_by_hand_is_passed_over(counter: Counter):
    first, *others = begin(counter)
    counter.work.begin(counter.now)
    delete_task(counter.work, VISITOR, first)
    counter.work.commit()
    assert there(counter) == set(others)
    assert remove(counter, first, *others) == [False, True, True]


def test_one_that_was_put_away_is_found_and_one_that_lost_its_tag_is_kept(counter: Counter):
    away, kept, last = begin(counter)
    counter.work.begin(counter.now)
    archive_task(counter.work, VISITOR, away, archived=True)
    edit_task(counter.work, VISITOR, kept, Edit(tags=("mine",)))
    counter.work.commit()
    assert there(counter) == {away, last}
    assert remove(counter, kept) == [False]


@pytest.mark.parametrize("runner", [Runner.LOCAL, Runner.AGENT])
def test_a_real_job_cannot_be_taken_away_by_calling_it_a_demo(counter: Counter, runner: Runner):
    counter.work.begin(counter.now)
    spec = replace(SPECS[0], name="demo", runner=runner, options=CommandOptions(template="digits"))
    task = create_job(counter.work, VISITOR, spec)
    counter.work.put(task.replaced(tags=(TAG,), training_status=Status.COMPLETE))
    counter.work.commit()
    assert there(counter) == set()
    assert remove(counter, task.id) == [False]


def test_nor_can_a_task_that_is_reported(counter: Counter):
    task_id = counter.task_of({"taskName": "demo"})
    counter.work.begin(counter.now)
    edit_task(counter.work, VISITOR, task_id, Edit(tags=(TAG,)))
    counter.work.commit()
    assert there(counter) == set()
    assert remove(counter, task_id) == [False]
