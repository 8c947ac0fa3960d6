"""A server that is killed while a job is being stopped, and what the next one does to that job."""

import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.job_operator import Operator
from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import get
from tests.supervisor.attempts import until
from trainwatch.supervisor import folder as files

SAVES = """
import pathlib, signal, sys, time
def end(name, code):
    pathlib.Path(name).touch()
    sys.exit(code)
def save(*_):
    pathlib.Path("saving").touch()
    while not pathlib.Path("go").exists():
        time.sleep(0.01)
    end("saved", 0)
signal.signal(signal.SIGTERM, lambda *_: end("terminated", 1))
signal.signal(signal.SIGINT, save)
pathlib.Path("ready").touch()
while True:
    time.sleep(0.01)
"""


def run(operator: Operator, server: Server) -> tuple[int, Path]:
    """Return the id and the folder of a job that saves its work when it is interrupted, once it is ready for that."""
    command = {"runner": "local", "command": [sys.executable, "-c", SAVES]}
    job = {"name": "saver", "modelName": "m", "epochs": 1, **command}
    made = operator.post(server, "/api/training/jobs", job)["id"]
    operator.post(server, f"/api/training/jobs/{made}/start")
    folder = server.data_dir / "attempts" / f"{made}-1"
    until((folder / "work" / "ready").exists)
    return made, folder


def record(folder: Path, name: str) -> dict[str, Any]:
    return files.read(str(folder), name) or {}


@pytest.mark.usefixtures("built_page")
def test_a_restart_during_the_grace_of_a_stop_leaves_the_job_the_rest_of_it(tmp_path: Path):
    data, port = tmp_path / "data", free_port()
    data.mkdir()
    (data / "templates.toml").write_text("[free]\nenabled = true\ngrace_interrupt_s = 600\n")
    with serving(data, port=port, keeps_jobs=True) as server:
        operator = Operator(server)
        job, folder = run(operator, server)
        operator.post(server, f"/api/training/jobs/{job}/stop")
        until((folder / "work" / "saving").exists)
        asked_at = record(folder, files.STOP)["at"]
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    with serving(data, port=port) as server:
        until(lambda: record(folder, files.STOP)["at"] > asked_at)  # the reminder is there
        operator.post(
            server, f"/api/training/jobs/{job}/stop"
        )  # nor does a request that is sent again hurry it
        assert record(folder, files.STATE)["stage"] == "interrupting"
        (folder / "work" / "go").touch()
        until(lambda: get(server.url, f"/api/tasks/{job}").json()["status"] == "stopped")
        assert sorted(path.name for path in (folder / "work").iterdir()) == ["go", "ready", "saved", "saving"]
        end = record(folder, files.EXIT)
        assert (end["last_stage"], end["code"], end["stopped_by"]) == ("interrupting", 0, "owner")
        stops = [
            each["target"]
            for each in operator.read(server, "/api/audit")["entries"]
            if each["action"] == "stopped job"
        ]
        assert stops == [f"job {job} (saver), attempt 1"] * 2
