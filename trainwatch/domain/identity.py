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
    said = {
        "title": title,
        "title_by_user": title_by_user,
        "reported_name": report.name or task.reported_name,
        "external_id": task.external_id or report.run_id,
        "type": report.type or task.type,
        "gpu_id": task.gpu_id if gpu_id is None else gpu_id,
    }
    facts = task.__dict__
    changes = {name: value for name, value in said.items() if facts[name] != value}
    return task.replaced(**changes) if changes else task


def _title(task: Task, report: Report) -> tuple[str, bool]:
    if task.title_by_user and not (report.overwrite_title and report.title):
        return task.title, True
    if report.title:
        return report.title, False
    if report.name and task.title == task.reported_name:
        return report.name, False  # it only ever was the name
    return task.title, False
