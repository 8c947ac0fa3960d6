"""What the key of a job reports: the job's own task, whatever it is called there."""

import pytest

from trainwatch.domain.confined import confined
from trainwatch.domain.payload import parse
from trainwatch.domain.report import Report
from trainwatch.errors import ForbiddenError


def said_by_the_job(payload: dict[str, object]) -> Report:
    said = confined(parse(payload), 7)
    assert isinstance(said, Report)
    return said


@pytest.mark.parametrize(
    "payload",
    [
        {"taskId": 7, "step": 3, "loss": 0.5},
        {"taskName": "my-run", "step": 3, "loss": 0.5},
        {"runId": "my-run-1", "attempt": 4, "step": 3, "loss": 0.5},
        {"title": "My run", "taskName": "my-run", "runId": "x", "step": 3, "loss": 0.5},
        {"gpuName": "A100", "step": 3, "loss": 0.5},
    ],
    ids=", ".join,
)
def test_a_report_is_about_the_own_task_however_it_names_it(payload: dict[str, object]):
    said = said_by_the_job(payload)
    assert (said.task_id, [point.value for point in said.points], said.current_step) == (7, [0.5], 3)
    assert (said.name, said.run_id, said.attempt) == (None, None, None)


def test_no_name_or_run_is_kept_by_which_others_would_report_into_the_job():
    said = said_by_the_job({"taskId": 7, "taskName": "nightly", "runId": "r-1", "loss": 1})
    assert (said.task_id, said.name, said.run_id) == (7, None, None)


def test_the_attempt_is_kept_that_is_said_of_the_own_task():
    assert said_by_the_job({"taskId": 7, "attempt": 2, "loss": 1}).attempt == 2


@pytest.mark.parametrize("other", [0, 6, 8, 2**53 - 1])
def test_another_task_is_refused_in_words(other: int):
    with pytest.raises(ForbiddenError, match="key of job 7, and reports about that task only") as refused:
        confined(parse({"taskId": other, "loss": 1}), 7)
    assert refused.value.field == "taskId"


def test_a_notification_is_one_of_the_own_task():
    assert confined(parse({"title": "Disk almost full"}), 7).task_id == 7
