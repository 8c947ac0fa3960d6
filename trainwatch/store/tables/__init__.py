"""The tables: what is kept, with units in the names.

Run-time code uses the `Table` objects (SQLAlchemy Core); the SQLModel classes above them in each room are
their definition. Text columns named `tags`, `latest`, `pace`, `rhythm`, `options`, `state` and `details` hold JSON.
"""

from trainwatch.store.tables.access import API_KEYS, APPEND_ONLY, AUDIT_LOG, INSTANCE, SESSIONS, USERS
from trainwatch.store.tables.base import METADATA
from trainwatch.store.tables.metrics import (
    METRIC_BUCKETS,
    METRIC_POINTS,
    METRIC_SERIES,
    TRAINING_METRICS_VIEW,
)
from trainwatch.store.tables.news import NOTIFICATIONS, REPORT_RECEIPTS, TASK_EVENTS
from trainwatch.store.tables.tasks import (
    DELETED_TASKS,
    GPUS,
    JOB_ATTEMPTS,
    TASK_PROGRESS,
    TASKS,
    TRAINING_JOBS,
)

__all__ = [
    "API_KEYS",
    "APPEND_ONLY",
    "AUDIT_LOG",
    "DELETED_TASKS",
    "GPUS",
    "INSTANCE",
    "JOB_ATTEMPTS",
    "METADATA",
    "METRIC_BUCKETS",
    "METRIC_POINTS",
    "METRIC_SERIES",
    "NOTIFICATIONS",
    "REPORT_RECEIPTS",
    "SESSIONS",
    "TASKS",
    "TASK_EVENTS",
    "TASK_PROGRESS",
    "TRAINING_JOBS",
    "TRAINING_METRICS_VIEW",
    "USERS",
]
