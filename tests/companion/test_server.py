"""Whatever the server does, the command runs; and what it printed is on the page in the end."""

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.client.test_exchange import HOSTILE, NO_ANSWERS, says
from tests.client.test_exchange import serving as hostile
from tests.companion.runs import Runs, children_of, python, until
from tests.plugins.server import free_port, serving
from tests.plugins.wire import get

STEPS = 60
TRAINING = f"""
import sys, time
for step in range(1, {STEPS + 1}):
    print(f"epoch {{1 + step // 20}}/4 step {{step}}/{STEPS} loss: {{1 / step:.4f}}", flush=True)
    sys.stdin.read(1) if step % 20 == 0 else time.sleep(0.01)
"""


def test_what_is_printed_is_on_the_page_while_it_runs(runs: Runs):
    name = runs.name()
    process = runs.pipes(python(TRAINING), "--name", name, "--gpu", "H100", stdin=subprocess.PIPE)
    task = runs.task_when(name, lambda task: task["currentStep"] == 20)
    assert (task["status"], task["totalSteps"], task["currentEpoch"], task["totalEpochs"]) == (
        "running",
        STEPS,
        2,
        4,
    )
    assert (task["gpu"]["name"], task["gpu"]["host"]) == ("H100", socket.gethostname())
    assert task["message"].startswith(f"started by trainwatch run on {socket.gethostname()}: ")
    process.stdin.write(b"go")
    process.stdin.close()
    assert process.wait(20) == 0
    points = [(point["step"], point["loss"], point["epoch"]) for point in runs.metrics(name)]
    assert points == [(step, round(1 / step, 4), 1 + step // 20) for step in range(1, STEPS + 1)]


def test_a_bar_in_a_terminal_moves_the_task(runs: Runs):
    name = runs.name()
    bar = "import sys, time\nfor i in range(101): sys.stderr.write(f'\\r{i:3}%|####| {i}/100 [00:01<00:02, 50.0it/s]'); sys.stderr.flush()\nsys.stdin.readline()"
    terminal = runs.terminal(runs.argv(python(bar), "--name", name))
    terminal.read_until(b"100/100")
    task = runs.task_when(
        name, lambda task: task["currentStep"] == 100
    )  # its last state, though the line has no end
    assert (task["status"], task["totalSteps"]) == ("running", 100)
    terminal.type(b"\n")
    assert terminal.wait() == 0


EPOCHS_APART = """
import os, sys, time
for epoch in range(1, 5):
    {named}
    for step in range(0, 61, {stride}):
        os.write({bars}, b"\\r%3d%%|####| %d/60 [00:01<00:02, 50.0it/s]" % (step // 0.6, step))
        time.sleep({pause})
    os.write({bars}, b"\\r100%|####| 60/60 [00:01<00:00, 50.0it/s]\\n")
"""


@pytest.mark.parametrize(("stride", "pause"), [(60, 0), (20, 0.002), (1, 0.0005)])
@pytest.mark.parametrize(
    ("bars", "named"),
    [
        (2, "os.write(1, b'Epoch %d/4\\n' % epoch)"),
        (1, "os.write(2, b'2026-01-31 12:00:00 INFO train: Epoch %d/4\\n' % epoch)"),
    ],
    ids=["bars on standard error", "a logger on standard error"],
)
def test_every_step_counts_where_bars_and_epochs_come_on_two_channels(
    runs: Runs, bars: int, named: str, stride: int, pause: float
):
    name = runs.name()
    program = EPOCHS_APART.format(named=named, stride=stride, bars=bars, pause=pause)
    assert runs.done(python(program), "--name", name).returncode == 0
    task = runs.task(name)
    told = tuple(task[each] for each in ("currentStep", "totalSteps", "currentEpoch", "totalEpochs"))
    assert told == (240, 240, 4, 4)


def test_no_number_is_news(runs: Runs):
    name = runs.name()
    assert runs.done(["printf", "step 1/3 loss: 0.5\\nstep 2/3 loss: nan\\n"], "--name", name).returncode == 0
    events = [event["kind"] for event in runs.task(name)["events"]]
    assert "nonfinite" in events


def test_a_secret_on_the_command_line_is_not_shown(runs: Runs):
    name = runs.name()
    runs.done(
        ["echo", "--api-key", "hunter2hunter2", "HF_TOKEN=hunter3hunter3", "--lr", "3e-4"], "--name", name
    )
    told = get(runs.url, f"/api/tasks/{runs.task(name)['id']}").body
    assert b"hunter" not in told
    assert b"echo --api-key" in told
    assert b"--lr 3e-4" in told


def test_a_server_that_is_killed_and_comes_back_has_every_point(runs: Runs, tmp_path: Path):
    port, data_dir = free_port(), tmp_path / "data"
    with serving(data_dir, port=port) as server:
        runs.url = server.url
        name = runs.name()
        process = runs.pipes(python(TRAINING), "--name", name, "--url", server.url, stdin=subprocess.PIPE)
        runs.task_when(name, lambda task: task["currentStep"] == 20)
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        process.stdin.write(b"g")
        process.stdin.flush()
        for _ in range(40):
            process.stdout.readline()  # it goes on all the same
    with serving(data_dir, port=port):
        process.stdin.write(b"o")
        process.stdin.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == b""
        assert [point["step"] for point in runs.metrics(name)] == list(range(1, STEPS + 1))
        assert runs.task(name)["statusReason"] == "exit code 0"
        assert runs.task(name)["attempt"] == 1


def test_a_server_that_comes_later_gets_it_all(runs: Runs, tmp_path: Path):
    port = free_port()
    runs.url = f"http://127.0.0.1:{port}"
    name = runs.name()
    process = runs.pipes(python(TRAINING), "--name", name, "--url", runs.url, stdin=subprocess.PIPE)
    assert b"does not answer (Connection refused); the command runs on" in process.stderr.readline()
    with serving(tmp_path / "data", port=port):
        runs.task_when(name, lambda task: task["currentStep"] == 20)
        process.stdin.write(b"go")
        process.stdin.close()
        assert process.wait(20) == 0
        assert process.stderr.read() == b""
        assert len(runs.metrics(name)) == STEPS


def test_without_a_server_the_command_runs_all_the_same(runs: Runs):
    url = f"http://127.0.0.1:{free_port()}"
    done = runs.done(["sh", "-c", "echo out; echo err >&2; exit 3"], "--url", url)
    assert (done.returncode, done.stdout) == (3, b"out\n")
    assert sorted(done.stderr.decode().splitlines()) == [
        "err",
        f"trainwatch: {url} does not answer (Connection refused); the command runs on, and is reported once it does",
        f"trainwatch: {url} never answered: how the command ended waits for trainwatch sync --url {url}, or the next trainwatch run",
    ]


def test_a_server_that_goes_for_good_is_waited_for_a_few_seconds_and_no_more(runs: Runs, tmp_path: Path):
    with serving(tmp_path / "data") as server:
        runs.url = server.url
        name = runs.name()
        process = runs.pipes(
            ["sh", "-c", "read line; exit 5"], "--name", name, "--url", server.url, stdin=subprocess.PIPE
        )
        runs.task(name)
    began = time.monotonic()
    process.stdin.close()
    assert process.wait(30) == 5
    assert time.monotonic() - began < 10
    assert (
        process.stderr.read().decode()
        == f"trainwatch: {server.url} did not answer at the end: how the command ended waits for trainwatch sync --url {server.url}, or the next trainwatch run\n"
    )


def test_whoever_cannot_wait_for_the_server_presses_ctrl_c(runs: Runs, tmp_path: Path):
    with serving(tmp_path / "data") as server:
        runs.url = server.url
        name = runs.name()
        terminal = runs.terminal(
            runs.argv(["sh", "-c", "read line; echo over"], "--name", name, "--url", server.url)
        )
        runs.task(name)
    terminal.type(b"\n")
    terminal.read_until(b"over")
    until(lambda: not children_of(terminal.pid))
    began = time.monotonic()
    terminal.type(b"\x03")
    terminal.read_until(b"or the next trainwatch run")
    assert terminal.wait() == 0
    assert time.monotonic() - began < 3


@pytest.fixture
def mute() -> Iterator[str]:
    """A server that takes every connection and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_server_that_does_not_answer_makes_nobody_wait(runs: Runs, mute: str):
    program = "import time\nbegan = time.monotonic()\nfor step in range(20000): print(f'step {step}/20000 loss: 0.5')\nprint(time.monotonic() - began)"
    done = runs.done(python(program), "--url", mute)
    assert float(done.stdout.splitlines()[-1]) < 5
    assert done.stderr.startswith(b"trainwatch: %s never answered: " % mute.encode())
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    "name", ["any length", "a body without an end", "garbage", "a chunk below zero", "headers without an end"]
)
def test_a_hostile_server_changes_neither_the_output_nor_the_exit_code(runs: Runs, name: str):
    with hostile(HOSTILE[name]) as url:
        done = runs.done(["sh", "-c", "echo out; echo err >&2; exit 3"], "--url", url)
    assert (done.returncode, done.stdout) == (3, b"out\n")
    assert all(
        line == "err" or line.startswith("trainwatch: http") for line in done.stderr.decode().splitlines()
    )


@pytest.mark.parametrize("name", ["deeply nested", "an id that is a list", "another place", "no content"])
def test_another_kind_of_server_is_told_in_one_line(runs: Runs, name: str):
    with hostile(says(NO_ANSWERS[name])) as url:
        done = runs.done(["sh", "-c", "exit 3"], "--url", url)
    assert done.returncode == 3
    assert "takes no reports of this command" in done.stderr.decode()
    assert done.stderr.count(b"\n") == 1


def test_a_wrong_key_is_said_once_and_the_command_runs(runs: Runs):
    done = runs.done(["sh", "-c", "sleep 0.5; echo ran"], env={"TRAINWATCH_KEY": "tw_ingest_mistyped"})
    assert (done.returncode, done.stdout) == (0, b"ran\n")
    assert done.stderr.decode() == (
        f"trainwatch: {runs.url} takes no reports of this command, which runs on: this key is unknown, expired or revoked\n"
    )


def test_a_key_lets_it_report_where_one_is_needed(runs: Runs, tmp_path: Path):
    with serving(tmp_path / "data", "--require-sign-in") as server:
        made = subprocess.run(
            [sys.executable, "-m", "trainwatch", "key", "create", "--scope", "operate", "--label", "x", "--data-dir", server.data_dir],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        key = made.stdout.strip()
        without = runs.done(["true"], "--url", server.url)
        assert without.stderr.count(b"\n") == 1
        name = runs.name()
        done = runs.done(["true"], "--name", name, "--url", server.url, env={"TRAINWATCH_KEY": key})
        assert (done.returncode, done.stderr) == (0, b"")
        tasks = get(server.url, "/api/tasks", authorization=f"Bearer {key}").json()["tasks"]
        assert [task["title"] for task in tasks] == [name]


def test_another_kind_of_server_is_said_to_be_one(runs: Runs):
    done = runs.done(["true"], "--url", f"{runs.url}/tasks")
    assert (done.returncode, done.stderr.count(b"\n")) == (0, 1)
    assert b"there is no TrainWatch server" in done.stderr or b"takes no reports" in done.stderr


@pytest.mark.parametrize("url", ["localhost:62222", "ftp://localhost", "http://", "http://host:99999"])
def test_an_address_that_is_none_is_refused_before_anything_runs(runs: Runs, url: str):
    done = runs.done(["echo", "ran"], "--url", url)
    assert (done.returncode, done.stdout) == (2, b"")
