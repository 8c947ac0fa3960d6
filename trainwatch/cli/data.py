"""`trainwatch migrate · backup · restore · export`."""

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from trainwatch.cli.options import in_words, open_data, settings_from, storage_options, utc_now
from trainwatch.errors import SettingsError


@click.command()
@storage_options
@in_words
def migrate(data_dir: Path | None, database: str | None) -> None:
    """Bring the database up to date, as `serve` does by itself."""
    with ExitStack() as stack:
        open_data(settings_from(data_dir=data_dir, database=database), stack)
    click.echo("the database is up to date")


@click.command()
@click.argument("destination", type=click.Path(path_type=Path))
@click.option("--with-files", is_flag=True, help="Write an archive (tar) that has logs and templates too.")
@storage_options
@in_words
def backup(destination: Path, *, with_files: bool, data_dir: Path | None, database: str | None) -> None:
    """Copy the database to DESTINATION, also while the server runs."""
    from trainwatch.services.backups import back_up_all, left_out  # noqa: PLC0415 - heavy imports wait
    from trainwatch.store.backup import back_up  # noqa: PLC0415
    from trainwatch.store.engine import open_database  # noqa: PLC0415

    settings = settings_from(data_dir=data_dir, database=database)
    opened = open_database(settings.database_location)
    if with_files:
        logs = back_up_all(opened, settings.data_dir, destination)
        click.echo(f"copied to {destination}: the database, templates and {logs} logs")
        return
    back_up(opened, destination)
    click.echo(f"copied to {destination}")
    rest = left_out(settings.data_dir)
    missing = [f"{rest.logs} logs"] * bool(rest.logs) + ["templates.toml"] * rest.templates
    if missing:
        click.echo(f"  without {' and '.join(missing)}; --with-files takes them along")


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@storage_options
@in_words
def restore(source: Path, data_dir: Path | None, database: str | None) -> None:
    """Put the backup SOURCE in place of the data; no server may run. What was there is kept aside."""
    from trainwatch.services.backups import restore as put_back  # noqa: PLC0415 - heavy imports wait
    from trainwatch.store.engine import open_database  # noqa: PLC0415
    from trainwatch.store.lock import owning  # noqa: PLC0415

    settings = settings_from(data_dir=data_dir, database=database)
    if settings.database is not None:
        raise SettingsError(
            "this database is PostgreSQL: restore it with pg_restore or psql", field="database"
        )
    with owning(open_database(settings.database_path), settings.data_dir):
        done = put_back(source.absolute(), settings.data_dir, now=utc_now())
    parts = (
        [f"{done.tasks} tasks"]
        + [f"{done.logs} logs"] * bool(done.logs)
        + ["templates.toml"] * done.templates
    )
    click.echo(f"restored {source}: {', '.join(parts)}")
    if done.aside is not None:
        click.echo(f"  what was there is in {done.aside}")
    click.echo("  users, keys and sign-ins are those of the backup: revoke again what you have revoked since")


@click.command()
@click.argument("task_id", type=int)
@click.option("--format", "kind", type=click.Choice(["csv", "json"]), default="csv", show_default=True)
@storage_options
@in_words
def export(task_id: int, kind: str, data_dir: Path | None, database: str | None) -> None:
    """Write every point of a task to standard output, also while the server runs."""
    from trainwatch.store.engine import open_database  # noqa: PLC0415
    from trainwatch.store.export import export_task  # noqa: PLC0415

    settings = settings_from(data_dir=data_dir, database=database)
    for text in export_task(open_database(settings.database_location), task_id, kind):
        sys.stdout.write(text)
