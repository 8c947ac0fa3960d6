"""What the browser's stores hold has in Python the names that the server sends."""

from datetime import UTC, datetime

import pytest

from trainwatch.domain.events import Notified
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.services.views import attempt_view, event_view, gpu_view, notification_view, task_view
from trainwatch.store.gpus import Gpu
from trainwatch.store.history import Attempt, TaskEvent
from trainwatch.ui.browser import rows
from trainwatch.ui.browser.shapes import Shape, camel_case, values_of

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
TASK = Task(id=7, title="bert", created_at=NOW, last_updated=NOW, revision=1, training_status=Status.RUNNING)
GPU = gpu_view(Gpu(id=1, name="A100"), [TASK])


@pytest.mark.parametrize(
    ("shape", "view"),
    [
        (rows.Gpu, GPU),
        (rows.TaskRow, task_view(TASK, None)),
        (rows.Attempt, attempt_view(Attempt(1, Status.RUNNING, None, None, None, (), NOW, None))),
        (rows.Happening, event_view(TaskEvent(1, 1, "started", "Started", NOW))),
        (rows.GpuOfTask, {"id": 0, "name": "", "host": ""}),
        (rows.TaskOnGpu, GPU["tasks"][0]),
        (rows.Notification, notification_view(Notified(1, "info", "a", "b", 7, NOW))),
    ],
)
def test_a_row_has_the_values_that_its_view_has(shape: type[Shape], view: dict[str, object]):
    assert {camel_case(name) for name in values_of(shape)} == view.keys()
