"""What a task is called and known by, as reports and people have it."""

from trainwatch.domain.report import Report
from trainwatch.domain.task import Task


def first_title(report: Report) -> str:
    """Return the title of a task that `report` makes, until somebody gives it another."""
    return report.title or report.name or f"{report.gpu_name or report.host or 'Unnamed'} training"


def identified(task: Task, report: Report, *, gpu_id: int | None) -> Task:
    """Return `task` with the names, the type and the GPU that `report` came with.

    A title the user typed stays, unless the report insists. The run id, once known, stays.
    """
    title, title_by_user = _title(task, report)
    name, run_id = report.name or task.reported_name, task.external_id or report.run_id
    kind, gpu_id = report.type or task.type, task.gpu_id if gpu_id is None else gpu_id
    said = (title, title_by_user, name, run_id, kind, gpu_id)
    if said == (task.title, task.title_by_user, task.reported_name, task.external_id, task.type, task.gpu_id):
        return task  # as nearly always
    return task.replaced(
        title=title,
        title_by_user=title_by_user,
        reported_name=name,
        external_id=run_id,
        type=kind,
        gpu_id=gpu_id,
    )


def _title(task: Task, report: Report) -> tuple[str, bool]:
    if task.title_by_user and not (report.overwrite_title and report.title):
        return task.title, True
    if report.title:
        return report.title, False
    if report.name and task.title == task.reported_name:
        return report.name, False  # it only ever was the name
    return task.title, False
