"""What has happened since the last frame of a room, as it is joined before it is sent."""

from dataclasses import dataclass, field

from trainwatch.domain.events import PointRow, TaskChanged
from trainwatch.domain.task import Task
from trainwatch.domain.tracked.progress import TaskProgress
from trainwatch.store.gpus import Gpu

MOST_POINTS = 500


@dataclass(slots=True)
class TaskNews:
    """Changes of one task; `points` None when they are to be fetched."""

    task: Task
    from_revision: int
    points: list[PointRow] | None

    def join(self, event: TaskChanged) -> None:
        """Take in a later change."""
        if event.points is None or event.task.attempt != self.task.attempt:
            self.points = None
        elif self.points is not None:
            self.points.extend(event.points)
            if len(self.points) > MOST_POINTS:
                self.points = None
        self.task = event.task


@dataclass(frozen=True, slots=True)
class TrackedNews:
    """How a tracked task stands; `happened` if there were events."""

    task_id: int
    progress: TaskProgress
    happened: bool


@dataclass(slots=True)
class OverviewNews:
    """What moves in the lists; stale if they are to be fetched."""

    tasks: dict[int, Task] = field(default_factory=dict[int, Task])
    removed: set[int] = field(default_factory=set[int])
    gpus: dict[int, Gpu] = field(default_factory=dict[int, Gpu])
    is_stale: bool = False

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.tasks or self.removed or self.gpus or self.is_stale)
