"""What people are told of a task, in words that fit what it is."""

import pytest

from tests.domain.factories import make_task
from trainwatch.domain.status import Status, TaskType
from trainwatch.domain.task import Happening
from trainwatch.services.notices import notice_of


@pytest.mark.parametrize(
    ("type", "titles"),
    [
        (
            TaskType.TRAINING,
            ["Training started", "Training Complete!", "Training Failed", "Training stopped"],
        ),
        (TaskType.AGENT, ["Task started", "Task Complete!", "Task Failed", "Task stopped"]),
    ],
)
def test_only_what_trains_is_called_a_training(type: TaskType, titles: list[str]):
    task = make_task(type=type, training_status=Status.RUNNING)
    kinds = ("started", "complete", "failed", "stopped")
    notices = [notice_of(task, Happening(kind, kind)) for kind in kinds]
    assert [notice.title for notice in notices if notice] == titles
    assert all(task.title in notice.message for notice in notices if notice)
