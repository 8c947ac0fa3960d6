"""What a job begins with: its environment, descriptors, signals, session. And what its supervisor costs."""

import json
import os
import signal
from pathlib import Path

import pytest

from tests.supervisor import jobs
from tests.supervisor.attempts import ended, until
from trainwatch.supervisor.spec import Terminal

TELL = """
import json
print(json.dumps({
    "env": dict(os.environ),
    "cwd": os.getcwd(),
    "umask": os.umask(0),
    "handles": {fd: os.readlink(f"/proc/self/fd/{fd}") for fd in range(3, 256) if os.path.lexists(f"/proc/self/fd/{fd}")},
    "stdin": os.readlink("/proc/self/fd/0"),
    "terminals": [os.isatty(fd) for fd in (0, 1, 2)],
    "leads": [os.getsid(0) == os.getpid(), os.getpgrp() == os.getpid()],
    "status": open("/proc/self/status").read(),
}))
"""


SIGNALS = 'while read line; do case $line in Sig*) echo "$line";; esac; done < /proc/$$/status; exec "$@"'
"""Told by a shell, for Python itself ignores a signal or two."""


def signals_in(mask):
    """Return the signals of a mask in hexadecimal, without the two that the C library keeps for itself.

    What `make` runs ignores those two, and nobody can ask the C library to change that.
    """
    return {number for number in signal.valid_signals() if int(mask, 16) >> (number - 1) & 1}


def told(attempts, **more):
    end = ended(attempts.start(*jobs.shell(SIGNALS, *jobs.python(TELL)), **more))
    *signals, rest = end.log.read(0).data.decode().splitlines()
    return {**json.loads(rest), "signals": dict(line.split(maxsplit=1) for line in signals)}


def test_the_environment_is_the_launchers_with_what_was_asked_for(attempts, monkeypatch):
    monkeypatch.setenv("TO_BE_REMOVED", "x")
    monkeypatch.setenv("TO_BE_KEPT", "y")
    monkeypatch.setenv("PYTHONUNBUFFERED", "0")
    before = dict(os.environ)
    env = told(attempts, env={"ADDED": "ä=\n", "TO_BE_REMOVED": None})["env"]
    marker = env.pop("TRAINWATCH_ATTEMPT_MARKER")
    assert marker.isalnum()
    for made_by_the_shell in ("PWD", "OLDPWD", "_", "SHLVL"):
        env.pop(made_by_the_shell, None)
        before.pop(made_by_the_shell, None)
    del before["TO_BE_REMOVED"]
    assert env == {**before, "ADDED": "ä=\n", "PYTHONUNBUFFERED": "1"}


def test_a_job_can_have_its_output_buffered(attempts):
    assert "PYTHONUNBUFFERED" not in told(attempts, env={"PYTHONUNBUFFERED": None})["env"]


def test_a_job_inherits_no_descriptor_signal_or_session(attempts):
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGUSR2})
    ignored = signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    try:
        job = told(attempts)
    finally:
        signal.signal(signal.SIGQUIT, ignored)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
    assert job["handles"] == {}
    assert job["stdin"] == "/dev/null"
    assert job["leads"] == [True, True]
    assert {name: signals_in(job["signals"][name]) for name in ("SigIgn:", "SigBlk:")} == {
        "SigIgn:": set(),
        "SigBlk:": set(),
    }


def test_working_directory_and_umask_are_as_asked_for(attempts):
    job = told(attempts, umask=0o27, cwd=str(attempts.home))
    assert (job["cwd"], job["umask"]) == (str(attempts.home), 0o27)


def test_a_command_is_looked_for_on_the_jobs_own_path(attempts):
    tools = attempts.home / "tools"
    tools.mkdir()
    (tools / "train").write_text("#!/bin/sh\necho mine\n")
    (tools / "train").chmod(0o700)
    end = ended(attempts.start("train", env={"PATH": f"{tools}:/usr/bin:/bin"}))
    assert end.log.read(0).data == b"mine\n"


def test_a_terminal_is_one_for_what_is_printed(attempts):
    job = told(attempts, terminal=Terminal(132, 43))
    assert job["terminals"] == [False, True, True]
    assert job["stdin"] == "/dev/null"


def test_a_terminal_has_the_size_that_was_asked_for(attempts):
    end = ended(attempts.start(*jobs.shell("stty size <&1"), terminal=Terminal(132, 43)))
    assert end.log.read(0).data == b"43 132\n"


@pytest.mark.parametrize("terminal", [None, Terminal()])
def test_line_ends_arrive_as_they_were_printed(attempts, terminal):
    end = ended(
        attempts.start(
            *jobs.shell(r"printf 'a\nb\r\n 1%%\r 2%%\r\033[1mc\033[0m\004\003'"), terminal=terminal
        )
    )
    assert end.log.read(0).data == b"a\nb\r\n 1%\r 2%\r\x1b[1mc\x1b[0m\x04\x03"


def test_a_terminal_loses_no_last_words(attempts):
    end = ended(
        attempts.start(*jobs.python("os.write(1, b'x' * 3000); os.write(1, b'end')"), terminal=Terminal())
    )
    assert end.log.read(0).data == b"x" * 3000 + b"end"


def test_a_supervisor_is_small_and_sleeps(attempts):
    handle = attempts.start(*jobs.POLITE, processes=1)
    supervisor = Path(f"/proc/{handle.supervisor.pid}")
    status = dict(
        line.split(":\t") for line in (supervisor / "status").read_text().splitlines() if ":\t" in line
    )
    assert int(status["VmRSS"].split()[0]) < 16 << 10
    # A job that says nothing: while others come and go here, its supervisor is never scheduled.
    # When the job runs, the supervisor may on a busy machine not yet have lain down.
    before = until(lambda: _switches_of_a_sleeper(attempts, supervisor))
    for _ in range(20):
        ended(attempts.start(*jobs.shell("exit 0")))
    assert _switches(supervisor) == before


def test_a_supervisor_is_called_by_its_name(attempts):
    handle = attempts.start(*jobs.POLITE, processes=1)
    assert Path(f"/proc/{handle.supervisor.pid}/comm").read_text() == "tw-supervisor\n"


def _switches_of_a_sleeper(attempts, process):
    """Return how often it was scheduled; None if it was again while another job came and went."""
    before = _switches(process)
    ended(attempts.start(*jobs.shell("exit 0")))
    return before if _switches(process) == before else None


def _switches(process):
    lines = (process / "status").read_text().splitlines()
    return [line for line in lines if line.startswith("voluntary")]
