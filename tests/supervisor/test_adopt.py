"""What a server finds that was away: running, ended, lost; and that it never signals a stranger."""

import json
import os
import select
import signal
import subprocess
import sys

import pytest

from tests.supervisor import jobs
from tests.supervisor.attempts import ended, until
from trainwatch.supervisor import folder as files
from trainwatch.supervisor.attempt import (
    HOST_RESTARTED,
    SUPERVISOR_KILLED,
    Ended,
    Handle,
    Lost,
    Unstarted,
    adopt,
    settle,
)
from trainwatch.supervisor.processes import boot_id, look_up
from trainwatch.supervisor.reason import reason
from trainwatch.supervisor.records import State, StopRequest, record_from
from trainwatch.supervisor.signalling import send
from trainwatch.supervisor.spec import to_json
from trainwatch.supervisor.stage import Stage
from trainwatch.supervisor.stop import request_stop
from trainwatch.supervisor.survivors import end_survivors, find_survivors


@pytest.fixture
def stranger():
    """A process of somebody else's."""
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"]) as process:
        yield process
        assert process.poll() is None, "a stranger was ended"
        process.kill()


def test_a_running_attempt_is_adopted_with_what_is_known_of_it(attempts):
    handle = attempts.start(*jobs.POLITE, processes=1)
    found = adopt(handle.folder)
    assert isinstance(found, Handle)
    assert found.state == handle.state
    assert found.state.stage is Stage.RUNNING
    assert found.state.job_pid == attempts.noted()[0].pid


def test_an_attempt_that_ended_meanwhile_is_found_with_its_end(attempts):
    handle = attempts.start(*jobs.shell("echo all; exit 5"))
    end = ended(handle)
    assert (reason(end.exit), end.log.read(0).data) == ("exit code 5", b"all\n")


def test_one_that_was_described_only_can_be_started(attempts):
    spec = attempts.spec("true")
    attempts.folder().mkdir()
    files.write_once(str(attempts.folder()), files.LAUNCH, to_json(spec))
    assert adopt(attempts.folder()) == Unstarted(spec)


def test_a_folder_without_an_attempt_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="holds no attempt"):
        adopt(tmp_path)


@pytest.mark.parametrize("content", ["[]", "{}", "nonsense", '{"stage": "resting"}'])
def test_files_that_were_tampered_with_are_an_error(tmp_path, content):
    (tmp_path / "state.json").write_text(content)
    with pytest.raises(ValueError, match=r"."):
        adopt(tmp_path)


def test_the_end_is_heard_of_at_once(attempts):
    handle = attempts.start(*jobs.POLITE, processes=1)
    pidfd = handle.open_pidfd()
    assert pidfd is not None
    assert select.select([pidfd], [], [], 0)[0] == []
    request_stop(handle.folder, "ada", at=1.0)
    assert select.select([pidfd], [], [], 20)[0] == [pidfd]
    os.close(pidfd)
    assert isinstance(adopt(handle.folder), Ended)
    assert handle.open_pidfd() is None


def test_a_killed_supervisor_means_that_the_attempt_is_lost_and_its_processes_are_found(attempts):
    handle = attempts.start(*jobs.DEAF_DAEMON, processes=2)
    send(handle.supervisor, signal.SIGKILL)
    lost = lost_in(handle)
    assert lost.cause == SUPERVISOR_KILLED
    assert {one.pid for one in find_survivors(lost.marker)} == {one.pid for one in attempts.noted()}
    assert end_survivors(lost.marker, grace_s=0.1) == 2
    assert attempts.alive() == []
    end = settle(lost, finished_at=9.0, leftovers=2)
    assert adopt(handle.folder) == end
    assert reason(end.exit) == "exit unknown: its supervisor was killed"


def test_survivors_that_are_polite_are_asked_first(attempts):
    save = jobs.python("""
signal.signal(signal.SIGTERM, lambda *_: (open("saved", "w").close(), os._exit(0)))
note()
stay()
""")
    handle = attempts.start(*save, processes=1)
    send(handle.supervisor, signal.SIGKILL)
    assert end_survivors(handle_marker(handle), grace_s=20) == 1
    assert (attempts.cwd / "saved").exists()


