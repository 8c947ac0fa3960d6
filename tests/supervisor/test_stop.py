"""Stopping: in stages, everything that the job started, and nothing else."""

import subprocess
import sys

import pytest

from tests.supervisor import jobs
from tests.supervisor.attempts import ended, lives, until
from tests.supervisor.shapes import DEAF, POLITE
from trainwatch.supervisor.attempt import Ended, Handle, adopt
from trainwatch.supervisor.reason import reason
from trainwatch.supervisor.records import State
from trainwatch.supervisor.stage import Stage
from trainwatch.supervisor.stop import request_stop


@pytest.mark.parametrize("shape", POLITE)
def test_a_polite_job_is_gone_by_sigint_alone(attempts, shape):
    argv, processes = POLITE[shape]
    handle = attempts.start(*argv, processes=processes, grace_interrupt_s=60)
    end = attempts.stop(handle)
    assert attempts.alive() == []
    assert (end.exit.last_stage, reason(end.exit)) == ("interrupting", "stopped by ada")


@pytest.mark.parametrize("shape", DEAF)
def test_a_deaf_job_is_gone_after_its_graces(attempts, shape):
    argv, processes = DEAF[shape]
    handle = attempts.start(*argv, processes=processes)
    end = attempts.stop(handle)
    assert attempts.of(handle) == []
    assert attempts.alive() == []
    assert reason(end.exit).startswith("stopped by ada; ")
    assert reason(end.exit).endswith(" had to be killed (SIGKILL)")


def test_nobody_else_is_signalled(attempts):
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as stranger:
        handle = attempts.start(*jobs.DEAF_DAEMON, processes=2)
        attempts.stop(handle)
        assert stranger.poll() is None
        stranger.kill()


def test_the_stage_and_its_end_are_told_while_it_lasts(attempts):
    handle = attempts.start(*jobs.DEAF, processes=1, grace_interrupt_s=2.5, grace_terminate_s=30)
    request_stop(handle.folder, "ada", at=1.0)
    state = until(lambda: _state_in(handle, Stage.INTERRUPTING))
    assert state.stage_ends_at == pytest.approx(state.stage_since + 2.5, abs=0.001)
    assert (state.stop_requested, state.stopped_by) == (True, "ada")
    state = until(lambda: _state_in(handle, Stage.TERMINATING))
    assert state.stage_ends_at == pytest.approx(state.stage_since + 30, abs=0.001)


def test_who_cannot_wait_goes_to_the_next_stage(attempts):
    handle = attempts.start(*jobs.DEAF, processes=1, grace_interrupt_s=600, grace_terminate_s=600)
    request_stop(handle.folder, "ada", at=1.0)
    until(lambda: _state_in(handle, Stage.INTERRUPTING))
    request_stop(handle.folder, "bob", at=2.0)
    request_stop(handle.folder, "bob", at=2.0, now=True)
    until(lambda: _state_in(handle, Stage.TERMINATING))
    request_stop(handle.folder, "bob", at=3.0, now=True)
    end = ended(handle)
    assert (end.exit.last_stage, reason(end.exit)) == (
        "killing",
        "stopped by ada; it had to be killed (SIGKILL)",
    )


def test_asking_twice_changes_nothing(attempts):
    handle = attempts.start(*jobs.DEAF, processes=1, grace_interrupt_s=600)
    for by in ("ada", "bob", "ada"):
        request_stop(handle.folder, by, at=1.0)
    assert until(lambda: _state_in(handle, Stage.INTERRUPTING)).stopped_by in ("ada", "bob")
    request_stop(handle.folder, "bob", at=1.0)
    assert _state_in(handle, Stage.INTERRUPTING)


def test_a_request_over_another_stage_than_the_present_one_changes_nothing(attempts):
    handle = attempts.start(*jobs.DEAF, processes=1, grace_interrupt_s=600, grace_terminate_s=600)
    request_stop(handle.folder, "ada", at=1.0, over="running")
    until(lambda: _state_in(handle, Stage.INTERRUPTING))
    for over in ("running", "terminating", "running", "killing"):
        request_stop(handle.folder, "bob", at=2.0, over=over)
    request_stop(handle.folder, "bob", at=3.0, over="interrupting")
    assert until(lambda: _state_in(handle, Stage.TERMINATING)).stopped_by == "ada"
    for _ in range(3):
        request_stop(handle.folder, "bob", at=4.0, over="interrupting")
    assert _state_in(handle, Stage.TERMINATING)


