"""Migrate again and again, killed after the first change, the second, … until one goes through.

    python kill.py URL FOLDER MIGRATIONS

Prints a line of JSON for each time: the revision and rows after the kill, and those after the next start.
A program of its own, for it forks.
"""

import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine, event, inspect, text

import trainwatch.store.migrate as migrate
from trainwatch.store.engine import open_database
from trainwatch.store.schema import HEAD, bring_up_to_date

CHANGES = ("CREATE", "DROP", "ALTER", "INSERT", "UPDATE", "DELETE", "BEGIN")
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def main():
    url, folder, migrations = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    for changes in range(1, 1_000):
        was_killed = migrate_in_child(url, folder, migrations, changes)
        after_kill = state(url)
        migrate_to_head(url, folder, migrations)
        after_start = state(url)
        back(url, migrations)
        print(json.dumps([changes, after_kill, after_start, state(url)]), flush=True)
        if not was_killed:
            return


def migrate_in_child(url, folder, migrations, changes):
    child = os.fork()
    if child == 0:
        left = changes

        def count_down(connection, cursor, statement, *_):
            nonlocal left
            left -= statement.lstrip().startswith(CHANGES)
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        event.listen(Engine, "after_cursor_execute", count_down)
        migrate_to_head(url, folder, migrations)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def migrate_to_head(url, folder, migrations):
    database = open_database(url)
    bring_up_to_date(database, folder, now=NOW, migrations=migrations, head="9999")
    database.close()


def back(url, migrations):
    database = open_database(url)
    migrate.downgrade(database, migrations, HEAD)
    database.close()


def state(url):
    database = open_database(url)
    with database.reading() as connection:
        look = inspect(connection)
        rows = {
            name: connection.scalar(text(f'SELECT count(*) FROM "{name}"'))
            for name in sorted(look.get_table_names())
        }
        columns = sorted(column["name"] for column in look.get_columns("tasks"))
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
    database.close()
    return {"revision": revision, "rows": rows, "columns": columns}


main()
