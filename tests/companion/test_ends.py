"""The command's exit code is ours, and its task says why it ended."""

import subprocess
from pathlib import Path

import pytest

from tests.companion.runs import Runs, children_of, lives, python, until


@pytest.mark.parametrize(
    ("command", "code", "status", "reason"),
    [
        (["true"], 0, "complete", "exit code 0"),
        (["sh", "-c", "exit 3"], 3, "failed", "exit code 3"),
        (["sh", "-c", "exit 255"], 255, "failed", "exit code 255"),
        (["sh", "-c", "kill -TERM $$"], 143, "failed", "killed by SIGTERM"),
        (["sh", "-c", "kill -KILL $$"], 137, "failed", "killed by SIGKILL"),
        (["sh", "-c", "ulimit -c 0; kill -SEGV $$"], 139, "failed", "killed by SIGSEGV"),
        (python("raise ValueError('no such data')"), 1, "failed", "exit code 1: ValueError: no such data"),
        (["no-such-command-anywhere"], 127, "failed", "could not be started: no-such-command-anywhere: command not found"),
        (["/etc/passwd"], 126, "failed", "could not be started: /etc/passwd: Permission denied"),
    ],
    ids=["0", "3", "255", "TERM", "KILL", "SEGV", "traceback", "not found", "not executable"],
)  # fmt: skip
def test_the_end_is_that_of_the_command(runs: Runs, command: list[str], code: int, status: str, reason: str):
    name = runs.name()
    assert runs.done(command, "--name", name).returncode == code
    task = runs.task(name)
    assert (task["status"], task["statusReason"]) == (status, reason)


def test_the_user_is_told_why_nothing_was_started(runs: Runs):
    done = runs.done(["no-such-command-anywhere"])
    assert (done.stdout, done.stderr) == (b"", b"trainwatch: no-such-command-anywhere: command not found\n")


def test_a_script_without_an_interpreter_is_one_for_the_shell(runs: Runs, tmp_path: Path):
    script = tmp_path / "script"
    script.write_text("echo from $1; exit 4\n")
    script.chmod(0o755)
    done = runs.done([str(script), "shell"])
    assert (done.stdout, done.returncode) == (b"from shell\n", 4)
    script.write_text("#!/no/such/interpreter\n")
    assert runs.done([str(script)]).returncode == 127


def test_a_command_may_look_like_options(runs: Runs):
    assert runs.done(["echo", "--name", "-x", "--", "y"]).stdout == b"--name -x -- y\n"


def test_without_a_command_there_is_nothing_to_run(runs: Runs):
    done = runs.done([])
    assert (done.returncode, b"Missing argument" in done.stderr) == (2, True)


def test_the_environment_says_where_and_as_what_to_report(runs: Runs):
    name = runs.name()
    done = runs.done(["sh", "-c", "echo $TRAINWATCH_URL $TRAINWATCH_RUN_ID"], "--name", name)
    assert done.stdout.decode().split() == [runs.url, runs.task(name)["runId"]]


def test_a_run_within_a_run_has_a_task_of_its_own(runs: Runs):
    outer, inner = runs.name(), runs.name()
    done = runs.done(runs.argv(["sh", "-c", "echo hi; exit 6"], "--name", inner), "--name", outer)
    assert (done.returncode, done.stdout, done.stderr) == (6, b"hi\n", b"")
    assert {runs.task(name)["statusReason"] for name in (outer, inner)} == {"exit code 6"}


def test_ignored_signals_stay_ignored(runs: Runs):
    program = "import signal; print(*(signal.getsignal(each).name for each in (signal.SIGHUP, signal.SIGPIPE, signal.SIGTERM)))"
    script = "trap '' HUP; exec \"$@\""
    plain, ours = (
        subprocess.run(
            ["sh", "-c", script, "sh", *argv], env=runs.env, capture_output=True, timeout=30
        ).stdout
        for argv in (python(program), runs.argv(python(program)))
    )
    assert ours == plain


def test_who_belongs_to_nobody_any_more_is_no_zombie_of_ours(runs: Runs):
    process = runs.pipes(["sh", "-c", "(sleep 0.1 &) ; read line"], stdin=subprocess.PIPE)

    until(lambda: len(children_of(process.pid)) == 2)
    until(lambda: len(children_of(process.pid)) == 1)
    process.stdin.close()
    process.wait(20)


def test_a_killed_companion_is_noticed_by_its_command(runs: Runs):
    """Nothing can be done then; but the command is not left writing to nobody for ever."""
    process = runs.pipes(["yes"], stdout=subprocess.DEVNULL)
    [pid] = until(lambda: children_of(process.pid))
    process.kill()
    until(lambda: not lives(pid))
