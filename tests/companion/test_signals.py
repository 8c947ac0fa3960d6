"""Keys, signals and windows that are closed do to the command what they would do without us."""

import os
import shlex
import signal

from tests.companion.runs import PROMPT, Runs, lives, python

POLITE = "import time\nprint('ready', flush=True)\nwhile True: time.sleep(1)"
OBSTINATE = """
import os, signal, sys, time
def count(number, _):
    os.write(1, b"got %s\\n" % signal.Signals(number).name.encode())
for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2):
    signal.signal(each, count)
print("ready", os.getpid(), flush=True)
while True: time.sleep(1)
"""


def test_ctrl_c_ends_the_command_and_is_told_as_what_it_was(runs: Runs):
    name = runs.name()
    terminal = runs.terminal(runs.argv(python(POLITE), "--name", name))
    terminal.read_until(b"ready")
    terminal.type(b"\x03")
    assert b"KeyboardInterrupt" in terminal.read_until(None)
    assert terminal.wait() == -signal.SIGINT
    task = runs.task(name)
    assert (task["status"], task["statusReason"]) == ("stopped", "interrupted in its terminal (SIGINT)")


def test_a_shell_says_130_after_ctrl_c_and_leaves_its_loop(runs: Runs):
    loop = 'for each in 1 2 3; do "$@"; echo "again $?"; done; echo never'
    terminal = runs.terminal(["bash", "-c", loop, "bash", *runs.argv(python(POLITE))])
    terminal.read_until(b"ready")
    terminal.type(b"\x03")
    shown = terminal.read_until(None)
    assert (b"again" in shown, b"never" in shown, terminal.wait()) == (False, False, -signal.SIGINT)
    shell = runs.terminal(["bash", "--norc", "-i"])
    shell.command(runs.argv(["sh", "-c", "echo up; exec cat"]), until_shown=b"up")
    shell.type(b"\x03")
    shell.read_until(PROMPT, times=2)
    shell.type(b"echo code=$?\n")
    shell.read_until(b"code=130")


def test_a_command_that_does_not_mind_ctrl_c_gets_it_once_each_time(runs: Runs):
    terminal = runs.terminal(runs.argv(python(OBSTINATE)))
    terminal.read_until(b"ready")
    for count in (1, 2):
        terminal.type(b"\x03")
        terminal.read_until(b"got SIGINT", times=count)
    terminal.type(b"\x1c")
    terminal.read_until(b"got SIGQUIT")
    assert terminal.shown.count(b"got SIGINT") == 2
    os.kill(pid_in(terminal.shown), signal.SIGKILL)
    assert terminal.wait() == 137


def pid_in(shown: bytes) -> int:
    return int(shown.split(b"ready ")[1].split()[0])


def test_a_signal_sent_to_us_reaches_the_command(runs: Runs):
    process = runs.pipes(python(OBSTINATE))
    pid = pid_in(process.stdout.readline())
    for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGINT):
        process.send_signal(number)
        assert process.stdout.readline() == b"got %s\n" % number.name.encode()
    os.kill(pid, signal.SIGKILL)
    assert process.wait(20) == 137


def test_sigterm_ends_it_as_it_would_and_is_told_as_what_it_was(runs: Runs):
    name = runs.name()
    process = runs.pipes(python(POLITE), "--name", name)
    process.stdout.readline()
    process.terminate()
    assert process.wait(20) == 143
    task = runs.task(name)
    assert (task["status"], task["statusReason"]) == ("stopped", "asked to end (SIGTERM)")


def test_a_command_that_ends_its_own_group_does_not_end_its_report(runs: Runs):
    name = runs.name()
    process = runs.pipes(
        ["sh", "-c", "trap : TERM; kill -TERM 0; echo alive; exit 9"], "--name", name, start_new_session=True
    )
    assert (process.wait(20), process.stdout.read()) == (9, b"alive\n")
    assert runs.task(name)["statusReason"] == "exit code 9"


def test_closing_the_window_hangs_the_command_up(runs: Runs):
    name = runs.name()
    terminal = runs.terminal(runs.argv(python(POLITE), "--name", name))
    terminal.read_until(b"ready")
    runs.task(name)
    terminal.close()
    assert terminal.wait() == 129
    task = runs.task(name)
    assert (task["status"], task["statusReason"]) == ("stopped", "its terminal was closed (SIGHUP)")


def test_ctrl_z_suspends_it_and_fg_lets_it_go_on(runs: Runs):
    name = runs.name()
    shell = runs.terminal(["bash", "--norc", "-i"])
    shell.command(runs.argv(["sh", "-c", "echo up; exec cat"], "--name", name), until_shown=b"up")
    shell.type(b"one\n")
    shell.read_until(b"one\r\none\r\n")
    runs.task_when(name, lambda task: task["status"] == "running")
    shell.type(b"\x1a")
    shell.read_until(b"Stopped")
    runs.task_when(name, lambda task: task["status"] == "paused")
    shell.type(b"echo shell is $((40 + 2))\n")
    shell.read_until(b"shell is 42")
    shell.type(b"fg\n")
    runs.task_when(name, lambda task: task["status"] == "running")
    shell.type(b"two\n")
    shell.read_until(b"two\r\ntwo\r\n")
    shell.type(b"\x04")
    shell.type(b"echo code=$?\n")
    shell.read_until(b"code=0")
    runs.task_when(name, lambda task: task["status"] == "complete")


def test_a_command_in_the_background_is_let_be(runs: Runs):
    name = runs.name()
    shell = runs.terminal(["bash", "--norc", "-i"])
    shell.type(shlex.join(runs.argv(["sleep", "0.5"], "--name", name)).encode() + b" & wait; echo code=$?\n")
    shell.read_until(b"code=0")
    assert runs.task(name)["status"] == "complete"


def test_a_command_that_is_held_is_shown_as_paused(runs: Runs):
    name = runs.name()
    process = runs.pipes(python(OBSTINATE), "--name", name)
    pid = pid_in(process.stdout.readline())
    runs.task_when(name, lambda task: task["status"] == "running")
    os.kill(pid, signal.SIGSTOP)
    runs.task_when(name, lambda task: task["status"] == "paused")
    os.kill(pid, signal.SIGCONT)
    runs.task_when(name, lambda task: task["status"] == "running")
    os.kill(pid, signal.SIGKILL)
    assert process.wait(20) == 137
    assert not lives(pid)
