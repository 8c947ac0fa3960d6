"""What the key of a job reports: the job's own task, whatever it is called there."""

from dataclasses import replace

from trainwatch.domain.report import Note, Report
from trainwatch.errors import ForbiddenError


def confined(said: Report | Note, task_id: int) -> Report | Note:
    """Return `said` as about the task `task_id`, which is all that its sender may report about.

    A script that is written for TrainWatch and run as a job names its own run; here that is the job. So a
    name or a run id is neither looked for nor kept, nor is the number that an attempt has in such a run.

    Raises:
        ForbiddenError: If it names another task by its id.
    """
    if isinstance(said, Note):
        return replace(said, task_id=task_id)
    if said.task_id is None:
        return replace(said, task_id=task_id, name=None, run_id=None, attempt=None)
    if said.task_id != task_id:
        raise refusal(task_id)
    return replace(said, name=None, run_id=None)


def refusal(task_id: int) -> ForbiddenError:
    """Return why a job's key is refused that is shown for anything else than its own task."""
    return ForbiddenError(
        f"this is the key of job {task_id}, and reports about that task only; "
        "for others make a key: `trainwatch key create --scope ingest`",
        field="taskId",
    )