def test_a_job_may_start_something_to_save_its_work_when_it_is_interrupted(attempts):
    save = "trap '(sleep 0.05; echo saved) & wait; exit 0' INT; echo ready; while :; do wait; done"
    handle = attempts.start(*jobs.shell(save), grace_interrupt_s=10)
    until(handle.log.size)
    end = attempts.stop(handle)
    assert end.log.read(0).data == b"ready\nsaved\n"
    assert (end.exit.code, end.exit.stopped_by, end.exit.last_stage) == (0, "ada", "interrupting")


def test_a_process_gets_each_signal_once(attempts):
    count = jobs.python("""
signal.signal(signal.SIGINT, lambda *_: os.write(1, b"interrupted "))
signal.signal(signal.SIGTERM, lambda *_: os.write(1, b"terminated "))
child(os.setsid)
note()
stay()
""")
    handle = attempts.start(*count, processes=2)
    end = attempts.stop(handle)
    said = end.log.read(0).data
    assert (said.count(b"interrupted"), said.count(b"terminated")) == (2, 2)


def test_a_supervisor_that_is_told_to_end_stops_the_job_for_the_host(attempts):
    handle = attempts.start(*jobs.POLITE, processes=1)
    subprocess.run(["kill", "-TERM", str(handle.supervisor.pid)], check=True)
    assert reason(ended(handle).exit) == "host stopped"
    assert attempts.alive() == []


def test_what_has_ended_is_not_stopped(attempts):
    handle = attempts.start(*jobs.shell("exit 4"))
    ended(handle)
    found = request_stop(handle.folder, "ada", at=1.0)
    assert isinstance(found, Ended)
    assert reason(found.exit) == "exit code 4"


def test_leftovers_of_a_job_that_ends_by_itself_are_ended_and_counted(attempts):
    leave = jobs.python("deaf(); child(os.setsid); child(os.setsid, orphaned, forget); note(); os._exit(7)")
    handle = attempts.start(*leave, processes=3)
    end = ended(handle)
    assert attempts.alive() == []
    assert (end.exit.code, end.exit.leftovers, end.exit.stopped) == (7, 2, False)


def test_leftovers_that_end_within_their_grace_are_left_alone(attempts):
    handle = attempts.start(*jobs.shell("(sleep 0.1; echo late) & exit 0"), grace_leftovers_s=10)
    end = ended(handle)
    assert end.log.read(0).data == b"late\n"
    assert (end.exit.leftovers, end.exit.last_stage) == (0, "finishing")


def test_leftovers_can_be_hurried(attempts):
    handle = attempts.start(
        *jobs.python("child(os.setsid); note(); os._exit(7)"), processes=2, grace_leftovers_s=600
    )
    until(lambda: _state_in(handle, Stage.FINISHING))
    end = attempts.stop(handle)
    assert (end.exit.code, end.exit.leftovers, reason(end.exit)) == (7, 1, "exit code 7")


def test_a_job_that_forks_without_end_is_stopped_whole(attempts):
    crowd = "note()\nfor _ in range(60): child(os.setsid) if _ % 2 else child(deaf)\nstay()"
    handle = attempts.start(*jobs.python(crowd), processes=61)
    attempts.stop(handle)
    assert [process for process in attempts.noted() if lives(process)] == []


def test_the_supervisor_leaves_nothing_of_itself(attempts):
    handle = attempts.start(*jobs.POLITE, processes=1)
    attempts.stop(handle)
    until(lambda: not lives(handle.supervisor))


def _state_in(handle: Handle, stage: Stage) -> State | None:
    found = adopt(handle.folder)
    assert isinstance(found, Handle)
    return found.state if found.state.stage is stage else None
