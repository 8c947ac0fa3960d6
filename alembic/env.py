"""Run by Alembic for every command.

At run time `trainwatch.store.migrate` hands over a connection that is already inside the one
transaction that it commits or rolls back. A developer's command line has none:

    alembic revision --autogenerate --rev-id 0002 -m "words for people"   (compares with ./dev.db)
    alembic -x database=/tmp/dev.db revision …

A revision that rebuilds a table which a view reads drops the view first and creates it after.
"""

from sqlalchemy import Connection

from alembic import context
from trainwatch.store.tables import METADATA


def _migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=METADATA,
        render_as_batch=True,  # SQLite alters a table by rebuilding it
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


def _migrate_from_the_command_line() -> None:
    from trainwatch.store.ddl import changing_tables  # noqa: PLC0415
    from trainwatch.store.engine import open_database  # noqa: PLC0415  at run time there is one already

    database = open_database(context.get_x_argument(as_dictionary=True).get("database", "dev.db"))
    with changing_tables(database) as connection:
        _migrate(connection)


handed_over: Connection | None = context.config.attributes.get("connection")
if handed_over is None:
    _migrate_from_the_command_line()
else:
    _migrate(handed_over)
