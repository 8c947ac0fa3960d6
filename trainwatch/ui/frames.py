"""What is waiting to be sent to each room, joined; knows no socket."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from trainwatch.domain.credential import Session
from trainwatch.domain.events import (
    CredentialChanged,
    Event,
    GpuChanged,
    LogGrown,
    Notified,
    TaskChanged,
    TaskRemoved,
    Tracked,
)
from trainwatch.domain.status import Status
from trainwatch.domain.task import Task
from trainwatch.services.views import View, gpu_view, notification_view, points_view, task_view, time_ms
from trainwatch.store.gpus import Gpu
from trainwatch.ui.news import OverviewNews, TaskNews, TrackedNews
from trainwatch.ui.rooms import ACCESS, EVERYONE, OVERVIEW, room_of, room_of_session
from trainwatch.ui.tracked_part import tracked_part

MOST_ROWS = 200
MOST_REMEMBERED = 5_000


@dataclass(frozen=True, slots=True)
class Frame:
    """What to send: the content of one var of `Live`."""

    var: str
    content: dict[str, Any]


class Rooms:
    """Joins events into frames. Belongs to the event loop's thread."""

    def __init__(self, *, gpus: Mapping[int, Gpu], now: Callable[[], datetime]) -> None:
        """Start with `gpus` as the GPUs there are."""
        self._gpus = dict(gpus)
        self._now = now
        self._overview = OverviewNews()
        self._tasks: dict[str, TaskNews] = {}
        self._tracked: dict[str, TrackedNews] = {}
        self._notes: list[Notified] = []
        self._dismissed: set[str] = set()
        self._access_changed = False
        self._access_changes = 0
        self._logs: dict[str, LogGrown] = {}
        self._removed: dict[str, int] = {}
        self._seen: dict[int, Task] = {}
        self._sent = {EVERYONE: 0, OVERVIEW: 0}
        self._welcomes = 0

    def note(self, events: Sequence[Event], is_watched: Callable[[str], bool]) -> set[str]:
        """Take in `events` and return the rooms that have news; nothing is kept for an empty room."""
        if not is_watched(EVERYONE):  # where every page is
            self._gpus.update((event.gpu.id, event.gpu) for event in events if isinstance(event, GpuChanged))
            self._seen.clear()
            return set()
        changed = {room for event in events for room in self._note_one(event, is_watched)}
        empty = {room for room in changed if not is_watched(room)}
        for room in empty:
            self._drop(room)
        return changed - empty

    def _note_one(self, event: Event, is_watched: Callable[[str], bool]) -> set[str]:
        """Take in `event` and return the rooms that it concerns."""
        match event:
            case TaskChanged():
                return self._note_task(event, is_watched)
            case TaskRemoved(task_id):
                return self._note_removal(task_id)
            case Tracked():
                return {self._note_tracked(event)}
            case GpuChanged(gpu):
                self._gpus[gpu.id] = gpu
                self._overview.gpus[gpu.id] = gpu
                return {OVERVIEW}
            case LogGrown(task_id):
                self._logs[room_of(task_id)] = event
                return {room_of(task_id)}
            case Notified():
                self._notes.append(event)
                return {EVERYONE}
            case CredentialChanged(Session(id=session_id, revoked_at=datetime())):
                self._dismissed.add(room_of_session(session_id))
                return {room_of_session(session_id), self._note_access()}
            case CredentialChanged(Session(), is_use=True):
                return set()  # else a page that asks again because somebody was seen would be seen for it
            case CredentialChanged():
                return {self._note_access()}
            case _:
                return set()

    def _note_access(self) -> str:
        self._access_changed = True
        return ACCESS

    def _note_task(self, event: TaskChanged, is_watched: Callable[[str], bool]) -> set[str]:
        task = event.task
        before = self._seen.pop(task.id, None)
        self._seen[task.id] = task
        if len(self._seen) > MOST_REMEMBERED:
            del self._seen[next(iter(self._seen))]
        if before is None or _place(before) != _place(task):
            self._overview.is_stale = True
        self._overview.tasks[task.id] = task
        room = room_of(task.id)
        if is_watched(room):
            self._tasks.setdefault(room, TaskNews(task, event.from_revision, [])).join(event)
        return {OVERVIEW, room}

    def _note_tracked(self, event: Tracked) -> str:
        room = room_of(event.task_id)
        before = self._tracked.get(room)
        happened = bool(event.events) or (before is not None and before.happened)
        self._tracked[room] = TrackedNews(event.task_id, event.progress, happened)
        return room

    def _note_removal(self, task_id: int) -> set[str]:
        room = room_of(task_id)
        self._seen.pop(task_id, None)
        self._tasks.pop(room, None)
        self._tracked.pop(room, None)
        self._logs.pop(room, None)
        self._overview.tasks.pop(task_id, None)
        self._overview.removed.add(task_id)
        self._removed[room] = task_id
        return {OVERVIEW, room}

    def _drop(self, room: str) -> None:
        if room == OVERVIEW:
            self._overview = OverviewNews()
        elif room == EVERYONE:
            self._notes = []
        elif room == ACCESS:
            self._access_changed = False
        else:
            self._tasks.pop(room, None)
            self._tracked.pop(room, None)
            self._logs.pop(room, None)
            self._removed.pop(room, None)
            self._dismissed.discard(room)

    def lose_track(self) -> None:
        """Events were dropped: let every page fetch what it shows again."""
        self._overview.is_stale = True
        for news in self._tasks.values():
            news.points = None
        self._seen.clear()

    def has_news(self, room: str) -> bool:
        """Whether `take` would return a frame."""
        if room == EVERYONE:
            return bool(self._notes)
        if room == OVERVIEW:
            return bool(self._overview)
        if room == ACCESS:
            return self._access_changed
        return any(
            room in each for each in (self._tasks, self._tracked, self._logs, self._removed, self._dismissed)
        )

    def take(self, room: str) -> Frame | None:
        """Return the frame of what waits for `room`, and start anew."""
        if not self.has_news(room):
            return None
        if room == EVERYONE:
            notes, self._notes = self._notes, []
            return Frame(
                "toasts", {**self._count(room), "notifications": [notification_view(n) for n in notes]}
            )
        if room == OVERVIEW:
            news, self._overview = self._overview, OverviewNews()
            return Frame("overview", {**self._count(room), **self._overview_content(news)})
        if room == ACCESS:
            self._access_changed, self._access_changes = False, self._access_changes + 1
            return Frame("access", {"n": self._access_changes})
        if room in self._dismissed:
            self._dismissed.discard(room)
            return Frame("door", {"signIn": True})
        if room in self._removed:
            return Frame("task", {"taskId": self._removed.pop(room), "removed": True})
        if room in self._tasks or room in self._tracked:
            return Frame("task", self._of_task(room))
        grown = self._logs.pop(room)
        return Frame("log", {"taskId": grown.task_id, "attempt": grown.attempt, "size": grown.size})

    def _count(self, room: str) -> View:
        """Number the room's next frame: a browser that renders two at once shows the later one alone."""
        prev = self._sent[room]
        self._sent[room] = prev + 1
        return {"seq": prev + 1, "prev": prev}

    def newer(self, room: str, frame: Frame) -> Frame:
        """Return `frame`, read from the store, or a newer one if the room has heard more since."""
        task_id = frame.content.get("taskId")
        task = self._seen.get(task_id) if isinstance(task_id, int) else None
        if room == OVERVIEW or task is None or task.revision <= frame.content["toRevision"]:
            return frame
        return self.start_of(task, has_log=frame.content["hasLog"])

    def start_of(self, task: Task, *, has_log: bool) -> Frame:
        """Return the frame that a page of `task` starts with; it fetches the points, and the log if there is one."""
        return Frame("task", {**self._task_content(TaskNews(task, 0, None)), "hasLog": has_log})

    def welcome(self) -> Frame:
        """Return what each tab gets when it has joined its rooms: fetch what you show."""
        self._welcomes += 1
        content = {"n": self._welcomes, "serverNow": time_ms(self._now()), "sent": dict(self._sent)}
        return Frame("joined", content)

    def _overview_content(self, news: OverviewNews) -> View:
        fits = len(news.tasks) <= MOST_ROWS
        gpu_ids = set(news.gpus)
        return {
            "rows": [self._row(task) for task in news.tasks.values()] if fits else [],
            "removed": sorted(news.removed),
            "stale": news.is_stale or not fits,
            "gpus": [gpu_view(self._gpus[gpu_id], self._running_on(gpu_id)) for gpu_id in gpu_ids],
        }

    def _of_task(self, room: str) -> View:
        """Return the news of a task, and of how it stands if it is tracked: its time may be up though nobody reported."""
        news, tracked = self._tasks.pop(room, None), self._tracked.pop(room, None)
        content = {} if news is None else self._task_content(news)
        if tracked is None:
            return content
        part = tracked_part(tracked.progress, happened=tracked.happened)
        return {"taskId": tracked.task_id, **content, "tracked": part}

    def _task_content(self, news: TaskNews) -> View:
        task = news.task
        return {
            "taskId": task.id,
            "row": {**self._row(task), "notes": task.notes},
            "attempt": task.attempt,
            "fromRevision": news.from_revision,
            "toRevision": task.revision,
            "points": None if news.points is None else points_view(news.points),
        }

    def _row(self, task: Task) -> View:
        return task_view(task, self._gpus.get(task.gpu_id) if task.gpu_id is not None else None)

    def _running_on(self, gpu_id: int) -> list[Task]:
        return [
            task
            for task in self._seen.values()
            if task.gpu_id == gpu_id and task.training_status is Status.RUNNING and task.archived_at is None
        ]


def _place(task: Task) -> tuple[Status, int, str, int | None, bool]:
    """Return what moves a task within lists and counts, or from one to another."""
    is_archived = task.archived_at is not None
    return task.training_status, task.attempt, task.title, task.gpu_id, is_archived
