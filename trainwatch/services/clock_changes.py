"""What is done when the machine's clock was set: durations go on, and nothing lies in the future."""

from dataclasses import replace
from datetime import datetime, timedelta

from trainwatch.domain.credential import ApiKey, Session
from trainwatch.domain.retiming import moved_back, retimed, retimed_progress
from trainwatch.store.clock import ServerClock
from trainwatch.store.tracked import TrackedTask
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer


async def follow_clock(clock: ServerClock, writer: Writer) -> None:
    """Let the writer settle that the machine's clock was set, though nobody reports."""
    if clock.jump:
        await writer.submit(lambda work: None)


def move_times(work: Work, by: timedelta) -> None:
    """Move the times that durations are counted from, after the clock was set by `by`; `work.now` is the time before.

    By nothing if it was set while no server ran: only what lies in the future is moved then, to now.
    """
    now = work.now + by
    for task_id in work.tasks_to_retime(now, with_live=bool(by)):
        task = work.task(task_id)
        assert task is not None
        work.put(retimed(task, by, now))
        tracked = work.tracked(task_id)
        if tracked is not None and not tracked.progress.is_ended:
            progress = retimed_progress(tracked.progress, by, now)
            work.put_tracked(TrackedTask(task_id, tracked.attempt, progress), ())
    for gpu in work.gpus():
        if gpu.sampled_at is not None and (by or gpu.sampled_at > now):
            work.put_gpu(replace(gpu, sampled_at=moved_back(gpu.sampled_at, by, now)))
    for session in work.credentials.sessions(now=work.now):
        if by or session.last_seen_at > now:
            work.credentials.change(_moved_session(session, by, now), is_use=True)
    for key in work.credentials.all_keys():
        if key.is_valid(work.now) and (by or key.created_at > now or (key.last_used_at or now) > now):
            work.credentials.change(_moved_key(key, by, now), is_use=True)
    work.receipts.take_as_of(now, skipped=by)


def _moved_session(session: Session, by: timedelta, now: datetime) -> Session:
    ahead = by or min(timedelta(), now - session.created_at)
    return replace(
        session,
        created_at=min(session.created_at, now),
        last_seen_at=moved_back(session.last_seen_at, by, now),
        expires_at=session.expires_at + ahead,
    )


def _moved_key(key: ApiKey, by: timedelta, now: datetime) -> ApiKey:
    ahead = by or min(timedelta(), now - key.created_at)
    return replace(
        key,
        created_at=min(key.created_at, now),
        last_used_at=None if key.last_used_at is None else moved_back(key.last_used_at, by, now),
        expires_at=None if key.expires_at is None else key.expires_at + ahead,
    )
