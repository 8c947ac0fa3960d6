"""What the commands share: their settings, and expected errors as one line."""

import os
import shlex
import signal
import sys
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec

import click
from pydantic import ValidationError

from trainwatch.cli.variables import complain_of
from trainwatch.domain.text import as_line
from trainwatch.errors import SettingsError, TrainwatchError
from trainwatch.settings import Settings

if TYPE_CHECKING:
    from trainwatch.strict_modes import Distrust

P = ParamSpec("P")


def utc_now() -> datetime:
    """Return the time; commands hand it down."""
    return datetime.now(UTC)  # noqa: TID251


def in_words(command: Callable[P, None]) -> Callable[P, None]:
    """Return `command` with its expected errors as one line and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except TrainwatchError as error:
            raise click.ClickException(as_line(error.message)) from error
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)
        except BrokenPipeError:
            sys.stderr.close()  # whoever read has seen enough; without this Python would complain of it
            sys.exit(1)

    return run


def settings_from(**given: Any) -> Settings:
    """Return the settings: what was `given` on the command line goes before the environment.

    Raises:
        ClickException: If one makes no sense, or a variable is none.
    """
    if (complaint := complain_of(os.environ, Settings.model_fields)) is not None:
        raise click.ClickException(complaint)
    try:
        return Settings(**{name: value for name, value in given.items() if value not in (None, ())})
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise click.ClickException("; ".join(wrong)) from error


def storage_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where the data is."""
    data_dir = click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the database.")
    database = click.option("--database", metavar="URL", help="postgresql://… instead of SQLite.")
    return data_dir(database(command))


def serving_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that say where a server is, and who may come to it."""
    options = (
        click.option(
            "--host",
            help="Address to listen on; others than loopback need a credential.  [default: 127.0.0.1]",
        ),
        click.option(
            "--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.  [default: 62222]"
        ),
        storage_options,
        click.option(
            "--public-url", metavar="URL", help="The address that people type, if a proxy stands in front."
        ),
        click.option(
            "--allow-host", multiple=True, metavar="NAME", help="A name by which others call this server."
        ),
        click.option(
            "--trust-proxy",
            multiple=True,
            metavar="ADDRESS",
            help="A proxy whose X-Forwarded headers are true.",
        ),
        click.option("--require-sign-in", is_flag=True, help="Let nobody in without a sign-in or a key."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def open_data(settings: Settings, stack: ExitStack, *, may_make: bool = True) -> Any:
    """Return the database, up to date, and owned until `stack` ends; one that is not there is made if it `may_make`.

    What there is to say of that goes to standard error: a command's output is its own.

    Raises:
        SettingsError: If the folder or the database cannot be used.
    """
    import structlog  # noqa: PLC0415 - heavy imports wait until they are needed
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from trainwatch.store.engine import open_database, reason_of  # noqa: PLC0415
    from trainwatch.store.lock import owning  # noqa: PLC0415
    from trainwatch.store.schema import bring_up_to_date  # noqa: PLC0415
    from trainwatch.strict_modes import make_folder  # noqa: PLC0415

    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    try:
        database = open_database(settings.database_location)
        if not may_make:
            _require_tables(database, settings)
        make_folder(settings.data_dir)
        if (why := distrust_data(settings)) is not None:
            raise SettingsError(f"refusing to use the data directory: {why}", field="data_dir")
        stack.enter_context(owning(database, settings.data_dir))
        before = bring_up_to_date(database, settings.data_dir, now=utc_now())
    except (SQLAlchemyError, OSError) as error:
        raise SettingsError(f"cannot use {place_of(settings)}: {reason_of(error)}") from error
    if before is not None:
        click.echo(f"  the database was brought up to date from revision {before}", err=True)
    return database


def _require_tables(database: Any, settings: Settings) -> None:
    """Let a command that only changes data go on where there is some.

    Raises:
        SettingsError: If there is none: another folder or database is meant.
    """
    from trainwatch.store.schema import revision_in  # noqa: PLC0415

    if database.path is None:
        with database.reading() as connection:
            is_there = revision_in(connection) is not None
    else:
        is_there = database.path.exists()
    if not is_there:
        database.close()
        raise SettingsError(
            f"there is no database at {place_of(settings)}: say with --data-dir or --database which one is meant"
            f" (`{on_same_data('trainwatch migrate', settings)}` makes one here)",
            field="data_dir",
        )


def distrust_data(settings: Settings) -> "Distrust | None":
    """Return why what lies in the data directory is not to be obeyed; None if only we can change it."""
    from trainwatch.domain.template_file import FILE_NAME  # noqa: PLC0415
    from trainwatch.strict_modes import distrust  # noqa: PLC0415

    folder = settings.data_dir
    obeyed = (folder, folder / FILE_NAME, settings.attempts_dir, settings.database_path)
    return next((why for path in obeyed if (why := distrust(path)) is not None), None)


def on_same_data(command: str, settings: Settings) -> str:
    """Return `command` with the options by which it finds the data of `settings`; a URL may hold a password."""
    if settings.data_dir != Settings.model_fields["data_dir"].get_default(call_default_factory=True):
        command += f" --data-dir {shlex.quote(str(settings.data_dir))}"
    return command if settings.database is None else f"{command} --database URL"


def place_of(settings: Settings) -> str:
    """Return where the data is, without a password that its URL may hold."""
    if settings.database is None:
        return str(settings.database_path)
    from sqlalchemy import make_url  # noqa: PLC0415

    return make_url(settings.database).render_as_string(hide_password=True)
