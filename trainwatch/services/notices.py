"""Which turns of a task are worth a toast, and what it says."""

from dataclasses import dataclass

from trainwatch.domain.status import STOPPED_BY_HAND, Status, TaskType
from trainwatch.domain.task import Happening, Task


@dataclass(frozen=True, slots=True)
class Notice:
    """A line for people; `level` is one of "info", "success", "warning", "error"."""

    level: str
    title: str
    message: str


def notice_of(task: Task, happening: Happening) -> Notice | None:
    """Return what to tell people of `happening`, or None where the task's own history is enough."""
    kind = "Task" if task.type is TaskType.AGENT else "Training"
    match happening.kind:
        case "started" | "attempt" if task.training_status is not Status.QUEUED:
            return Notice("success", f"{kind} started", task.title)
        case "complete":
            return Notice("success", f"{kind} Complete!", f"{task.title} finished successfully")
        case "failed":
            return Notice(
                "error", f"{kind} Failed", f"{task.title}: {task.status_reason or happening.message}"
            )
        case "stopped":
            return Notice("error", f"{kind} stopped", f"{task.title}: {_why_stopped(task, happening)}")
        case "nonfinite":
            return Notice("warning", "Not a number", f"{task.title}: {happening.message}")
        case _:
            return None


def _why_stopped(task: Task, happening: Happening) -> str:
    if task.stop_requested_at is not None:
        return STOPPED_BY_HAND
    return task.status_reason or happening.message
