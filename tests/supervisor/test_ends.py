"""How attempts end: the true code or signal, and the words for it."""

import pytest

from tests.supervisor import jobs
from tests.supervisor.attempts import ended
from trainwatch.supervisor.attempt import HOST_RESTARTED, SUPERVISOR_KILLED
from trainwatch.supervisor.reason import reason
from trainwatch.supervisor.records import Exit

END = Exit(boot_id="b", finished_at=2.0, started_at=1.0)


@pytest.mark.parametrize("code", [0, 1, 3, 126, 127, 130, 137, 143, 255])
def test_an_exit_code_is_kept_as_it_is(attempts, code):
    end = ended(attempts.start(*jobs.shell(f"exit {code}"))).exit
    assert (end.code, end.signal, end.stopped) == (code, None, False)


@pytest.mark.parametrize("name", ["SIGHUP", "SIGINT", "SIGKILL", "SIGTERM", "SIGUSR1", "SIGPIPE"])
def test_a_signal_is_told_by_its_name(attempts, name):
    end = ended(
        attempts.start(
            *jobs.python(
                f"signal.{name} in (9, 15) or signal.signal(signal.{name}, signal.SIG_DFL); os.kill(os.getpid(), signal.{name})"
            )
        )
    ).exit
    assert (end.code, reason(end)) == (None, f"killed by {name}")


def test_a_crash_is_told_by_its_signal(attempts):
    crash = jobs.python(
        "import ctypes, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); ctypes.string_at(0)"
    )
    end = ended(attempts.start(*crash)).exit
    assert reason(end) in ("killed by SIGSEGV", "killed by SIGSEGV (core dumped)")


def test_a_shell_that_tells_of_a_killed_child_keeps_its_own_code(attempts):
    end = ended(attempts.start(*jobs.shell("sh -c 'kill -9 $$'; exit $?"))).exit
    assert (end.code, end.signal) == (137, None)


def test_beginning_and_end_are_told(attempts):
    end = ended(attempts.start(*jobs.shell("exit 0"))).exit
    assert end.started_at is not None
    assert end.started_at <= end.finished_at < end.started_at + 20


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (END._replace(code=0), "exit code 0"),
        (END._replace(code=1), "exit code 1"),
        (END._replace(signal=11), "killed by SIGSEGV"),
        (END._replace(signal=6, core_dumped=True), "killed by SIGABRT (core dumped)"),
        (END._replace(signal=9), "killed by SIGKILL"),
        (END._replace(signal=9, oom_kills=0), "killed by SIGKILL"),
        (END._replace(signal=9, oom_kills=1), "killed, out of memory (exit 137)"),
        (END._replace(code=137, oom_kills=1), "killed, out of memory (exit 137)"),
        (END._replace(code=137, oom_kills=0), "exit code 137"),
        (END._replace(code=0, oom_kills=1), "exit code 0"),
        (
            END._replace(code=1, oom_kills=2),
            "exit code 1, after the kernel killed a process for want of memory",
        ),
        (END._replace(signal=35), "killed by signal 35"),
        (END._replace(signal=2, stopped=True, stopped_by="ada"), "stopped by ada"),
        (END._replace(signal=9, stopped=True, stopped_by="ada", oom_kills=1), "stopped by ada"),
        (
            END._replace(signal=15, stopped=True, stopped_by="ada", last_stage="terminating"),
            "stopped by ada; SIGINT did not end it, SIGTERM did",
        ),
        (
            END._replace(signal=9, stopped=True, stopped_by="ada", last_stage="killing"),
            "stopped by ada; it had to be killed (SIGKILL)",
        ),
        (
            END._replace(signal=2, stopped=True, stopped_by=None, last_stage="killing"),
            "host stopped; what was left of it had to be killed (SIGKILL)",
        ),
        (END._replace(code=0, stopped=True, stopped_by=""), "stopped"),
        (END._replace(signal=15, stopped=True), "host stopped"),
        (END._replace(lost=HOST_RESTARTED), "host restarted"),
        (END._replace(lost=SUPERVISOR_KILLED), "exit unknown: its supervisor was killed"),
        (END._replace(launch_error="command not found: x"), "could not be started: command not found: x"),
    ],
)
def test_every_end_has_its_words(end, words):
    assert reason(end) == words
