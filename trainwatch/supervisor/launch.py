"""Starting a job: the supervisor's process, and the word from it that the job runs."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from trainwatch.supervisor import folder as files
from trainwatch.supervisor import run
from trainwatch.supervisor.attempt import Handle, Unstarted, adopt
from trainwatch.supervisor.records import State, record_from
from trainwatch.supervisor.spec import LaunchSpec, check, from_json, to_json

# The interpreter reads no site-packages and no environment: that is a third of its memory and of its start.
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from trainwatch.supervisor.run import main; main(sys.argv[2])"
)
_HOME = str(Path(__file__).parents[2])
"""Where the package is: a folder, or a zip archive."""


class LaunchError(Exception):
    """The job was not started; the message says why, for people. Nothing of it is left running."""


class AlreadyStartedError(LaunchError):
    """The folder's attempt was started before: `adopt` it. Nothing was started a second time."""


def launch(folder: Path | str, spec: LaunchSpec, environment: Mapping[str, str] | None = None) -> Handle:
    """Start the job that `spec` describes, with a supervisor that outlives us, and return once it runs.

    Supervisor and job have `environment`, or else our own, and the job what `spec` adds to it.

    Everything about it will be in `folder`, which is made if need be (its parent must exist) and whose
    owner alone may look into it. It takes about as long as an interpreter needs to start; call it
    from a thread. It can be called again after a crash with the same folder and `spec`: of all calls
    one starts the job.

    Raises:
        AlreadyStartedError: If this attempt was started before.
        LaunchError: If it cannot be started: a command that does not exist, a folder that cannot be
            written, ... Then the folder says so as well: its attempt has ended.
    """
    folder = Path(folder).absolute()
    try:
        check(spec)
        _describe(folder, spec)
        mishaps = os.open(folder / files.MISHAPS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            said = _start(folder, mishaps, dict(os.environ if environment is None else environment))
        finally:
            os.close(mishaps)
    except (OSError, ValueError) as error:
        raise LaunchError(str(error)) from error
    if said is None:
        raise LaunchError(f"the supervisor ended without a word; {folder / files.MISHAPS} may say why")
    if said.get("error") == run.ALREADY_STARTED:
        raise AlreadyStartedError(f"the attempt in {folder} was started before")
    if "error" in said:
        raise LaunchError(said["error"])
    return _running(folder)


def _describe(folder: Path, spec: LaunchSpec) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    if files.write_once(str(folder), files.LAUNCH, to_json(spec)):
        return
    there = files.read(str(folder), files.LAUNCH)
    if there is not None and from_json(there) != spec and isinstance(adopt(folder), Unstarted):
        raise ValueError(f"{folder} describes another attempt")


def _start(folder: Path, mishaps: int, environment: dict[str, str]) -> dict[str, str] | None:
    """Return what the supervisor says when it has taken over, None if it never got to say anything."""
    flags = ["-I", "-S", *(["-B"] if sys.dont_write_bytecode else [])]
    with subprocess.Popen(  # noqa: S603 - our own interpreter with our own program
        [sys.executable, *flags, "-c", _PROGRAM, _HOME, str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=mishaps,
        env=environment,  # always a copy: without what C libraries have set behind Python's back
        start_new_session=True,
    ) as process:
        assert process.stdout
        line = process.stdout.readline()
    return json.loads(line) if line else None


def _running(folder: Path) -> Handle:
    """Return the handle of an attempt that has just said that it runs, even if it is over by now."""
    raw = files.read(str(folder), files.STATE)
    assert raw is not None
    return Handle(folder, record_from(State, raw))
