"""While nothing can be written, jobs are stopped and keys are revoked; it is written down when it can be."""

import contextlib
import json
import sqlite3
import sys
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.plugins.disk import filled, small_disk
from tests.plugins.postgresql import Cluster
from tests.plugins.server import Server, serving
from tests.plugins.wire import get, request, say
from tests.supervisor.attempts import until
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from
from trainwatch.supervisor import folder as files

PROGRAM = "import pathlib, time; pathlib.Path('ready').touch(); time.sleep(600)"


@dataclass
class Scene:
    """A server, what it keeps, and what takes its database away for a while."""

    server: Server
    outage: AbstractContextManager[Any]
    database: str | None = None
    is_full: bool = False
    keys: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        settings = settings_from(data_dir=self.server.data_dir, database=self.database)
        self.owner = partial(ask, settings)
        for scope in ("operate", "admin", "read"):
            self.keys[scope] = self.owner("POST", "/api/keys", {"scope": scope, "label": scope})

    def ask(self, method: str, path: str, scope: str, payload: object = None) -> tuple[int | None, Any]:
        body = b"" if payload is None else json.dumps(payload).encode()
        answer = say(self.server.url, request(method, path, body, x_api_key=self.keys[scope]["key"]))
        return answer.status, answer.json()

    def run(self) -> tuple[int, Path]:
        """Return the id and the folder of a job that runs."""
        command = {"runner": "local", "command": [sys.executable, "-c", PROGRAM]}
        job = {"name": "job", "modelName": "m", "epochs": 1, **command}
        _, made = self.ask("POST", "/api/training/jobs", "operate", job)
        self.ask("POST", f"/api/training/jobs/{made['id']}/start", "operate")
        folder = self.server.data_dir / "attempts" / f"{made['id']}-1"
        until((folder / "work" / "ready").exists)
        return made["id"], folder


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextlib.contextmanager
def _away(cluster: Cluster, name: str) -> Iterator[None]:
    allow = SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
        admin.execute(allow.format(Identifier(name), SQL("false")))
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            admin.execute(allow.format(Identifier(name), SQL("true")))


@pytest.fixture(params=["disk full", "sqlite locked", "postgresql away"])
def scene(request: pytest.FixtureRequest, tmp_path: Path, built_page: Path) -> Iterator[Scene]:
    data, kind = tmp_path / "disk" / "data", request.param
    with contextlib.ExitStack() as stack:
        options: tuple[str, ...] = ()
        database = None
        if kind == "disk full":
            stack.enter_context(small_disk(data.parent, megabytes=64))
            outage: AbstractContextManager[Any] = filled(data.parent)
        elif kind == "sqlite locked":
            outage = _locked(data / "trainwatch.db")
        else:
            cluster: Cluster = request.getfixturevalue("cluster")
            name = f"outage_{uuid.uuid4().hex}"
            database, outage = cluster.create(name), _away(cluster, name)
            options = ("--database", database)
        data.mkdir(parents=True)
        (data / "templates.toml").write_text("[free]\nenabled = true\n")
        server = stack.enter_context(serving(data, *options))
        yield Scene(server, outage, database, is_full=kind == "disk full")


def test_jobs_are_stopped_and_keys_revoked_though_nothing_can_be_written(scene: Scene):
    job, folder = scene.run()
    read_key = scene.keys["read"]
    with scene.outage:
        status, answer = scene.ask("POST", f"/api/training/jobs/{job}/stop", "operate")
        if scene.is_full:  # there is room that was held for this
            assert (status, answer["stopRequested"]) == (200, True)
        else:
            assert (status, answer["written"]) == (202, False)
        until(lambda: files.read(str(folder), files.EXIT) is not None)
        status, answer = scene.ask("DELETE", f"/api/keys/{read_key['id']}", "admin")
        assert (status, answer.get("written")) == ((200, None) if scene.is_full else (202, False))
        assert get(scene.server.url, "/api/tasks", x_api_key=read_key["key"]).status == 401
        if scene.is_full:
            until(lambda: get(scene.server.url, f"/api/tasks/{job}").json()["status"] == "stopped")
    until(lambda: get(scene.server.url, f"/api/tasks/{job}").json().get("status") == "stopped", within_s=30)
    until(lambda: len(audited(scene)) == 2, within_s=30)
    assert audited(scene) == [
        f"revoked key key {read_key['id']} (read)",
        f"stopped job job {job} (job), attempt 1",
    ]
    assert get(scene.server.url, f"/api/tasks/{job}").json()["statusReason"].startswith("stopped by operate")
    assert get(scene.server.url, "/api/tasks", x_api_key=read_key["key"]).status == 401


def audited(scene: Scene) -> list[str]:
    """Return what was stopped and revoked, as the audit log has it."""
    _, answer = scene.ask("GET", "/api/audit", "admin")
    lines = [f"{each['action']} {each['target']}" for each in answer["entries"]]
    return sorted(line for line in lines if line.startswith(("stopped job", "revoked key")))
