"""What a server could not be told waits on the disk, and is there in the end, in order and once."""

import json
import os
import signal
import stat
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.client.test_reporter import Desk, desk  # noqa: F401 - a fixture
from tests.companion.runs import Runs, children_of, python, until
from tests.plugins.server import Server, free_port, serving
from trainwatch.client.spool_file import SpoolFolder

STEPS = 60
TRAINING = f"""
import sys
for step in range(1, {STEPS + 1}):
    print(f"step {{step}}/{STEPS} loss: {{1 / step:.4f}}", flush=True)
    if step % 20 == 0:
        sys.stdin.read(1)
sys.exit(7)
"""


def points_in(runs: Runs) -> int:
    """Return how many points wait."""
    lines = [line for path in runs.unsent.glob("*.jsonl") for line in path.read_text().splitlines()]
    reports: list[Any] = [json.loads(line).get("report", {}) for line in lines]
    return sum(len(report.get("series", {}).get("loss", {}).get("steps", ())) for report in reports)


def assert_whole(runs: Runs, name: str) -> None:
    task = runs.task(name)
    assert (task["status"], task["statusReason"], task["currentStep"]) == ("failed", "exit code 7", STEPS)
    points = [(point["step"], point["loss"]) for point in runs.metrics(name)]
    assert points == [(step, round(1 / step, 4)) for step in range(1, STEPS + 1)]
    messages = [entry["message"] for entry in task["events"] if "started by" in (entry["message"] or "")]
    assert len(messages) == 1
    with urllib.request.urlopen(f"{runs.url}/api/tasks/{task['id']}/log/download") as answer:
        log: bytes = answer.read()
    assert log == b"".join(b"step %d/60 loss: %.4f\n" % (step, 1 / step) for step in range(1, STEPS + 1))


@pytest.mark.parametrize("killed_after", [0, 20, 60])
def test_whenever_the_server_dies_all_is_there_after_a_sync(runs: Runs, tmp_path: Path, killed_after: int):
    name, port, data_dir = runs.name(), free_port(), tmp_path / "data"
    runs.url = f"http://127.0.0.1:{port}"
    argv = ["--name", name, "--url", runs.url]

    def go(process: Any, stretches: int) -> None:
        process.stdin.write(b"g" * stretches)
        process.stdin.flush()

    if killed_after == 0:
        process = runs.pipes(python(TRAINING), *argv, stdin=subprocess.PIPE)
    else:
        with serving(data_dir, port=port) as server:
            process = runs.pipes(python(TRAINING), *argv, stdin=subprocess.PIPE)
            go(process, killed_after // 20 - 1)
            runs.task_when(name, lambda task: task["currentStep"] == killed_after)
            server.process.kill()
            server.process.wait()
    go(process, 3)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 7
    assert told.splitlines()[-1].endswith(
        f"trainwatch sync --url {runs.url}, or the next trainwatch run".encode()
    )
    with serving(data_dir, port=port):
        done = runs.sync(runs.url)
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"{name}: sent ")
        assert_whole(runs, name)
        assert list(runs.unsent.iterdir()) == []
        assert runs.sync(runs.url).stdout == f"nothing waits for {runs.url}\n"


def test_a_companion_that_is_killed_leaves_what_waited_behind(runs: Runs, tmp_path: Path):
    name, port = runs.name(), free_port()
    runs.url = f"http://127.0.0.1:{port}"
    process = runs.pipes(python(TRAINING), "--name", name, "--url", runs.url, stdin=subprocess.PIPE)
    until(lambda: points_in(runs) == 20)
    (path,) = runs.unsent.glob("*.jsonl")
    assert runs.sync(runs.url).stdout == f"nothing waits for {runs.url}\n"  # it is the companion's
    [pid] = children_of(process.pid)
    process.send_signal(signal.SIGKILL)
    process.wait()
    os.kill(pid, signal.SIGKILL)
    with serving(tmp_path / "data", port=port):
        assert runs.sync(runs.url).returncode == 0
        assert [point["step"] for point in runs.metrics(name)] == list(range(1, 21))
        assert not path.exists()


def test_the_next_command_sends_what_waits(runs: Runs, server: Server):
    name, port = runs.name(), free_port()
    away = f"http://127.0.0.1:{port}"
    runs.done(python(TRAINING), "--name", name, "--url", away, input=b"ggg")
    (path,) = runs.unsent.iterdir()
    path.write_text(path.read_text().replace(away, server.url))  # as if this one had been away
    assert runs.done(["true"]).returncode == 0
    assert_whole(runs, name)
    assert list(runs.unsent.iterdir()) == []


