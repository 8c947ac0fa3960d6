import pytest

from tests.domain.factories import NOW, at, make_task
from trainwatch.domain.edit import Edit, archive, edit, request_stop
from trainwatch.domain.status import Status
from trainwatch.errors import ConflictError, TooLargeError


def test_an_edit_changes_only_what_it_says():
    task = make_task(tags=("a",), notes="mine")
    assert edit(task, Edit()) == (task, [])
    assert edit(task, Edit(notes=None))[0] == task.replaced(notes=None)
    assert edit(task, Edit(tags=()))[0] == task.replaced(tags=())


def test_a_title_the_user_typed_is_marked_as_such():
    task, happenings = edit(make_task(), Edit(title="  My run "))
    assert (task.title, task.title_by_user) == ("My run", True)
    assert [(each.kind, each.message) for each in happenings] == [("renamed", "renamed to My run")]


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_empty_title_gives_back_the_reported_one(empty: str | None):
    task, _ = edit(make_task(title="mine", title_by_user=True), Edit(title=empty))
    assert (task.title, task.title_by_user) == ("bert", False)


def test_a_task_without_a_reported_name_keeps_its_title():
    task, happenings = edit(make_task(title="A100 training", reported_name=None), Edit(title=""))
    assert (task.title, happenings) == ("A100 training", [])


def test_tags_are_trimmed_and_kept_once_in_order():
    assert edit(make_task(), Edit(tags=(" b", "a", "", "b ")))[0].tags == ("b", "a")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", Edit(title="x" * 201)),
        ("tags", Edit(tags=("x" * 201,))),
        ("tags", Edit(tags=tuple(str(number) for number in range(101)))),
        ("notes", Edit(notes="x" * 20_001)),
    ],
)
def test_what_is_too_long_is_refused_by_name(field: str, changes: Edit):
    with pytest.raises(TooLargeError) as refusal:
        edit(make_task(), changes)
    assert refusal.value.field == field


def test_a_stop_is_asked_for_once_and_can_be_withdrawn():
    asked, first = request_stop(make_task(), stop=True, now=at(1))
    again, second = request_stop(asked, stop=True, now=at(2))
    withdrawn, third = request_stop(again, stop=False, now=at(3))
    assert (asked.stop_requested_at, again, withdrawn) == (at(1), asked, make_task())
    assert [[each.kind for each in told] for told in (first, second, third)] == [
        ["stop_requested"],
        [],
        ["stop_withdrawn"],
    ]


def test_a_task_that_has_ended_cannot_be_asked_to_stop():
    with pytest.raises(ConflictError):
        request_stop(make_task(training_status=Status.FAILED, finished_at=NOW), stop=True, now=NOW)


def test_a_task_is_archived_once_and_brought_back_as_it_was():
    away, first = archive(make_task(), archived=True, now=at(1))
    again, second = archive(away, archived=True, now=at(2))
    back, third = archive(again, archived=False, now=at(3))
    assert (away.archived_at, again, back) == (at(1), away, make_task())
    assert [[each.message for each in told] for told in (first, second, third)] == [
        ["archived"],
        [],
        ["brought back"],
    ]
