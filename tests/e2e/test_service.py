"""The unit and the container file that we ship do what docs/service.md says of them, as far as that is seen without systemd."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.plugins.job_operator import Operator
from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import get, post
from tests.supervisor.attempts import until
from trainwatch.settings import Settings

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "trainwatch.service"
CONTAINER = ROOT / "deploy" / "Dockerfile"
JOB = "import pathlib, time\npathlib.Path('ready').touch()\nwhile not pathlib.Path('go').exists(): time.sleep(0.01)"


def values(name: str) -> list[str]:
    """Return the values of a directive of the unit."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def environment_of_unit() -> dict[str, str]:
    pairs = [pair.split("=", 1) for line in values("Environment") for pair in shlex.split(line)]
    return {name: value for name, value in pairs if name != "TRAINWATCH_DATA_DIR"}


def test_systemd_takes_the_unit(tmp_path: Path):
    text = UNIT.read_text().replace("/opt/trainwatch/bin/trainwatch", sys.executable)
    (tmp_path / UNIT.name).write_text(text.replace("User=trainwatch", "User=root"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", tmp_path / UNIT.name], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def stop_as(mode: str, server: Server, job: int) -> None:
    """Send what systemd sends with that KillMode."""
    if mode == "control-group":
        folder = server.data_dir / "attempts" / f"{job}-1"
        for each in [*pids_in(folder), server.process.pid]:
            os.kill(each, signal.SIGTERM)
    else:
        server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(int(values("TimeoutStopSec")[0])) == 0


def pids_in(folder: Path) -> list[int]:
    """Return the processes of an attempt, its supervisor among them: those that have its folder in arguments or as theirs."""
    found: list[int] = []
    for each in Path("/proc").glob("[0-9]*"):
        try:
            words = (each / "cmdline").read_bytes() + bytes((each / "cwd").readlink())
        except OSError:
            continue
        if str(folder).encode() in words and int(each.name) != os.getpid():
            found.append(int(each.name))
    return found


@pytest.mark.usefixtures("built_page")
@pytest.mark.parametrize(("mode", "status"), [("process", "complete"), ("control-group", "stopped")])
def test_a_job_lives_through_a_restart_of_the_unit_and_would_not_with_systemds_default(
    tmp_path: Path, mode: str, status: str
):
    assert values("KillMode") == ["process"]
    data, port = tmp_path / "data", free_port()
    data.mkdir()
    (data / "templates.toml").write_text("[free]\nenabled = true\n")
    words = shlex.split(values("ExecStart")[0])
    assert words[1:] == ["serve"]
    with serving(data, port=port, environment=environment_of_unit(), keeps_jobs=True) as server:
        operator = Operator(server)
        wanted = {"runner": "local", "command": [sys.executable, "-c", JOB]}
        job = operator.post(
            server, "/api/training/jobs", {"name": "j", "modelName": "m", "epochs": 1, **wanted}
        )
        operator.post(server, f"/api/training/jobs/{job['id']}/start")
        work = data / "attempts" / f"{job['id']}-1" / "work"
        until((work / "ready").exists)
        stop_as(mode, server, job["id"])
    with serving(data, port=port, environment=environment_of_unit()) as server:
        (work / "go").touch()
        task = ended(lambda: operator.read(server, f"/api/tasks/{job['id']}"))
    assert task["status"] == status


def ended(read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return a task once it has ended."""
    until(lambda: read()["status"] in ("complete", "failed", "stopped"))
    return read()


# The container file


def instructions() -> list[tuple[str, str]]:
    """Return each instruction of the container file with its words."""
    text = re.sub(r"^#.*\n", "", CONTAINER.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in text.splitlines() if line]


def words_of(name: str) -> list[str]:
    return [words for each, words in instructions() if each == name]


def test_the_container_serves_as_nobody_special_with_settings_that_there_are():
    names = [pair.split("=")[0] for words in words_of("ENV") for pair in words.split()]
    assert set(names) <= {f"TRAINWATCH_{name.upper()}" for name in Settings.model_fields}
    assert words_of("USER") == ["trainwatch"]
    assert (words_of("ENTRYPOINT"), words_of("CMD")) == (['["trainwatch"]'], ['["serve"]'])
    assert words_of("EXPOSE") == [str(Settings.model_fields["port"].default)]


def test_the_container_is_built_from_all_that_a_wheel_is_made_of():
    sent = set(
        re.findall(r"^!(\S+)$", (CONTAINER.parent / "Dockerfile.dockerignore").read_text(), re.MULTILINE)
    )
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    there = {path.split("/")[0] for path in tracked.stdout.splitlines()}
    needless = {
        "tests",
        "benchmarks",
        "docs",
        "deploy",
        "Makefile",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    }
    assert {name for name in there if not name.startswith(".")} - needless == sent


def test_the_containers_health_check_tells_a_server_from_none(built_page: Path, tmp_path: Path):
    (check,) = words_of("HEALTHCHECK")
    program, _, code = json.loads(check[check.index("[") :])
    assert program == "python"
    with serving(tmp_path / "data", "--require-sign-in") as server:
        command = [sys.executable, "-c", code.replace("127.0.0.1:62222", server.url.removeprefix("http://"))]
        assert subprocess.run(command, capture_output=True).returncode == 0
    assert subprocess.run(command, capture_output=True).returncode != 0


def docker(*words: str | Path) -> str:
    """Return what docker prints; a build may take minutes."""
    done = subprocess.run(["docker", *words], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout.strip()


def has_docker() -> bool:
    """Whether a daemon answers, without which nothing is built."""
    return (
        bool(shutil.which("docker"))
        and subprocess.run(["docker", "info"], capture_output=True).returncode == 0
    )


@pytest.mark.skipif(not has_docker(), reason="no daemon of Docker answers")
def test_the_container_is_built_and_keeps_what_it_is_sent():
    name, port = f"trainwatch-test-{uuid4().hex[:8]}", free_port()
    volume = ["--volume", f"{name}:/data"]
    url = f"http://127.0.0.1:{port}"
    docker("build", "--file", CONTAINER, "--tag", name, ROOT)
    try:
        docker("run", "--rm", *volume, name, "migrate")
        key = docker("run", "--rm", *volume, name, "key", "create", "--scope", "operate", "--label", "x")
        for step in (1, 2):  # the second one is another container on the same volume
            publish = ["--publish", f"127.0.0.1:{port}:62222"]
            docker("run", "--detach", "--init", "--name", name, *publish, *volume, name)
            until(lambda: answers(url))
            assert post(url, {"taskName": "contained", "step": step}, x_api_key=key).json()["taskId"] == 1
            docker("stop", name)
            assert docker("inspect", "--format", "{{.State.ExitCode}}", name) == "0"
            docker("rm", name)
    finally:
        for words in (["rm", "--force", name], ["volume", "rm", "--force", name], ["rmi", "--force", name]):
            subprocess.run(["docker", *words], capture_output=True)


def answers(url: str) -> bool:
    try:
        return get(url, "/healthz").status == 200
    except OSError:
        return False
