"""One PostgreSQL server a test session, in a temporary folder, reached by a socket in it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from sqlalchemy import MetaData

_USER = "trainwatch"
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",  # the machine may crash: the cluster is thrown away anyway
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
}


class Cluster:
    """A running server; `socket_dir` holds its socket."""

    def __init__(self, socket_dir: Path) -> None:
        self._socket_dir = socket_dir

    def url(self, name: str) -> str:
        return f"postgresql://{_USER}@/{name}?host={self._socket_dir}"

    def create(self, name: str) -> str:
        """Create an empty database and return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return self.url(name)


def empty(url: str, metadata: MetaData) -> None:
    """Take everything out of a database but its tables: twenty times quicker than a new one.

    Whoever is still connected is cut off, so that a test that failed holds up none that follows.
    """
    with psycopg.connect(url) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("SET session_replication_role = replica")  # no triggers, for one refuses to delete
        for table in reversed(metadata.sorted_tables):
            connection.execute(SQL("DELETE FROM {}").format(Identifier(table.name)))
            if table.dialect_options["sqlite"]["autoincrement"]:
                connection.execute(
                    SQL("ALTER SEQUENCE {} RESTART").format(Identifier(f"{table.name}_id_seq"))
                )


@contextmanager
def running_cluster() -> Generator[Cluster]:
    """Start a server and stop it at the end. PostgreSQL refuses to be root, so root becomes "nobody"."""
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="trainwatch-postgresql-"))
    try:
        if user:
            shutil.chown(folder, user)
        _run(
            _program("initdb"),
            "-D",
            folder / "data",
            "-U",
            _USER,
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",  # "C" would know ASCII's capitals only
            user=user,
        )
        settings = " ".join(f"-c {name}={value}" for name, value in _SETTINGS.items())
        options = f"-k {folder} {settings}"
        pg_ctl = _program("pg_ctl")
        log = folder / "log"
        _run(pg_ctl, "start", "-w", "-D", folder / "data", "-l", log, "-o", options, user=user)
        try:
            yield Cluster(folder)
        finally:
            _run(pg_ctl, "stop", "-D", folder / "data", "-m", "immediate", user=user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str | Path, user: str | None) -> None:
    environment = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    done = subprocess.run(
        command, capture_output=True, text=True, user=user, cwd="/", env=environment, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


def _program(name: str) -> str:
    """Return where PostgreSQL's `name` is: on the path, or where Debian keeps it."""
    found = shutil.which(name)
    if found is None:
        candidates = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        found = str(candidates[-1]) if candidates else None
    if found is None:
        raise RuntimeError(
            f"these tests need PostgreSQL, but there is no {name} (apt-get install postgresql)"
        )
    return found
