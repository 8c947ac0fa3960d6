from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from trainwatch.domain.liveness import Liveness, Rhythm, liveness, lost_after
from trainwatch.domain.pace import Pace
from trainwatch.domain.status import Status, TaskType
from trainwatch.domain.task import Task
from trainwatch.store.tables import GPUS, TASKS
from trainwatch.store.tasks import (
    SORTS,
    UNENDED,
    TaskFilter,
    count_tasks,
    find_task,
    list_tasks,
    row_from_task,
    tasks_on_gpus,
)

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def task(task_id=1, **facts):
    return Task(
        **{"id": task_id, "title": f"task {task_id}", "created_at": NOW, "last_updated": NOW, **facts}
    )


def keep(database, *tasks):
    with database.writing() as connection:
        connection.execute(insert(TASKS), [row_from_task(each) for each in tasks])
        connection.commit()


ALL = TaskFilter()


def ids(database, wanted=ALL, **how):
    with database.reading() as connection:
        return [each.id for each in list_tasks(connection, wanted, now=NOW, **how).tasks]


def test_a_task_comes_back_as_it_was(database):
    with database.writing() as connection:
        connection.execute(insert(GPUS).values(name="A100", host="", revision=0, created_at=NOW))
        connection.commit()
    pace, rhythm = Pace().observe(0.25, 1.0).observe(0.5, 2.0), Rhythm().heard(3.0)
    kept = task(
        title="größer, 大 😀",
        title_by_user=True,
        reported_name="run-42",
        external_id="abc",
        type=TaskType.AGENT,
        source="local",
        gpu_id=1,
        attempt=3,
        progress=0.1 + 0.2,
        progress_in_percent=False,
        current_epoch=4,
        total_epochs=10,
        current_step=2**60,
        total_steps=2**61,
        eta_seconds=12.5,
        training_status=Status.FAILED,
        status_reason="exit code 1",
        message="m",
        revision=2**40,
        started_at=NOW - timedelta(hours=1),
        finished_at=NOW,
        stop_requested_at=NOW + timedelta(microseconds=1),
        archived_at=NOW,
        tags=("a", 'say "b"'),
        notes="n",
        latest={"loss": 0.5, "accuracy": None, "bleu": "-inf"},
        pace=Pace.from_json(pace.to_json()),
        rhythm=Rhythm.from_json(rhythm.to_json()),
    )
    keep(database, kept)
    with database.reading() as connection:
        assert find_task(connection, 1) == kept


def test_a_task_of_which_little_is_known_comes_back_as_it_was(database):
    keep(database, task())
    with database.reading() as connection:
        assert find_task(connection, 1) == task()
        assert find_task(connection, 2) is None


def test_running_tasks_come_first_then_the_recent_ones(database):
    states = [Status.COMPLETE, Status.RUNNING, Status.QUEUED, Status.FAILED, Status.PAUSED, Status.RUNNING]
    keep(
        database,
        *(
            task(n, training_status=state, last_updated=NOW + timedelta(minutes=n))
            for n, state in enumerate(states, 1)
        ),
    )
    assert ids(database) == [6, 2, 5, 3, 4, 1]


def test_each_gpu_names_the_tasks_that_run_on_it_and_were_heard_last(database):
    with database.writing() as connection:
        for name in ("A", "B"):
            connection.execute(insert(GPUS).values(name=name, host="", revision=0, created_at=NOW))
        connection.commit()
    running = [
        task(n, gpu_id=1 + n % 2, training_status=Status.RUNNING, last_updated=NOW + timedelta(minutes=n))
        for n in range(1, 9)
    ]
    ended = task(9, gpu_id=1, training_status=Status.COMPLETE)
    keep(database, *running, ended, task(10, training_status=Status.RUNNING))
    with database.reading() as connection:
        assert [each.id for each in tasks_on_gpus(connection, at_most=2)] == [8, 7, 6, 5]


def test_a_report_does_not_move_a_running_task_in_the_list(database):
    started = [NOW + timedelta(minutes=n) for n in range(4)]
    runs = {"training_status": Status.RUNNING}
    keep(
        database,
        task(1, **runs, started_at=started[1], last_updated=NOW + timedelta(hours=9)),
        task(2, **runs, started_at=started[3], last_updated=NOW),
        task(3, **runs, started_at=started[2], last_updated=NOW + timedelta(hours=3)),
    )
    assert ids(database) == [2, 3, 1]


def test_what_ended_last_stands_first_among_the_ended(database):
    keep(
        database,
        task(1, training_status=Status.FAILED, finished_at=NOW + timedelta(hours=2)),
        task(2, training_status=Status.COMPLETE, finished_at=NOW + timedelta(hours=3), started_at=NOW),
        task(3, training_status=Status.STOPPED, last_updated=NOW + timedelta(hours=9)),
    )
    assert ids(database) == [2, 1, 3]


