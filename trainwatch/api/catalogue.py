"""Every operation of the API, in the order of its documentation."""

from dataclasses import dataclass

from trainwatch.api.audit import audit_operations
from trainwatch.api.docs import documentation
from trainwatch.api.health import health_operations
from trainwatch.api.hook import hook_operations
from trainwatch.api.jobs import job_operations
from trainwatch.api.keys import key_operations
from trainwatch.api.logs import log_operations
from trainwatch.api.operation import Operation
from trainwatch.api.people import session_operations, user_operations
from trainwatch.api.progress import progress_operations
from trainwatch.api.series import series_operations
from trainwatch.api.sign_in import sign_in_operations
from trainwatch.api.tasks import task_operations
from trainwatch.api.templates import template_operations
from trainwatch.door.reception import Reception
from trainwatch.door.task_control import TaskControl
from trainwatch.services.background import BackgroundLoops
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.sent_logs import SentLogs
from trainwatch.settings import Settings
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer


@dataclass(frozen=True, slots=True)
class Parts:
    """What the operations work with; the data folder of `settings` holds templates and logs."""

    database: Database
    writer: Writer
    reception: Reception
    dispatcher: Dispatcher
    sent: SentLogs
    settings: Settings
    loops: BackgroundLoops


def catalogue(parts: Parts) -> list[Operation]:
    """Return every operation, its own documentation among them."""
    database, writer, reception = parts.database, parts.writer, parts.reception
    data_dir, attempts, door = parts.settings.data_dir, parts.settings.attempts_dir, reception.door
    control = TaskControl(database, writer, parts.dispatcher)
    operations = [
        *hook_operations(),
        *progress_operations(database, writer),
        *task_operations(database, writer, control, attempts),
        *series_operations(database),
        *job_operations(database, writer, parts.dispatcher, control, data_dir),
        *template_operations(data_dir),
        *log_operations(database, attempts, parts.sent),
        *sign_in_operations(door, reception),
        *key_operations(writer, door.keyring, reception.revocations),
        *session_operations(writer, door, reception),
        *user_operations(writer, door, reception.revocations),
        *audit_operations(database),
        *health_operations(database, writer, parts.loops),
    ]
    return [*operations, *documentation(operations, door)]
