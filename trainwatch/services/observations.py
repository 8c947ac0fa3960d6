"""What runners observe, as commands that write it down."""

from collections.abc import Callable

from trainwatch.domain.report import Report
from trainwatch.domain.text import clean_line
from trainwatch.runners.base import AttemptKey, Ended, Observation, Observed, Stopping, Understood
from trainwatch.services.jobs import end_attempt, note_kill, note_rules, note_stage, observe
from trainwatch.store.work import Work


def command_for(key: AttemptKey, observation: Observation) -> Callable[[Work], object] | None:
    """Return what writes an observation down; None for one that is not kept."""
    task_id = key.task_id
    match observation:
        case Observed(report):
            return lambda work: observe(work, task_id, report)
        case Understood(rules):
            return lambda work: note_rules(work, task_id, key.attempt, rules)
        case Stopping(stage=stage, ends_at=ends_at):
            return lambda work: note_stage(work, task_id, stage, ends_at)
        case Ended() as end:
            return lambda work: _end(work, key, end)
        case _:
            return None


def _end(work: Work, key: AttemptKey, end: Ended) -> None:
    report = Report(attempt=key.attempt, status=end.status, message=clean_line(end.reason))
    if end.was_killed:
        note_kill(work, key.task_id, report)
    end_attempt(work, key.task_id, report, end.exit_code)
