"""`trainwatch serve · export · backup · migrate`. Heavy imports wait until a command needs them."""

import signal
import sys
import webbrowser
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import click
from pydantic import ValidationError

from trainwatch import __version__
from trainwatch.errors import SettingsError, TrainwatchError
from trainwatch.settings import Settings, require_loopback

P = ParamSpec("P")


@click.group()
@click.version_option(__version__, prog_name="trainwatch")
def main() -> None:
    """Watch training, live."""


def _in_words(command: Callable[P, None]) -> Callable[P, None]:
    """Return `command` with its expected errors as one line and exit code 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            command(*args, **kwargs)
        except TrainwatchError as error:
            raise click.ClickException(error.message) from error
        except KeyboardInterrupt:
            sys.exit(128 + signal.SIGINT)
        except BrokenPipeError:
            sys.stderr.close()  # whoever read has seen enough; without this Python would complain of it
            sys.exit(1)

    return run


def _settings(**given: Any) -> Settings:
    """Return the settings: what was `given` on the command line goes before the environment.

    Raises:
        ClickException: If one makes no sense.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        wrong = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise click.ClickException("; ".join(wrong)) from error


def _storage_options(command: Callable[..., None]) -> Callable[..., None]:
    data_dir = click.option("--data-dir", type=click.Path(path_type=Path), help="Folder of the database.")
    database = click.option("--database", metavar="URL", help="postgresql://… instead of SQLite.")
    return data_dir(database(command))


@main.command()
@click.option("--host", help="Loopback address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port; 0 takes a free one.  [default: 62222]")
@_storage_options
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
@_in_words
def serve(
    *, host: str | None, port: int | None, data_dir: Path | None, database: str | None, no_browser: bool
) -> None:
    """Serve page, API and websocket on one port."""
    settings = _settings(
        host=host, port=port, data_dir=data_dir, database=database, browser=False if no_browser else None
    )
    require_loopback(settings.host)
    with ExitStack() as stack:
        from trainwatch.server import listen, run  # noqa: PLC0415 - the page's framework takes a while to import

        socket = stack.enter_context(listen(settings.host, settings.port))
        opened = _open_data(settings, stack)
        address = f"http://{settings.host}:{socket.getsockname()[1]}/"
        click.echo(f"TrainWatch {__version__}\n  page  {address}\n  data  {_place_of(settings)}")
        sys.stdout.flush()
        on_ready = (lambda: webbrowser.open(address)) if settings.browser else None
        run(opened, socket, on_ready=on_ready)


def _open_data(settings: Settings, stack: ExitStack) -> Any:
    """Return the database, up to date, and owned until `stack` ends.

    Raises:
        SettingsError: If the folder or the database cannot be used.
    """
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415

    from trainwatch.store.engine import open_database, reason_of  # noqa: PLC0415
    from trainwatch.store.lock import owning  # noqa: PLC0415
    from trainwatch.store.schema import bring_up_to_date  # noqa: PLC0415

    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        database = open_database(settings.database_location)
        stack.enter_context(owning(database, settings.data_dir))
        before = bring_up_to_date(database, settings.data_dir, now=datetime.now(UTC))  # noqa: TID251
    except (SQLAlchemyError, OSError) as error:
        raise SettingsError(f"cannot use {_place_of(settings)}: {reason_of(error)}") from error
    if before is not None:
        click.echo(f"  the database was brought up to date from revision {before}")
    return database


def _place_of(settings: Settings) -> str:
    """Return where the data is, without a password that its URL may hold."""
    if settings.database is None:
        return str(settings.database_path)
    from sqlalchemy import make_url  # noqa: PLC0415

    return make_url(settings.database).render_as_string(hide_password=True)


@main.command()
@_storage_options
@_in_words
def migrate(data_dir: Path | None, database: str | None) -> None:
    """Bring the database up to date, as `serve` does by itself."""
    with ExitStack() as stack:
        _open_data(_settings(data_dir=data_dir, database=database), stack)
    click.echo("the database is up to date")


@main.command()
@click.argument("destination", type=click.Path(path_type=Path))
@_storage_options
@_in_words
def backup(destination: Path, data_dir: Path | None, database: str | None) -> None:
    """Copy the database to DESTINATION, also while the server runs."""
    from trainwatch.store.backup import back_up  # noqa: PLC0415
    from trainwatch.store.engine import open_database  # noqa: PLC0415

    settings = _settings(data_dir=data_dir, database=database)
    back_up(open_database(settings.database_location), destination)
    click.echo(f"copied to {destination}")


@main.command()
@click.argument("task_id", type=int)
@click.option("--format", "kind", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@_storage_options
@_in_words
def export(task_id: int, kind: str, data_dir: Path | None, database: str | None) -> None:
    """Write every point of a task to standard output, also while the server runs."""
    from trainwatch.store.engine import open_database  # noqa: PLC0415
    from trainwatch.store.export import export_task  # noqa: PLC0415

    settings = _settings(data_dir=data_dir, database=database)
    for text in export_task(open_database(settings.database_location), task_id, kind):
        sys.stdout.write(text)
