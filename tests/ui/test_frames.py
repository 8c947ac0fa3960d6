"""What each room is sent: what changed, joined, and never more than fits."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.plugins.doors import make_key, make_session, make_user
from trainwatch.domain.events import (
    CredentialChanged,
    GpuChanged,
    LogGrown,
    Notified,
    TaskChanged,
    TaskRemoved,
    Tracked,
)
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.domain.tracked.progress import Criterion, CurrentAction, ExecutionEvent, TaskProgress
from trainwatch.services.tracking import detail_view
from trainwatch.store.gpus import Gpu
from trainwatch.store.tracked import TrackedTask
from trainwatch.ui.frames import MOST_ROWS, Frame, Rooms
from trainwatch.ui.news import MOST_POINTS
from trainwatch.ui.rooms import ACCESS, EVERYONE, OVERVIEW, room_of

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def everybody(room: str) -> bool:
    return True


def nobody(room: str) -> bool:
    return False


def a_task(revision: int = 1, **facts) -> Task:
    return Task(
        **{"id": 7, "title": "bert", "created_at": NOW, "last_updated": NOW, "revision": revision, **facts}
    )


def changed(revision: int, *steps: int, **facts) -> TaskChanged:
    points = [("loss", step, None, float(step), None, NOW) for step in steps]
    return TaskChanged(a_task(revision, **facts), revision - 1, points)


@pytest.fixture
def rooms() -> Rooms:
    return Rooms(gpus={}, now=lambda: NOW)


def test_changes_since_the_last_frame_are_joined_into_one(rooms: Rooms):
    rooms.note([changed(1, 1), changed(2, 2, 3)], everybody)
    rooms.note([changed(3, 4)], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert (frame.content["fromRevision"], frame.content["toRevision"]) == (0, 3)
    assert frame.content["points"]["loss"]["steps"] == [1, 2, 3, 4]
    assert rooms.take(room_of(7)) is None


def test_a_flag_keeps_its_step_when_frames_are_joined(rooms: Rooms):
    broken = TaskChanged(a_task(2), 1, [("loss", 5, None, None, "nan", NOW)])
    rooms.note([changed(1, 4), broken], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert frame.content["points"]["loss"]["flags"] == {"5": "nan"}


def test_too_many_points_are_left_to_be_fetched(rooms: Rooms):
    rooms.note([changed(1, *range(MOST_POINTS + 1))], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert frame.content["points"] is None


def test_a_new_attempt_is_fetched_from_its_beginning(rooms: Rooms):
    rooms.note([changed(1, 9), changed(2, 1, attempt=2)], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert frame.content["attempt"] == 2
    assert frame.content["points"] is None


def test_nothing_is_kept_for_an_empty_room(rooms: Rooms):
    assert rooms.note([changed(1, 1), Notified(1, "info", "hello", None, None, NOW)], nobody) == set()
    assert not rooms.has_news(room_of(7))
    assert not rooms.has_news(OVERVIEW)
    assert not rooms.has_news(EVERYONE)


def test_the_overview_gets_each_changed_task_once_and_nothing_else(rooms: Rooms):
    rooms.note([changed(1), changed(2), TaskChanged(a_task(1, id=8), 0, [])], everybody)
    rooms.take(OVERVIEW)
    rooms.note([changed(3), changed(4)], everybody)
    frame = rooms.take(OVERVIEW)
    assert frame is not None
    assert [(row["id"], row["revision"]) for row in frame.content["rows"]] == [(7, 4)]
    assert not frame.content["stale"]


@pytest.mark.parametrize(
    "facts",
    [{"training_status": Status.FAILED}, {"title": "other"}, {"attempt": 2}, {"archived_at": NOW}],
    ids=["state", "title", "attempt", "archived"],
)
def test_what_moves_a_task_within_the_list_marks_it_stale(rooms: Rooms, facts: dict):
    rooms.note([changed(1)], everybody)
    rooms.take(OVERVIEW)
    rooms.note([changed(2, **facts)], everybody)
    frame = rooms.take(OVERVIEW)
    assert frame is not None
    assert frame.content["stale"]


def test_more_rows_than_fit_are_left_to_be_fetched(rooms: Rooms):
    rooms.note([TaskChanged(a_task(1, id=number), 0, []) for number in range(MOST_ROWS + 1)], everybody)
    frame = rooms.take(OVERVIEW)
    assert frame is not None
    assert frame.content["rows"] == []
    assert frame.content["stale"]


def test_a_gpu_is_sent_with_what_runs_on_it(rooms: Rooms):
    rooms.note([GpuChanged(Gpu(id=3, name="A100")), changed(1, gpu_id=3)], everybody)
    frame = rooms.take(OVERVIEW)
    assert frame is not None
    ((card,), (row,)) = frame.content["gpus"], frame.content["rows"]
    assert [task["id"] for task in card["tasks"]] == [7]
    assert row["gpu"]["name"] == "A100"


def test_a_removed_task_is_told(rooms: Rooms):
    rooms.note([TaskRemoved(7)], everybody)
    frame = rooms.take(OVERVIEW)
    assert frame is not None
    assert frame.content["removed"] == [7]


def test_the_page_of_a_removed_task_is_told_that_and_nothing_else(rooms: Rooms):
    rooms.note([changed(1, 1), TaskRemoved(7)], everybody)
    frame, overview = rooms.take(room_of(7)), rooms.take(OVERVIEW)
    assert frame is not None
    assert overview is not None
    assert (frame.var, frame.content) == ("task", {"taskId": 7, "removed": True})
    assert (overview.content["rows"], overview.content["removed"]) == ([], [7])
    assert not rooms.has_news(room_of(7))


def test_a_removed_or_archived_task_is_not_named_on_the_card_of_its_gpu(rooms: Rooms):
    rooms.note([changed(1, gpu_id=3), TaskChanged(a_task(1, id=8, gpu_id=3), 0, [])], everybody)
    rooms.note([TaskRemoved(7), TaskChanged(a_task(2, id=8, gpu_id=3, archived_at=NOW), 1, [])], everybody)
    rooms.note([GpuChanged(Gpu(id=3, name="A100"))], everybody)
    frame = rooms.take(OVERVIEW)
    assert frame is not None
    assert [card["tasks"] for card in frame.content["gpus"]] == [[]]


def test_a_page_that_joins_late_is_not_turned_back(rooms: Rooms):
    rooms.note([changed(5, 5)], everybody)
    old = rooms.start_of(a_task(3), has_log=True)
    newer = rooms.newer(room_of(7), old).content
    assert (newer["toRevision"], newer["hasLog"]) == (5, True)


def test_after_lost_events_everything_is_fetched_anew(rooms: Rooms):
    rooms.note([changed(1, 1)], everybody)
    rooms.lose_track()
    task, overview = rooms.take(room_of(7)), rooms.take(OVERVIEW)
    assert task is not None
    assert overview is not None
    assert task.content["points"] is None
    assert overview.content["stale"]


def test_each_room_counts_its_own_frames_so_that_a_lost_one_is_noticed(rooms: Rooms):
    numbers = []
    for number in range(3):
        rooms.note(
            [changed(number + 1, number + 1), Notified(number, "info", "hello", None, None, NOW)], everybody
        )
        frames = [rooms.take(room) for room in (room_of(7), OVERVIEW, EVERYONE)]
        numbers.append([(frame.content["prev"], frame.content["seq"]) for frame in frames[1:] if frame])
    assert numbers == [[(0, 1), (0, 1)], [(1, 2), (1, 2)], [(2, 3), (2, 3)]]


def test_who_joins_is_told_the_last_number_of_each_room(rooms: Rooms):
    rooms.note([changed(1)], everybody)
    rooms.take(OVERVIEW)
    assert rooms.welcome().content["sent"] == {EVERYONE: 0, OVERVIEW: 1}


def test_however_much_a_job_prints_its_room_hears_one_number(rooms: Rooms):
    for size in range(1_000, 2_000_000, 1_000):
        assert rooms.note([LogGrown(7, 2, size)], everybody) == {room_of(7)}
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert (frame.var, frame.content) == ("log", {"taskId": 7, "attempt": 2, "size": 1_999_000})
    assert not rooms.has_news(room_of(7))


def test_a_log_that_grows_does_not_keep_the_news_of_its_task_waiting(rooms: Rooms):
    rooms.note([LogGrown(7, 1, 10), changed(1, 1), LogGrown(7, 1, 20)], everybody)
    taken = [rooms.take(room_of(7)), rooms.take(room_of(7)), rooms.take(room_of(7))]
    assert [frame.var if frame else None for frame in taken] == ["task", "log", None]


def test_of_a_deleted_task_no_log_is_told(rooms: Rooms):
    rooms.note([LogGrown(7, 1, 10), TaskRemoved(7)], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert frame.content == {"taskId": 7, "removed": True}
    assert not rooms.has_news(room_of(7))


def test_a_log_that_nobody_looks_at_is_not_remembered(rooms: Rooms):
    assert rooms.note([LogGrown(7, 1, 10)], lambda room: room == EVERYONE) == set()
    assert not rooms.has_news(room_of(7))


STARTED = "2026-01-31T12:00:00.000+00:00"
WRITTEN = ExecutionEvent(STARTED, "action", "✓ write: a.py")


def tracked(*events: ExecutionEvent, task_id: int = 7, **facts) -> Tracked:
    return Tracked(task_id, TaskProgress("fix", "coder", started_at=STARTED, **facts), events)


def test_the_frame_of_a_task_says_how_it_stands_if_it_is_tracked(rooms: Rooms):
    rooms.note([changed(1), tracked(iteration=3), changed(2), tracked(WRITTEN, iteration=4)], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert (frame.content["toRevision"], frame.content["tracked"]["iteration"]) == (2, 4)
    assert rooms.take(room_of(7)) is None


def test_a_frame_tells_of_events_that_came_before_its_last_change(rooms: Rooms):
    told = []
    for changes in ([tracked(WRITTEN), tracked()], [tracked()]):
        rooms.note([changed(1), *changes], everybody)
        frame = rooms.take(room_of(7))
        assert frame is not None
        told.append(frame.content["tracked"]["happened"])
    assert told == [True, False]


def test_that_its_time_is_up_is_told_though_nobody_reported(rooms: Rooms):
    rooms.note([tracked(limits_reached=["seconds"])], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert frame.content["taskId"] == 7
    assert frame.content["tracked"]["limitsReached"] == ["seconds"]
    assert "row" not in frame.content


def test_a_frame_is_as_large_after_a_long_history_as_after_a_short_one(rooms: Rooms):
    sizes = []
    for many in (20, 20_000):
        files = [f"src/{n % 1000:05}.py" for n in range(many)]
        progress = tracked(
            WRITTEN,
            criteria=[Criterion("holds", STARTED)] * 1_000,
            criteria_total=1_000,
            criteria_verified=1_000,
            files_created=files,
            files_modified=files,
            events=[WRITTEN] * 10,
        )
        rooms.note([changed(1), progress], everybody)
        frame = rooms.take(room_of(7))
        assert frame is not None
        sizes.append(len(json.dumps(frame.content["tracked"])))
    assert sizes[1] - sizes[0] < 10  # the totals have more digits
    assert sizes[1] < 2_000


def test_the_criteria_that_were_verified_last_go_along(rooms: Rooms):
    criteria = [Criterion("holds", f"2026-01-31T12:00:{59 - n:02}.000+00:00") for n in range(30)]
    rooms.note([tracked(criteria=[*criteria, Criterion("open")], criteria_total=31)], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert [index for index, _ in frame.content["tracked"]["verified"]] == list(range(9, -1, -1))


def test_a_frame_says_of_a_tracked_task_what_its_operation_says_in_the_same_words(rooms: Rooms):
    event = tracked(cost_estimate=1.5, summary="done", action=CurrentAction("edit", "a.py", STARTED))
    rooms.note([event], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    part = frame.content["tracked"]
    detail = detail_view(a_task(), TrackedTask(7, 1, event.progress))
    own = {"verified", "happened", "filesCreated", "filesModified"}
    assert {name: part[name] for name in part if name not in own} == {
        name: detail[name] for name in part if name not in own
    }


def test_of_a_tracked_task_that_is_deleted_or_that_nobody_looks_at_nothing_is_kept(rooms: Rooms):
    rooms.note([tracked(), TaskRemoved(7)], everybody)
    frame = rooms.take(room_of(7))
    assert frame is not None
    assert frame.content == {"taskId": 7, "removed": True}
    rooms.note([replace(tracked(), task_id=8)], lambda room: room == EVERYONE)
    assert not rooms.has_news(room_of(7))
    assert not rooms.has_news(room_of(8))


KEY, _ = make_key()
SESSION, _ = make_session()


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (CredentialChanged(KEY), True),
        (CredentialChanged(KEY, is_use=True), True),
        (CredentialChanged(SESSION), True),
        (CredentialChanged(replace(SESSION, revoked_at=NOW)), True),
        (CredentialChanged(make_user()), True),
        (CredentialChanged(SESSION, is_use=True), False),
    ],
)
def test_who_manages_access_is_told_that_something_changed_and_nothing_of_what(
    rooms: Rooms, event: CredentialChanged, *, told: bool
):
    assert (ACCESS in rooms.note([event, event], everybody)) is told
    assert rooms.has_news(ACCESS) is told
    if told:
        assert rooms.take(ACCESS) == Frame("access", {"n": 1})
        assert rooms.take(ACCESS) is None
        rooms.note([event], everybody)
        assert rooms.take(ACCESS) == Frame("access", {"n": 2})


def test_nothing_is_kept_of_access_for_nobody(rooms: Rooms):
    assert rooms.note([CredentialChanged(KEY)], lambda room: room == EVERYONE) == set()
    assert not rooms.has_news(ACCESS)
