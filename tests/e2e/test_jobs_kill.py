"""Twenty real jobs, and a server that is killed in the middle: all end with their true code, none runs twice."""

import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.plugins.job_operator import Operator
from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import get
from trainwatch.supervisor.log_reader import LogReader

JOBS = 20
LINES = 200
PATIENCE_S = 60

PROGRAM = """
import pathlib, sys, time
number = int(sys.argv[1])
with open(pathlib.Path(sys.argv[2]) / str(number), "a") as runs:
    runs.write("x")
for line in range(200):
    print(f"job {number} line {line} epoch 1/1 step {line + 1}/200 loss={1 / (line + 1):.4f}")
    time.sleep(0.01)
sys.exit(number)
"""


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def states(server: Server, ids: list[int]) -> dict[int, str]:
    tasks = get(server.url, "/api/tasks?limit=1000").json()["tasks"]
    return {task["id"]: task["status"] for task in tasks if task["id"] in ids}


def start_jobs(server: Server, program: Path, runs: Path, chance: random.Random) -> list[int]:
    """Start twenty jobs, of which each ends with its number, and return the ids of their tasks."""
    operator = Operator(server)
    ids: list[int] = []
    for number in range(JOBS):
        command = [sys.executable, str(program), str(number), str(runs)]
        job = {"name": f"job {number}", "modelName": "m", "epochs": 1, "runner": "local", "command": command}
        ids.append(operator.post(server, "/api/training/jobs", job)["id"])
        operator.post(server, f"/api/training/jobs/{ids[-1]}/start")
        time.sleep(chance.uniform(0, 0.02))
    return ids


@pytest.mark.slow
@pytest.mark.usefixtures("built_page")
def test_twenty_jobs_end_with_their_true_code_though_the_server_is_killed(tmp_path: Path):
    data, runs, program = tmp_path / "data", tmp_path / "runs", tmp_path / "job.py"
    data.mkdir()
    runs.mkdir()
    (data / "templates.toml").write_text("[free]\nenabled = true\n")
    program.write_text(PROGRAM)
    many, port, chance = {"TRAINWATCH_JOBS_AT_ONCE": str(JOBS)}, free_port(), random.Random(7)
    with serving(data, environment=many, port=port, keeps_jobs=True) as server:
        ids = start_jobs(server, program, runs, chance)
        time.sleep(chance.uniform(0, 0.5))
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
    with serving(data, environment=many, port=port) as server:
        until(lambda: not {"queued", "running"} & set(states(server, ids).values()))
        for number, job_id in enumerate(ids):
            (attempt,) = get(server.url, f"/api/tasks/{job_id}").json()["attempts"]
            assert attempt["exitCode"] == number
            assert attempt["status"] == ("complete" if number == 0 else "failed")
            assert (runs / str(number)).read_text() == "x"
            assert LogReader(data / "attempts" / f"{job_id}-1").read(0).data.decode() == whole_log(number)
            until(lambda job_id=job_id: steps(server, job_id) == list(range(1, LINES + 1)))


def steps(server: Server, job_id: int) -> list[int]:
    """Return the steps that have points; what was printed last may be read a little after the end."""
    return [point["step"] for point in get(server.url, f"/api/training/{job_id}/metrics").json()]


def whole_log(number: int) -> str:
    return "".join(
        f"job {number} line {line} epoch 1/1 step {line + 1}/{LINES} loss={1 / (line + 1):.4f}\n"
        for line in range(LINES)
    )
