"""Progress of AI agents' tasks: iterations, criteria, actions, files, cost.

    from trainwatch.tracking import ProgressTracker

    with ProgressTracker("http://127.0.0.1:62222") as tracker:
        tracker.start_task("fix-login", "claude", criteria=["tests pass", "no new warnings"])
        tracker.update_iteration("fix-login", 1)
        tracker.log_action("fix-login", "edit", "login.py", success=True)
        tracker.verify_criterion("fix-login", 0)
        tracker.complete_task("fix-login", success=True)

`ProgressTracker` says how tasks go and asks how they stand; `TaskProgress` is how one stands, `ExecutionEvent` a line
of its log. Their docstrings state the shapes, units and errors; every error is a `TrainwatchError`.
"""

from trainwatch.domain.tracked.progress import ExecutionEvent, TaskProgress
from trainwatch.errors import TrainwatchError
from trainwatch.tracking.tracker import ProgressTracker

__all__ = ["ExecutionEvent", "ProgressTracker", "TaskProgress", "TrainwatchError"]
