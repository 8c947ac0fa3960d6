"""Starting: once, or not at all with a reason."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.supervisor import jobs
from tests.supervisor.attempts import ended
from trainwatch.supervisor.attempt import Ended, Handle, Unstarted, adopt
from trainwatch.supervisor.launch import AlreadyStartedError, LaunchError, launch
from trainwatch.supervisor.processes import everybody, look_up
from trainwatch.supervisor.reason import reason
from trainwatch.supervisor.spec import LaunchSpec, LogLimits, Terminal, from_json, to_json

ROOT = Path(__file__).parents[2]
COUNTS_ITSELF = jobs.shell("echo once >> ran; sleep 0.05")


@pytest.mark.parametrize(
    ("argv", "more", "words"),
    [
        (["no-such-command"], {}, "command not found: no-such-command"),
        (["./no-such-file"], {}, "command not found: ./no-such-file"),
        (["/etc/hostname/x"], {}, "command not found: /etc/hostname/x"),
        (["./plain"], {}, "not executable: ./plain"),
        (["."], {}, "not executable: ."),
        (
            ["./lacks-its-interpreter"],
            {},
            "./lacks-its-interpreter: the interpreter that its first line names",
        ),
        (["./no-program"], {}, "neither a program nor a script that begins with #!: ./no-program"),
        (["true"], {"cwd": "/no/such/folder"}, "the working directory /no/such/folder does not exist"),
        (["true"], {"cwd": "/bin/sh"}, "the working directory /bin/sh is no directory"),
        (["true", "x" * 3_000_000], {}, "the command line and its environment are too long"),
    ],
)
def test_what_cannot_be_executed_is_refused_with_the_reason(attempts, argv, more, words):
    _write(attempts.cwd / "plain", "#!/bin/sh\n", 0o600)
    _write(attempts.cwd / "lacks-its-interpreter", "#!/no/such/python\n", 0o700)
    _write(attempts.cwd / "no-program", "hello\n", 0o700)
    with pytest.raises(LaunchError, match=words.replace("(", r"\(")):
        attempts.start(*argv, **more)
    found = adopt(attempts.folder())
    assert isinstance(found, Ended)
    assert words in reason(found.exit)
    assert reason(found.exit).startswith("could not be started: ")


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"argv": ()}, "the command is empty"),
        ({"argv": ("",)}, "the command is empty"),
        ({"argv": ("a\0b",)}, "NUL"),
        ({"cwd": "work"}, "absolute path"),
        ({"marker": "a b"}, "letters and digits"),
        ({"env": {"A=B": "c"}}, "cannot be set"),
        ({"env": {"A": "c\0"}}, "cannot be set"),
        ({"grace_interrupt_s": float("nan")}, "a grace must be"),
        ({"grace_terminate_s": -1}, "a grace must be"),
        ({"log": LogLimits(100, 150)}, "room for two segments"),
        ({"terminal": Terminal(0, 24)}, "a terminal must have"),
        ({"umask": 0o1000}, "umask"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_there(attempts, more, words):
    with pytest.raises(LaunchError, match=words):
        attempts.start(*more.pop("argv", ("true",)), **more)
    assert not attempts.folder().exists()


def test_a_folder_that_cannot_be_made_is_refused(attempts):
    with pytest.raises(LaunchError, match="No such file or directory"):
        launch(attempts.home / "missing" / "attempt", attempts.spec("true"))


def test_a_specification_survives_its_file():
    spec = LaunchSpec(
        ("a", "\udcff"), "/", "m", {"A": "b", "C": None}, 0o22, Terminal(100, 30), log=LogLimits(10, 20)
    )
    assert from_json(json.loads(json.dumps(to_json(spec)))) == spec
    assert from_json({**to_json(spec), "of_a_later_version": 1}) == spec


@pytest.mark.parametrize("raw", [{}, {"argv": ["a"]}, {"argv": 3, "cwd": "/", "marker": "m"}])
def test_what_is_no_specification_is_refused(raw):
    with pytest.raises(ValueError, match="no launch specification"):
        from_json(raw)


def test_starting_twice_runs_the_job_once(attempts):
    spec = attempts.spec(*COUNTS_ITSELF)
    launch(attempts.folder(), spec)
    with pytest.raises(AlreadyStartedError):
        launch(attempts.folder(), spec)
    ended(attempts.folder())
    with pytest.raises(AlreadyStartedError):
        launch(attempts.folder(), spec)
    assert (attempts.cwd / "ran").read_text() == "once\n"


def test_of_many_that_start_at_once_one_does(attempts):
    spec = attempts.spec(*COUNTS_ITSELF)
    heard = []

    def start():
        try:
            heard.append(launch(attempts.folder(), spec))
        except AlreadyStartedError as error:
            heard.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended(attempts.folder())
    assert sorted(type(one).__name__ for one in heard) == ["AlreadyStartedError"] * 5 + ["Handle"]
    assert (attempts.cwd / "ran").read_text() == "once\n"


def test_a_folder_is_for_one_attempt_only(attempts):
    attempts.folder().mkdir()
    folder = attempts.folder()
    (folder / "launch.json").write_text(json.dumps(to_json(attempts.spec("true"))))
    with pytest.raises(LaunchError, match="describes another attempt"):
        launch(folder, attempts.spec("false"))


def test_its_owner_alone_looks_into_the_folder(attempts):
    handle = attempts.start(*jobs.shell("echo secret"))
    ended(handle)
    modes = {path.name: path.stat().st_mode & 0o077 for path in (handle.folder, *handle.folder.rglob("*"))}
    assert set(modes.values()) == {0}


LAUNCHER = """
import json, sys
sys.path.insert(0, {root!r})
from trainwatch.supervisor.launch import launch
from trainwatch.supervisor.spec import from_json
print("ready", flush=True)
sys.stdin.readline()
launch(sys.argv[1], from_json(json.loads(sys.argv[2])))
print("launched", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def launcher(attempts):
    """Starts a process that is about to launch COUNTS_ITSELF, as a server is."""
    running = []

    def start(spec):
        command = [sys.executable, "-c", LAUNCHER.format(root=str(ROOT)), str(attempts.folder())]
        process = subprocess.Popen(
            [*command, json.dumps(to_json(spec))], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        running.append(process)
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


PHASES = {
    "at once": lambda folder, pid: True,
    "the folder is there": lambda folder, pid: folder.exists(),
    "the job is described": lambda folder, pid: (folder / "launch.json").exists(),
    "a process was started": lambda folder, pid: any(one.parent == pid for one in everybody()),
    "the supervisor is on its own": lambda folder, pid: _is_on_its_own(folder),
    "the attempt is claimed": lambda folder, pid: (folder / "state.json").exists(),
    "the log is open": lambda folder, pid: (folder / "log").exists(),
    "the job runs": lambda folder, pid: isinstance(adopt(folder), Handle),
    "the job has run": lambda folder, pid: (folder / "exit.json").exists(),
}


@pytest.mark.parametrize("phase", PHASES)
def test_a_launcher_killed_in_any_phase_leaves_an_attempt_that_runs_once(attempts, launcher, phase):
    spec = attempts.spec(*COUNTS_ITSELF)
    process = launcher(spec)
    process.stdin.write(b"go\n")
    process.stdin.flush()
    _at_once_when(lambda: PHASES[phase](attempts.folder(), process.pid))
    process.kill()
    process.wait()
    if not (attempts.folder() / "launch.json").exists() or isinstance(adopt(attempts.folder()), Unstarted):
        with contextlib.suppress(AlreadyStartedError):  # its supervisor may be on its way
            launch(attempts.folder(), spec)
    end = ended(attempts.folder())
    assert reason(end.exit) == "exit code 0"
    assert (attempts.cwd / "ran").read_text() == "once\n"


def test_a_job_outlives_its_launcher_and_is_nobodys_child(attempts, launcher):
    spec = attempts.spec(*jobs.POLITE, grace_interrupt_s=15)
    process = launcher(spec)
    process.stdin.write(b"go\n")
    process.stdin.flush()
    assert process.stdout.readline() == b"launched\n"
    assert [one for one in everybody() if one.parent == process.pid] == []
    process.kill()
    process.wait()
    found = adopt(attempts.folder())
    assert isinstance(found, Handle)
    supervisor = look_up(found.supervisor.pid)
    assert supervisor
    assert supervisor.session not in (os.getsid(0), found.state.job_pid)
    assert reason(attempts.stop(found).exit) == "stopped by ada"


def test_the_supervisor_holds_nothing_of_its_launcher(attempts, tmp_path):
    with (tmp_path / "held").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        handle = attempts.start(*jobs.POLITE, processes=1)
    handles = Path(f"/proc/{handle.supervisor.pid}/fd")
    targets = {str(one.readlink()) for one in handles.iterdir()}
    assert targets - {one for one in targets if one.startswith("pipe:")} == {
        "/dev/null",
        str(handle.folder / "supervisor.log"),
    }


def test_a_zip_archive_can_be_the_package(attempts, tmp_path):
    archive = tmp_path / "agent.pyz"
    subprocess.run([sys.executable, "-c", ZIP, str(ROOT), str(archive)], check=True)
    spec = attempts.spec(*jobs.shell("echo from the archive"))
    program = LAUNCHER.format(root=str(archive))
    command = [sys.executable, "-I", "-S", "-c", program, str(attempts.folder()), json.dumps(to_json(spec))]
    subprocess.run(command, input=b"go\n\n", check=True, stdout=subprocess.DEVNULL)
    assert ended(attempts.folder()).log.read(0).data == b"from the archive\n"


ZIP = """
import pathlib, sys, zipfile
root = pathlib.Path(sys.argv[1])
with zipfile.ZipFile(sys.argv[2], "w", zipfile.ZIP_DEFLATED) as archive:
    archive.write(root / "trainwatch/__init__.py", "trainwatch/__init__.py")
    for path in (root / "trainwatch/supervisor").glob("*.py"):
        archive.write(path, path.relative_to(root))
"""


def _write(path, content, mode):
    path.write_text(content)
    path.chmod(mode)


def _is_on_its_own(folder):
    """Say whether a supervisor of the attempt has left its launcher."""
    mine = [one for one in everybody() if str(folder).encode() in _command_of(one.pid)]
    return any(one.pid != one.session for one in mine)


def _command_of(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"trainwatch.supervisor.run")[-1]
    return b""


def _at_once_when(condition):
    """Return when `condition` holds, without a pause in between."""
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(FileNotFoundError):
            if condition():
                return
        assert time.monotonic() < deadline
