"""What `docs/backup.md` says to type brings everything back, whatever lies in the folder by then."""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.server import Server, serving
from tests.plugins.wire import get, post

PAGE = Path(__file__).parents[2] / "docs" / "backup.md"
PATIENCE_S = 15.0


def commands() -> list[list[str]]:
    """Return what the page says to type, a list for each block."""
    blocks = re.findall(r"```console\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [re.findall(r"^\$ (.*)$", block, re.MULTILINE) for block in blocks]


BACK_UP, (RESTORE, SERVE) = commands()


def run(command: str, data_dir: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    program, *words = command.split()
    assert program == "trainwatch"
    return subprocess.run(
        [sys.executable, "-m", "trainwatch", *words],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=cwd,
        env={**os.environ, "TRAINWATCH_DATA_DIR": str(data_dir)},
    )


def fill(server: Server, cwd: Path) -> None:
    """Have something of each kind: a curve, a log, a key, a user, templates of one's own, a job."""
    steps = list(range(3_000))
    losses = [1 / (step + 1) for step in steps]
    task_id = post(server.url, {"taskName": "bert", "series": {"loss": {"steps": steps, "values": losses}}})
    post(server.url, b"epoch 1\nepoch 2\n", f"/api/tasks/{task_id.json()['taskId']}/log?offset=0")
    for words in ("key create --scope read --label cluster", "user add ada --no-password"):
        assert run(f"trainwatch {words}", server.data_dir, cwd).returncode == 0
    with (server.data_dir / "templates.toml").open("a") as templates:
        templates.write("\n# one of ours\n")
    job = {"name": "resnet", "modelName": "r50", "epochs": 3, "learningRate": 0.1, "batchSize": 8}
    assert post(server.url, job, "/api/training/jobs").status in {200, 201}


def everything(server: Server, cwd: Path) -> dict[str, Any]:
    """Return what can be asked of a server, and what only its owner sees."""
    tasks = sorted(get(server.url, "/api/tasks").json()["tasks"], key=lambda task: task["id"])
    return {
        "tasks": [{name: task[name] for name in ("id", "title", "status", "metrics")} for task in tasks],
        "points": get(server.url, "/api/training/1/metrics").json(),
        "curve": get(server.url, "/api/training/1/metrics?name=loss&points=100").json(),
        "log": get(server.url, "/api/tasks/1/log/download").body,
        "job": get(server.url, "/api/training/jobs").json()["jobs"][0]["job"],
        "keys": run("trainwatch key list", server.data_dir, cwd).stdout,
        "users": run("trainwatch user list", server.data_dir, cwd).stdout,
        "templates": (server.data_dir / "templates.toml").read_text(),
    }


@pytest.fixture(scope="module")
def monday(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with both kinds of backup, made beside a running server, and what that server told by then."""
    cwd = tmp_path_factory.mktemp("monday")
    with serving(cwd / "data") as server:
        fill(server, cwd)
        for command in BACK_UP:
            done = run(command, server.data_dir, cwd)
            assert done.returncode == 0, done.stderr
        told = everything(server, cwd)
        post(server.url, {"taskName": "of tuesday", "step": 1, "loss": 1})  # the folder goes on
        post(server.url, b"lost", "/api/tasks/3/log?offset=0")
    return cwd, told


def test_the_smaller_backup_names_what_it_leaves_out(monday: tuple[Path, dict[str, Any]]):
    cwd, _ = monday
    done = run("trainwatch backup tuesday.db", cwd / "data", cwd)
    assert "without 2 logs and templates.toml" in done.stdout


@pytest.mark.parametrize("state", ["stopped", "killed", "new machine"])
def test_the_documented_steps_bring_everything_back(
    monday: tuple[Path, dict[str, Any]], tmp_path: Path, state: str
):
    cwd, told = monday
    folder = tmp_path / "data"
    if state != "new machine":
        shutil.copytree(cwd / "data", folder, ignore=shutil.ignore_patterns("*.sock"))
        with serving(folder) as server:
            post(server.url, {"taskName": "of wednesday", "step": 1, "loss": 1})
            if state == "killed":
                server.process.send_signal(signal.SIGKILL)
                server.process.wait(PATIENCE_S)
                assert (folder / "trainwatch.db-wal").stat().st_size > 0
    done = run(RESTORE, folder, cwd)
    assert done.returncode == 0, done.stderr
    assert SERVE == "trainwatch serve"
    with serving(folder) as server:
        assert everything(server, cwd) == told
        answer = post(server.url, {"taskName": "after", "step": 1, "loss": 1}).json()
        log = get(server.url, f"/api/tasks/{answer['taskId']}/log?tail=10").json()
        assert log["lines"] == []  # not those of tuesday's task, whose id it has
    kept = list(folder.glob("replaced-*"))
    assert len(kept) == (0 if state == "new machine" else 1)


def test_nothing_is_restored_beside_a_server(monday: tuple[Path, dict[str, Any]], tmp_path: Path):
    cwd, _ = monday
    with serving(tmp_path / "data") as server:
        done = run(RESTORE, server.data_dir, cwd)
        assert done.returncode == 1
        assert f"(pid {server.process.pid})" in done.stderr
        assert get(server.url, "/api/tasks").json()["tasks"] == []


def test_the_smaller_backup_is_restored_too(monday: tuple[Path, dict[str, Any]], tmp_path: Path):
    cwd, told = monday
    done = run("trainwatch restore monday.db", tmp_path / "data", cwd)
    assert done.returncode == 0, done.stderr
    assert "2 tasks" in done.stdout
    with serving(tmp_path / "data") as server:
        assert everything(server, cwd)["points"] == told["points"]
