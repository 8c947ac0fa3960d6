"""What is known of a process, told by /proc and told by ps."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.supervisor.attempts import until
from trainwatch.supervisor import processes, processes_ps
from trainwatch.supervisor.process import Process

WAYS = [
    pytest.param(processes, id="here"),
    pytest.param(
        processes_ps, id="ps", marks=pytest.mark.skipif(not Path("/bin/ps").exists(), reason="there is no ps")
    ),
]


@pytest.fixture
def neighbour():
    """A process in a session of its own, with a name that could mislead."""
    with subprocess.Popen(
        [sys.executable, "-c", "import signal; signal.pause()", ") S 1 2 3 ("],
        env={"MARK": "some", "MORE": "x"},
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("way", WAYS)
def test_a_process_is_known_by_its_pid(way, neighbour):
    seen = way.look_up(neighbour.pid)
    assert isinstance(seen, Process)
    assert (seen.pid, seen.parent, seen.group) == (neighbour.pid, os.getpid(), neighbour.pid)
    assert abs(seen.start - way.start_of_one_born_now()) < 20 * os.sysconf("SC_CLK_TCK")
    assert not seen.has_ended
    assert any(one.is_same_as(seen) for one in way.everybody())
    assert neighbour.pid in way.children()


@pytest.mark.parametrize("way", WAYS)
def test_one_that_has_ended_is_known_until_it_is_reaped(way, neighbour):
    neighbour.kill()
    os.waitid(os.P_PID, neighbour.pid, os.WEXITED | os.WNOWAIT)
    seen = way.look_up(neighbour.pid)
    assert seen
    assert seen.has_ended
    neighbour.wait()
    assert way.look_up(neighbour.pid) is None


@pytest.mark.parametrize("way", WAYS)
def test_an_environment_is_compared_by_whole_assignments(way, neighbour):
    until(lambda: way.has_in_environment(neighbour.pid, b"MARK=some"))  # the kernel is still making it
    assert not way.has_in_environment(neighbour.pid, b"MARK=som")
    assert not way.has_in_environment(neighbour.pid, b"ARK=some")
    assert not way.has_in_environment(2**22, b"MARK=some")
