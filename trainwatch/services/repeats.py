"""Repeats: whether a report was taken before, by the event id that its sender gave it."""

from trainwatch.domain.repeat import content_of, scope_of, scope_of_task
from trainwatch.domain.report import Note, Report
from trainwatch.domain.task import Task
from trainwatch.store.receipts import Receipt
from trainwatch.store.work import Work


def receipt_of(work: Work, report: Report | Note, event_id: str, task: Task | None) -> Receipt | None:
    """Return the receipt of the report that `report`, which is about `task`, repeats; None if it is new.

    An event id counts within the task, the GPU or the notification that the report is about. Where the first report
    was about another task, or the task is there no more, only one that says the same is a repeat: numbers that a
    program begins anew must not make its reports vanish, and what is sent again must not make a task.
    """
    named = scope_of(report)
    meant = named if task is None else scope_of_task(task.id)
    found = work.receipts.find(event_id, named, meant)
    receipt = found.get(meant)
    if receipt is not None and (task is not None or not is_about_a_task(report)):
        return receipt
    receipt = found.get(named)
    is_same = receipt is not None and receipt.content in (None, content_of(report))
    return receipt if is_same else None


def keep_receipt(
    work: Work, report: Report | Note, event_id: str, *, task_id: int | None, notification_id: int | None
) -> None:
    """Stage what the report with that event id was answered."""
    scopes = {scope_of(report)}
    if task_id is not None:
        scopes.add(scope_of_task(task_id))
    content = content_of(report)
    work.receipts.keep(
        Receipt(event_id, scope, task_id, notification_id, content, work.now) for scope in scopes
    )


def is_about_a_task(report: Report | Note) -> bool:
    """Whether `report` is about a task, rather than a mere reading of a GPU or a notification."""
    if isinstance(report, Note):
        return False
    names = (report.name, report.run_id, report.task_id)
    return report.has_training_fields or any(name is not None for name in names)