def test_what_waits_is_for_its_owner_and_has_no_key(runs: Runs):
    url = f"http://user:password@127.0.0.1:{free_port()}"
    key = "tw_ingest_abcdefghijklmnop"
    runs.done(["echo", "hello"], "--url", url, env={"TRAINWATCH_KEY": key})
    (path,) = runs.unsent.iterdir()
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)] == [0o600, 0o700]
    assert not {key, "password"} & {word for word in (key, "password") if word in path.read_text()}
    assert "hello" in path.read_text()  # the log


def test_what_waits_for_another_server_is_not_sent_and_said(runs: Runs, server: Server):
    away = f"http://127.0.0.1:{free_port()}"
    runs.done(["true"], "--url", away)
    done = runs.sync(server.url)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        f"nothing waits for {server.url}",
        f"reports of 1 command wait for {away}: trainwatch sync --url {away}",
    ]
    away_done = runs.sync(away)
    assert (away_done.returncode, away_done.stdout) == (1, "")
    assert away_done.stderr == f"Error: {away} takes no more: Connection refused\n"
    assert len(list(runs.unsent.iterdir())) == 1


def test_what_is_refused_is_told_and_set_aside(runs: Runs, desk: Desk):  # noqa: F811
    away = f"http://127.0.0.1:{free_port()}"
    runs.done(["sh", "-c", "echo loss: 0.5; exit 7"], "--no-log", "--url", away)
    (path,) = runs.unsent.iterdir()
    path.write_text(path.read_text().replace(away, desk.url))
    desk.answers = [(422, {"error": {"message": "message must be shorter"}}, {})]
    done = runs.sync(desk.url)
    assert done.returncode == 0
    assert "1 report refused, and set aside in " in done.stdout
    assert [report["eventId"] for report in desk.reports if "eventId" in report][:3] == [
        "trainwatch-run-1",
        "trainwatch-run-2",
        "trainwatch-run-3",
    ]
    (aside,) = runs.unsent.iterdir()
    refused = json.loads(aside.read_text())
    assert (refused["refused"], refused["report"]["eventId"]) == (
        "message must be shorter",
        "trainwatch-run-1",
    )
    sent = len(desk.reports)
    assert runs.sync(desk.url).stdout == f"nothing waits for {desk.url}\n"
    assert len(desk.reports) == sent


def test_a_key_that_is_refused_leaves_everything_where_it_is(runs: Runs, desk: Desk):  # noqa: F811
    away = f"http://127.0.0.1:{free_port()}"
    runs.done(["true"], "--url", away)
    (path,) = runs.unsent.iterdir()
    path.write_text(path.read_text().replace(away, desk.url))
    before = path.read_bytes()
    desk.answers = [(401, {"error": {"message": "this key is unknown"}}, {})]
    done = runs.sync(desk.url)
    assert (done.returncode, done.stderr) == (1, f"Error: {desk.url} takes no more: this key is unknown\n")
    assert path.read_bytes() == before
    assert runs.sync(desk.url, TRAINWATCH_KEY="tw_right").returncode == 0
    assert desk.keys[-1] == "Bearer tw_right"


def test_two_at_once_send_nothing_twice(runs: Runs, desk: Desk):  # noqa: F811
    away = f"http://127.0.0.1:{free_port()}"
    for _ in range(3):
        runs.done(["true"], "--url", away)
    for path in runs.unsent.iterdir():
        path.write_text(path.read_text().replace(away, desk.url))
    command = [*runs.argv([])[:3], "sync", "--url", desk.url]
    both = [subprocess.Popen(command, env=runs.env, stdout=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate(timeout=60) and process.returncode for process in both] == [0, 0]
    sent = [(report["runId"], report["eventId"]) for report in desk.reports]
    assert len(sent) == len(set(sent)) == 6
    assert list(SpoolFolder(runs.unsent).waiting()) == []


def test_who_has_no_place_for_it_is_told_so(runs: Runs, tmp_path: Path):
    url = f"http://127.0.0.1:{free_port()}"
    (tmp_path / "file").touch()
    done = runs.done(["sh", "-c", "exit 4"], "--url", url, env={"XDG_STATE_HOME": str(tmp_path / "file")})
    assert done.returncode == 4
    assert b"2 reports could not be kept for later either: Not a directory" in done.stderr
