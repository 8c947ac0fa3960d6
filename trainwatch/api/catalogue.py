"""Every operation of the API, in the order of its documentation."""

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
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.sent_logs import SentLogs
from trainwatch.settings import Settings
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer


def catalogue(
    database: Database,
    writer: Writer,
    reception: Reception,
    dispatcher: Dispatcher,
    sent: SentLogs,
    settings: Settings,
) -> list[Operation]:
    """Return every operation, its own documentation among them; the data folder of `settings` holds templates and logs."""
    data_dir, attempts, door = settings.data_dir, settings.attempts_dir, reception.door
    control = TaskControl(database, writer, dispatcher)
    operations = [
        *hook_operations(),
        *progress_operations(database, writer),
        *task_operations(database, writer, control, attempts),
        *series_operations(database),
        *job_operations(database, writer, dispatcher, data_dir),
        *template_operations(data_dir),
        *log_operations(database, attempts, sent),
        *sign_in_operations(door, reception),
        *key_operations(writer, door.keyring),
        *session_operations(writer, door, reception),
        *user_operations(writer, door),
        *audit_operations(database),
        *health_operations(database, writer),
    ]
    return [*operations, *documentation(operations, door)]