def test_survivors_are_found_by_their_session_though_they_cleared_their_environment(attempts):
    forget = jobs.python("child(forget); note(); stay()")
    handle = attempts.start(*forget, processes=2)
    send(handle.supervisor, signal.SIGKILL)
    assert len(find_survivors(handle_marker(handle))) == 2


def test_survivors_of_others_are_not_found(attempts, stranger):
    handle = attempts.start(*jobs.POLITE, processes=1)
    assert find_survivors(handle_marker(handle)[:-1]) == []
    assert find_survivors("f" * 32) == []
    assert end_survivors("f" * 32) == 0


def test_the_end_of_a_lost_attempt_is_written_once(attempts):
    handle = attempts.start(*jobs.POLITE, processes=1)
    send(handle.supervisor, signal.SIGKILL)
    lost = lost_in(handle)
    first = settle(lost, finished_at=9.0)
    assert settle(lost._replace(cause=HOST_RESTARTED), finished_at=10.0) == first


def test_after_a_restart_of_the_host_the_attempt_is_lost_whoever_has_its_pid(attempts, stranger):
    folder = _left_behind(attempts, stranger, boot_id="another/1")
    found = adopt(folder)
    assert isinstance(found, Lost)
    assert reason(settle(found, finished_at=9.0).exit) == "host restarted"


@pytest.mark.parametrize("other_boot", [False, True])
def test_a_stranger_who_got_the_pid_is_never_signalled(attempts, stranger, other_boot):
    more = {"boot_id": "another/1"} if other_boot else {"supervisor_start": 1}
    folder = _left_behind(attempts, stranger, **more)
    assert isinstance(request_stop(folder, "ada", at=1.0), Lost)
    assert isinstance(request_stop(folder, "ada", at=1.0, now=True), Lost)
    assert stranger.poll() is None


def test_a_process_is_signalled_only_if_it_began_when_it_should_have(stranger):
    process = look_up(stranger.pid)
    assert process
    assert not send(process._replace(start=process.start + 1), signal.SIGKILL)
    assert not send(process._replace(start=process.start - 1), signal.SIGKILL)
    assert stranger.poll() is None


def test_a_boot_has_one_name():
    assert boot_id() == boot_id() != ""


WITHOUT_PROC_SYS = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /proc/sys && exec "$@"']
LOOK = "import sys; from trainwatch.supervisor.attempt import adopt; print(type(adopt(sys.argv[1])).__name__)"


def test_an_attempt_is_found_where_the_boot_is_hidden(attempts, tmp_path):
    hidden = [*WITHOUT_PROC_SYS, str(tmp_path)]
    if subprocess.run([*hidden, "true"], capture_output=True).returncode:
        pytest.skip("only root can hide /proc/sys")
    look = [*hidden, sys.executable, "-c", LOOK]
    handle = attempts.start(*jobs.POLITE, processes=1)
    told = subprocess.run([*look, handle.folder], capture_output=True, text=True)
    assert (told.stdout, told.stderr) == ("Handle\n", "")
    send(handle.supervisor, signal.SIGKILL)
    until(lambda: subprocess.run([*look, handle.folder], capture_output=True, text=True).stdout == "Lost\n")


def test_fields_of_a_later_version_are_left_out():
    state = State("b", 1, 2, Stage.RUNNING, 3.0)
    assert record_from(State, {**state._asdict(), "of_a_later_version": 1}) == state


def test_what_is_no_record_is_refused():
    with pytest.raises(ValueError, match="no StopRequest"):
        record_from(StopRequest, {"by": "ada"})


def lost_in(handle):
    """Return what is known of a lost attempt, as soon as it is found to be one."""

    def look():
        found = adopt(handle.folder)
        return found if isinstance(found, Lost) else None

    return until(look)


def handle_marker(handle):
    return json.loads((handle.folder / "launch.json").read_text())["marker"]


def _left_behind(attempts, stranger, **more):
    """Return a folder whose supervisor is gone, and whose pid `stranger` has now."""
    now = look_up(stranger.pid)
    assert now
    folder = attempts.folder()
    folder.mkdir()
    files.write_once(str(folder), files.LAUNCH, to_json(attempts.spec("true")))
    state = State(boot_id(), now.pid, now.start, Stage.RUNNING, 1.0)._replace(**more)
    files.write_once(str(folder), files.STATE, state._asdict())
    return folder
