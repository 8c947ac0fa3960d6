"""Running Alembic. Imported only when a migration is pending: Alembic costs 15 MB."""

from pathlib import Path

from alembic.config import Config

from alembic import command
from trainwatch.store.ddl import changing_tables
from trainwatch.store.engine import Database


def upgrade(database: Database, migrations: Path, revision: str) -> None:
    """Bring the tables forwards to `revision`, all of it or nothing.

    `migrations` is the folder that holds `env.py` and `versions`.
    """
    config = _config(migrations)
    with changing_tables(database) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def downgrade(database: Database, migrations: Path, revision: str) -> None:
    """Bring the tables back to `revision`, all of it or nothing; "base" is an empty database."""
    config = _config(migrations)
    with changing_tables(database) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def _config(migrations: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    return config