@pytest.mark.parametrize("sort", SORTS)
def test_every_order_is_total_and_pages_fit_together(database, sort):
    keep(database, *(task(n, title="same") for n in range(1, 8)))
    pages = [ids(database, sort=sort, limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [*pages[0], *pages[1], *pages[2]] == ids(database, sort=sort) == [7, 6, 5, 4, 3, 2, 1]


def test_what_is_unknown_is_sorted_last(database):
    keep(database, task(1), task(2, progress=0.2, eta_seconds=5), task(3, progress=0.9, eta_seconds=9))
    assert ids(database, sort="progress") == [3, 2, 1]
    assert ids(database, sort="eta") == [2, 3, 1]


def test_every_word_is_looked_for_in_title_name_and_tags_in_any_case(database):
    keep(
        database,
        task(1, title="Fine-tune ÜBER model"),
        task(2, reported_name="bert-über-2"),
        task(3, tags=("über",)),
        task(4, title="other", notes="über"),
    )
    assert ids(database, TaskFilter(text="über")) == [3, 2, 1]
    assert ids(database, TaskFilter(text=" über   TUNE ")) == [1]


@pytest.mark.parametrize("text", ["%", "_", "50%_"])
def test_signs_of_the_database_are_plain_characters_in_a_search(database, text):
    keep(database, task(1, title="plain"), task(2, title=f"with {text} inside"))
    assert ids(database, TaskFilter(text=text)) == [2]


def test_counts_follow_the_text_and_the_total_the_states_too(database):
    keep(
        database,
        task(1, title="a", training_status=Status.RUNNING),
        task(2, title="a", training_status=Status.FAILED),
        task(3, title="b", training_status=Status.RUNNING),
    )
    with database.reading() as connection:
        page = list_tasks(connection, TaskFilter(text="a", states=UNENDED), now=NOW)
    assert ([each.id for each in page.tasks], page.total) == ([1], 1)
    assert (page.counts["running"], page.counts["failed"], page.counts["queued"]) == (1, 1, 0)


def test_no_state_at_all_is_no_task(database):
    keep(database, task(1))
    assert ids(database, TaskFilter(states=())) == []


def test_archived_tasks_are_a_list_of_their_own_with_its_own_counts(database):
    keep(database, task(1), replace(task(2), archived_at=NOW), replace(task(3, title="b"), archived_at=NOW))
    assert ids(database) == [1]
    assert ids(database, TaskFilter(archived=True)) == [3, 2]
    assert ids(database, TaskFilter(archived=True, text="task")) == [2]
    with database.reading() as connection:
        assert count_tasks(connection, TaskFilter(), now=NOW)["running"] == 1
        assert count_tasks(connection, TaskFilter(archived=True), now=NOW)["running"] == 2


@pytest.mark.parametrize("archived", [False, True])
def test_every_list_says_how_many_archived_tasks_match_the_text(database, archived):
    keep(database, task(1), replace(task(2), archived_at=NOW), replace(task(3, title="b"), archived_at=NOW))
    with database.reading() as connection:
        assert list_tasks(connection, TaskFilter(archived=archived), now=NOW).archived == 2
        assert list_tasks(connection, TaskFilter(archived=archived, text="b"), now=NOW).archived == 1


def test_an_archived_task_is_not_named_on_the_card_of_its_gpu(database):
    with database.writing() as connection:
        connection.execute(insert(GPUS).values(name="A", host="", revision=0, created_at=NOW))
        connection.commit()
    keep(database, task(1, gpu_id=1), task(2, gpu_id=1, archived_at=NOW))
    with database.reading() as connection:
        assert [each.id for each in tasks_on_gpus(connection, at_most=9)] == [1]


HEARD_EACH_MINUTE = Rhythm().heard(60.0)  # lost after 20 minutes


def test_a_lost_task_is_listed_and_counted_apart_from_those_that_are_alive(database):
    moments = {"live": 0, "silent": 15, "lost": 21}
    keep(
        database,
        *(
            task(n, rhythm=HEARD_EACH_MINUTE, last_updated=NOW - timedelta(minutes=ago))
            for n, ago in enumerate(moments.values(), 1)
        ),
        task(4, training_status=Status.PAUSED, last_updated=NOW - timedelta(days=9)),
        task(5, training_status=Status.FAILED, last_updated=NOW - timedelta(days=9)),
    )
    with database.reading() as connection:
        counts = count_tasks(connection, ALL, now=NOW)
    assert {state: number for state, number in counts.items() if number} == {
        "running": 2,
        "lost": 1,
        "paused": 1,
        "failed": 1,
    }
    listed = {
        states: sorted(ids(database, TaskFilter(states=states)))
        for states in (("running",), ("lost",), ("running", "lost"), ("lost", "failed"), UNENDED)
    }
    assert listed == {
        ("running",): [1, 2],
        ("lost",): [3],
        ("running", "lost"): [1, 2, 3],
        ("lost", "failed"): [3, 5],
        UNENDED: [1, 2, 3, 4],
    }
    for states, found in listed.items():
        with database.reading() as connection:
            page = list_tasks(connection, TaskFilter(states=states), now=NOW)
        assert page.total == len(found)


def test_lists_and_the_rules_of_liveness_agree_at_every_moment(database):
    kept = task(1, rhythm=HEARD_EACH_MINUTE)
    keep(database, kept)
    deadline = lost_after(kept.last_updated, kept.rhythm)
    for moment in (NOW, deadline - timedelta(seconds=1), deadline, deadline + timedelta(microseconds=1)):
        with database.reading() as connection:
            counts = count_tasks(connection, ALL, now=moment)
        is_lost = liveness(kept, now=moment) is Liveness.LOST
        assert (counts["lost"], counts["running"]) == ((1, 0) if is_lost else (0, 1))


def test_what_is_lost_stands_after_what_is_alive_and_before_what_has_ended(database):
    keep(
        database,
        task(1, training_status=Status.FAILED, finished_at=NOW),
        task(2, last_updated=NOW - timedelta(days=1)),
        task(3, training_status=Status.QUEUED),
        task(4),
    )
    assert ids(database) == [4, 3, 2, 1]
