"""A server that is killed while a job is being stopped, and what the next one does to that job."""

import json
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import get, request, say
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


class Operator:
    """Somebody who signed in at one server, and stays so at the next one on its data."""

    def __init__(self, server: Server) -> None:
        link = re.findall(r"/sign-in#(\w+)", server.log_file.read_text())[-1]
        answer = say(server.url, request("POST", "/api/sign-in", json.dumps({"link": link}).encode()))
        found = re.search(rb"set-cookie: ([^;]+)", answer.head, re.IGNORECASE)
        assert found
        self.cookie = found[1].decode()

    def post(self, server: Server, path: str, payload: object = None) -> Any:
        body = b"" if payload is None else json.dumps(payload).encode()
        answer = say(server.url, request("POST", path, body, cookie=self.cookie))
        assert answer.status in (200, 201), answer.body
        return answer.json()

    def read(self, server: Server, path: str) -> Any:
        return get(server.url, path, cookie=self.cookie).json()


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
