"""Fixtures for everybody: a real database of each kind, empty but for its tables."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.postgresql import Cluster, empty, running_cluster
from trainwatch.store.engine import Database, open_database
from trainwatch.store.schema import create_tables
from trainwatch.store.tables import METADATA


def pytest_configure() -> None:
    """Take signals as in a terminal: what a shell runs in the background ignores some, and so would all our processes."""
    for number in (signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture(scope="session")
def _postgresql_url(cluster: Cluster) -> str:
    url = cluster.create("trainwatch")
    database = open_database(url)
    create_tables(database)
    database.close()
    return url


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "trainwatch.db"
    database = open_database(path)
    create_tables(database)
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a fresh database with its tables is, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        path = tmp_path / "trainwatch.db"
        shutil.copyfile(request.getfixturevalue("_sqlite_template"), path)
        yield f"sqlite:///{path}"
    else:
        url: str = request.getfixturevalue("_postgresql_url")
        yield url
        empty(url, METADATA)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database with its tables, once on SQLite and once on PostgreSQL."""
    database = open_database(database_url)
    yield database
    database.close()


@pytest.fixture
def sqlite_database(_sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """A fresh SQLite database with its tables, for what does not depend on the kind."""
    path = tmp_path / "trainwatch.db"
    shutil.copyfile(_sqlite_template, path)
    database = open_database(path)
    yield database
    database.close()


@pytest.fixture
def postgresql_database(_postgresql_url: str) -> Iterator[Database]:
    """A fresh PostgreSQL database with its tables, for what only that kind has."""
    database = open_database(_postgresql_url)
    yield database
    database.close()
    empty(_postgresql_url, METADATA)
