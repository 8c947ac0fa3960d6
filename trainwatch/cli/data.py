"""`trainwatch migrate · backup · export`."""

import sys
from contextlib import ExitStack
from pathlib import Path

import click

from trainwatch.cli.options import in_words, open_data, settings_from, storage_options


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
@storage_options
@in_words
def backup(destination: Path, data_dir: Path | None, database: str | None) -> None:
    """Copy the database to DESTINATION, also while the server runs."""
    from trainwatch.store.backup import back_up  # noqa: PLC0415 - heavy imports wait until they are needed
    from trainwatch.store.engine import open_database  # noqa: PLC0415

    settings = settings_from(data_dir=data_dir, database=database)
    back_up(open_database(settings.database_location), destination)
    click.echo(f"copied to {destination}")


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
