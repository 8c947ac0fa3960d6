"""What the browser's stores hold has in Python the names that the server sends."""

import json
import subprocess
import sysconfig
from datetime import UTC, datetime
from pathlib import Path

import pytest
import reflex as rx

from trainwatch.domain.events import Notified
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.services.views import attempt_view, event_view, gpu_view, notification_view, task_view
from trainwatch.store.gpus import Gpu
from trainwatch.store.history import Attempt, TaskEvent
from trainwatch.ui.browser import rows
from trainwatch.ui.browser.shapes import Shape, camel_case, values_of
from trainwatch.ui.components.filters import SORTS
from trainwatch.ui.components.task_parts import STATES

ASSETS = Path(__file__).parents[2] / "assets"
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


RULES = """
import {{ canStart }} from "{job}";
import {{ isEnded }} from "{liveness}";
const isTrue = (value) => (Array.isArray(value) ? value.length > 0 : Boolean(value));
const pyOr = (a, b) => (isTrue(a) ? a : b());
const pyAnd = (a, b) => (isTrue(a) ? b() : a);
const rows = ["queued", "running", "paused", "complete", "failed", "stopped"].flatMap((status) =>
  [true, false].map((isWaiting) => ({{ status, isWaiting }})),
);
for (const row of rows) {{
  const told = [{can_start}, {is_ended}].map(Boolean);
  const known = [canStart(row), isEnded(row)].map(Boolean);
  if (String(told) !== String(known)) throw new Error(`${{JSON.stringify(row)}}: ${{told}}, not ${{known}}`);
}}
"""


def test_what_can_be_done_to_a_job_is_the_same_for_a_view_and_for_a_script(tmp_path: Path):
    row = rows.TaskRow(rx.Var("row"))
    script = tmp_path / "rules.mjs"
    assets = {name: (ASSETS / f"{name}.js").as_uri() for name in ("job", "liveness")}
    script.write_text(RULES.format(**assets, can_start=str(row.can_start), is_ended=str(row.is_ended)))
    node = Path(sysconfig.get_path("scripts")) / "node"
    done = subprocess.run([node, script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_address_knows_each_way_to_sort_and_each_state():
    script = (ASSETS / "addresses.js").read_text()
    assert f"SORTS = {json.dumps(list(SORTS))};" in script
    assert f"STATUSES = {json.dumps(list(STATES))};" in script


def test_a_value_that_a_row_does_not_have_is_a_mistake():
    with pytest.raises(AttributeError, match="Gpu has no value colour"):
        _ = rows.Gpu(rx.Var("gpu")).colour
