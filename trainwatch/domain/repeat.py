"""Within what an event id counts, and how a repeat of a report is known from another report with its id."""

from dataclasses import fields
from hashlib import blake2b

from trainwatch.domain.report import Note, Report

_NOT_CONTENT = frozenset({"event_id", "at"})
_CONTENT = {
    kind: tuple(each.name for each in fields(kind) if each.name not in _NOT_CONTENT)
    for kind in (Report, Note)
}


def scope_of(report: Report | Note) -> str:
    """Return what `report` names: the task by its id, its run, its name and GPU, or its GPU; else the GPU or the title.

    Short and of limited length, whatever is named.
    """
    if isinstance(report, Note):
        of_job = () if report.task_id is None else (str(report.task_id),)
        return _short("notification", report.host, report.title, *of_job)
    if report.task_id is not None:
        return scope_of_task(report.task_id)
    if report.run_id is not None:
        return _short("run", report.run_id)
    gpu = (report.host, report.gpu_name) if report.gpu_name is not None else ()
    if report.name is not None:
        return _short("name", report.name, *gpu)
    return _short("task on GPU" if report.has_training_fields else "GPU", *gpu)


def scope_of_task(task_id: int) -> str:
    """Return the scope of the task itself, however a report names it."""
    return f"task {task_id}"


def scope_of_tracked(run_id: str) -> str:
    """Return the scope of the changes that the tracker of the task `run_id` sends."""
    return _short("tracked", run_id)


def content_of(report: Report | Note) -> str:
    """Return a digest of all that `report` says, but for its event id and when it was: a true repeat has the same."""
    return _short(*(repr(getattr(report, name)) for name in _CONTENT[type(report)]))


def _short(*words: str | None) -> str:
    return blake2b(repr(words).encode(errors="backslashreplace"), digest_size=16).hexdigest()
