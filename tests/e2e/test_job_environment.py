"""A real job of a server whose environment holds secrets: what it inherits, and what its own key is good for."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_jobs_kill import Operator, until
from tests.plugins.server import Server, serving
from tests.plugins.wire import get
from trainwatch.supervisor.log_reader import LogReader

OF_THE_SERVER = {
    "TRAINWATCH_LOG_MEGABYTES": "17",
    "TRAINWATCH_ANYTHING": "of-the-server",
    "PGPASSWORD": "of-the-server",
    "REFLEX_ANYTHING": "of-the-server",
    "NOTIFY_SOCKET": "/of-the-server",
}
OF_THE_USER = {"HF_HOME": "/of/the/user", "CUDA_VISIBLE_DEVICES": "3"}

GIVEN = {
    *("TRAINWATCH_URL", "TRAINWATCH_KEY", "TRAINWATCH_TASK_ID", "TRAINWATCH_ATTEMPT"),
    *("TRAINWATCH_ATTEMPT_MARKER", "PYTHONUNBUFFERED"),
}
"""What the runner sets, whatever there was before."""

TELL = """
import json, os
supervisor = open(f"/proc/{os.getppid()}/environ").read().split("\\0")
print(json.dumps({"job": dict(os.environ), "supervisor": dict(each.split("=", 1) for each in supervisor if each)}))
"""


@pytest.fixture(scope="module")
def server(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that was started with secrets in its environment, and allows free commands."""
    data = tmp_path_factory.mktemp("environment") / "data"
    data.mkdir(mode=0o700)
    (data / "templates.toml").write_text("[free]\nenabled = true\n")
    with serving(data, "--require-sign-in", environment=OF_THE_SERVER | OF_THE_USER) as server:
        yield server


@pytest.fixture(scope="module")
def operator(server: Server) -> Operator:
    return Operator(server)


def printed_by(server: Server, operator: Operator, program: str) -> Any:
    """Return what a job of its own printed, which is JSON, after it has ended well."""
    job = {"name": "job", "modelName": "m", "epochs": 1, "runner": "local"}
    made = operator.post(
        server, "/api/training/jobs", {**job, "options": {"command": [sys.executable, "-c", program]}}
    )
    operator.post(server, f"/api/training/jobs/{made['id']}/start")

    def has_ended() -> bool:
        found = get(server.url, f"/api/tasks/{made['id']}", cookie=operator.cookie).json()
        return found["status"] in ("complete", "failed")

    until(has_ended)
    return json.loads(LogReader(server.data_dir / "attempts" / f"{made['id']}-1").read(0).data)


def test_nothing_of_the_server_reaches_a_job_or_its_supervisor(server: Server, operator: Operator):
    ours = {name for name in os.environ if name not in GIVEN}
    told = printed_by(server, operator, TELL)
    for environment, given in ((told["job"], GIVEN), (told["supervisor"], set[str]())):
        assert "of-the-server" not in str(environment)
        assert {name for name in environment if "TRAINWATCH" in name or "REFLEX" in name} <= given
        assert environment.keys() - GIVEN == (ours | OF_THE_USER.keys()) - {
            name for name in ours if name.startswith(("TRAINWATCH_", "REFLEX_", "PG"))
        }
        assert environment["HF_HOME"] == "/of/the/user"
    assert told["job"]["CUDA_VISIBLE_DEVICES"] == "3"
    assert told["job"].keys() >= GIVEN
