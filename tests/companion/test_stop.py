"""Stop on the page ends a command typed in a terminal, and all that it has started."""

import time

import pytest

from tests.companion.runs import Runs, lives, python, until
from trainwatch.supervisor.processes import everybody
from trainwatch.supervisor.tree import members

POLITE = "import os, time\nprint(os.getpid(), flush=True)\nwhile True: time.sleep(1)"
CLEAN = """
import os, signal, sys, time
def end(*_):
    print("saved", flush=True)
    sys.exit(0)
signal.signal(signal.SIGINT, end)
print(os.getpid(), flush=True)
while True: time.sleep(1)
"""
DEAF_TO_INT = "import os, signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nprint(os.getpid(), flush=True)\nwhile True: time.sleep(1)"
DEAF = """
import os, signal, time
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(each, signal.SIG_IGN)
for way in range(3):
    if not os.fork():
        if way: os.setsid()
        if way == 2 and os.fork(): os._exit(0)
        break
print(os.getpid(), flush=True)
while True: time.sleep(1)
"""


def pids(process, count: int) -> list[int]:
    return [int(process.stdout.readline()) for _ in range(count)]


def test_a_quiet_command_is_stopped_within_about_a_second(runs: Runs):
    name = runs.name()
    process = runs.pipes(python(POLITE), "--name", name)
    [pid] = pids(process, 1)
    runs.stop(name)
    asked_at = time.monotonic()
    assert process.wait(20) == 130
    assert time.monotonic() - asked_at < 3  # a second, and the ending of two processes on a busy machine
    assert not lives(pid)
    task = runs.task(name)
    assert (task["status"], task["statusReason"]) == ("stopped", "stopped from the page (killed by SIGINT)")


def test_a_command_may_end_as_it_likes_when_it_is_asked(runs: Runs):
    name = runs.name()
    process = runs.pipes(python(CLEAN), "--name", name)
    pids(process, 1)
    runs.stop(name)
    assert process.wait(20) == 0
    assert process.stdout.read() == b"saved\n"
    assert runs.task(name)["statusReason"] == "stopped from the page (exit code 0)"


def test_one_that_ignores_sigint_is_asked_again(runs: Runs):
    name = runs.name()
    process = runs.pipes(python(DEAF_TO_INT), "--name", name, "--grace", "0.3")
    pids(process, 1)
    runs.stop(name)
    assert process.wait(20) == 143
    task = runs.task(name)
    assert task["statusReason"] == "stopped from the page (killed by SIGTERM)"
    history = [event["message"] for event in task["events"]]
    assert "asked to stop by SIGINT" in history
    assert "asked to stop by SIGTERM, for SIGINT did not end it" in history


def test_of_one_that_ignores_everything_nothing_is_left(runs: Runs):
    name = runs.name()
    process = runs.pipes(python(DEAF), "--name", name, "--grace", "0.3")
    family = pids(process, 4)
    # whoever forked the last of them may not have ended yet,
    until(lambda: {each.pid for each in members(everybody(), process.pid, None)} == set(family))
    runs.stop(name)
    assert process.wait(20) == 137
    until(lambda: not any(map(lives, family)))
    assert runs.task(name)["statusReason"] == "stopped from the page (killed by SIGKILL)"


def test_a_wrapped_command_is_stopped_with_what_it_wraps(runs: Runs):
    name = runs.name()
    process = runs.pipes(["sh", "-c", '"$@"; echo wrapped $?', "sh", *python(POLITE)], "--name", name)
    [pid] = pids(process, 1)
    runs.stop(name)
    process.wait(20)
    assert not lives(pid)
    assert runs.task(name)["status"] == "stopped"


@pytest.mark.parametrize("which", ["outer", "inner"])
def test_a_run_within_a_run_is_stopped_from_either(runs: Runs, which: str):
    names = {"outer": runs.name(), "inner": runs.name()}
    process = runs.pipes(runs.argv(python(CLEAN), "--name", names["inner"]), "--name", names["outer"])
    [pid] = pids(process, 1)
    runs.stop(names[which])
    assert process.wait(20) == 0
    assert process.stdout.read() == b"saved\n"
    assert not lives(pid)
    assert runs.task(names[which])["status"] == "stopped"


def test_a_command_in_a_terminal_is_stopped_too(runs: Runs):
    name = runs.name()
    terminal = runs.terminal(runs.argv(python(CLEAN), "--name", name))
    terminal.read_until(b"\n")
    runs.stop(name)
    assert b"saved" in terminal.read_until(None)
    assert terminal.wait() == 0
