import itertools
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from trainwatch.store.engine import open_database
from trainwatch.store.schema import HEAD, create_tables, migrations_folder
from trainwatch.store.tables import GPUS, METRIC_POINTS, NOTIFICATIONS, TASK_EVENTS, TASK_PROGRESS, TASKS

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


_numbers = itertools.count()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """A database of its own for each test, since its tables change."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'trainwatch.db'}"
    else:
        url = request.getfixturevalue("cluster").create(f"migrations_{next(_numbers)}")
    database = open_database(url)
    create_tables(database)
    database.close()
    return url


@pytest.fixture
def two_revisions(tmp_path):
    """A folder of migrations with one more, that rebuilds `tasks`."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrations_folder(), folder, ignore=shutil.ignore_patterns("__pycache__"))
    rebuild = Path(__file__).with_name("rebuild.py.txt").read_text()
    (folder / "versions" / "9999_rebuild.py").write_text(rebuild.replace('"HEAD"', f'"{HEAD}"'))
    return folder


@pytest.fixture
def fill():
    """Return what puts parents and children into a database that has its tables."""
    return _fill


def _fill(database):
    task = {
        "title": "t", "title_by_user": False, "type": "training", "source": "webhook", "attempt": 1, "notes": "n",
        "training_status": "running", "revision": 0, "created_at": NOW, "last_updated": NOW, "gpu_id": 1,
    }  # fmt: skip
    line = {"task_id": 1, "attempt": 1, "kind": "created", "message": "m", "created_at": NOW, "details": None}
    told = {**line, "kind": "action", "message": "✓ write: a", "details": '{"action": "write"}'}
    tracked = {"task_id": 1, "attempt": 1, "state": "{}", "overdue_at": NOW, "updated_at": NOW}
    note = {"level": "info", "title": "n", "task_id": 2, "created_at": NOW}
    with database.writing() as connection:
        connection.execute(insert(GPUS).values(name="A100", host="", revision=0, created_at=NOW))
        connection.execute(insert(TASKS), [task, task, task])
        connection.execute(
            insert(METRIC_POINTS),
            [
                {"task_id": n, "attempt": 1, "name": "loss", "step": step, "value": 0.5, "created_at": NOW}
                for n in (1, 2, 3)
                for step in range(50)
            ],
        )
        connection.execute(insert(TASK_EVENTS), [line, told])
        connection.execute(insert(TASK_PROGRESS), [tracked])
        connection.execute(insert(NOTIFICATIONS), [note])
        connection.commit()
