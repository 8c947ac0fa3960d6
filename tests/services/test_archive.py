"""Out of sight, with all of its data."""

import pytest

from tests.services.conftest import Counter
from trainwatch.domain.audit import CONSOLE
from trainwatch.errors import NotFoundError
from trainwatch.services import look
from trainwatch.services.edit import archive_task
from trainwatch.store.tasks import TaskFilter


def archive(counter: Counter, task_id: int, *, archived: bool = True) -> None:
    """Archive a task, or bring it back, in a transaction of its own."""
    counter.work.begin(counter.now)
    archive_task(counter.work, CONSOLE, task_id, archived=archived)
    counter.events = counter.work.commit()


def shown(counter: Counter, *, archived: bool = False) -> list[str]:
    """Return the titles in the list."""
    wanted = TaskFilter(archived=archived)
    view = look.overview(counter.database, wanted, now=counter.now, sort="created", limit=10, offset=0)
    return [row["title"] for row in view["tasks"]]


def history(counter: Counter, task_id: int) -> list[str]:
    """Return the lines of the task's history, the first one first."""
    return [line["message"] for line in look.task_whole(counter.database, task_id)["events"][::-1]]


def test_an_archived_task_leaves_list_and_card_and_keeps_its_page(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "gpuName": "A100", "loss": 0.5})
    archive(counter, task_id)
    view = look.overview(counter.database, TaskFilter(), now=counter.now, sort="created", limit=10, offset=0)
    assert (view["tasks"], view["total"], sum(view["counts"].values()), view["archived"]) == ([], 0, 0, 1)
    assert [card["tasks"] for card in view["gpus"]] == [[]]
    whole = look.task_whole(counter.database, task_id)
    assert whole["archivedAt"]
    assert [series["points"] for series in whole["series"]] == [1]


def test_a_task_that_was_brought_back_is_as_before(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "loss": 0.5})
    archive(counter, task_id)
    archive(counter, task_id, archived=False)
    assert (shown(counter), shown(counter, archived=True)) == (["bert"], [])
    assert history(counter, task_id)[-2:] == ["archived", "brought back"]


def test_what_an_archived_task_reports_is_kept_and_does_not_bring_it_back(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "step": 1, "loss": 0.5})
    archive(counter, task_id)
    assert counter.task_of({"taskName": "bert", "step": 2, "loss": 0.4}) == task_id
    counter.send({"taskName": "bert", "status": "failed"})
    assert shown(counter, archived=True) == ["bert"]
    assert counter.one("SELECT count(*) FROM metric_points") == 2


def test_a_new_attempt_brings_an_archived_task_back(counter: Counter):
    task_id = counter.task_of({"taskName": "bert", "step": 9, "status": "complete"})
    archive(counter, task_id)
    assert counter.task_of({"taskName": "bert", "status": "started"}) == task_id
    assert shown(counter) == ["bert"]
    assert history(counter, task_id)[-2:] == ["brought back by a new attempt", "attempt 2 began"]


def test_a_task_that_is_not_there_cannot_be_archived(counter: Counter):
    with pytest.raises(NotFoundError):
        archive(counter, 7)
