"""The command's own process, started as a shell would start it."""

import errno
import os
import signal
from collections.abc import Iterable, Mapping, Sequence

from trainwatch.companion.outlets import Outlet

NOT_FOUND = 127
NOT_EXECUTABLE = 126

_SET_BY_PYTHON = [number for name in ("SIGPIPE", "SIGXFSZ") if (number := getattr(signal, name, None))]


class NotStartedError(Exception):
    """The command cannot be executed; the message says why, `code` as a shell does."""

    def __init__(self, why: str, code: int) -> None:
        """Say why."""
        super().__init__(why)
        self.code = code


def start(
    argv: Sequence[str], outlets: Iterable[Outlet], env: Mapping[str, str], *, signal_mask: Iterable[int]
) -> int:
    """Start the command, which prints into the outlets, and return its pid once it is executed.

    It has our standard input, session and process group, and every signal as we were given it.

    Raises:
        NotStartedError: If that fails; then there is no process.
    """
    actions = [
        (os.POSIX_SPAWN_DUP2, outlet.writing, handle) for outlet in outlets for handle in outlet.handles
    ]

    def spawn(path: str, words: list[str]) -> int:
        return os.posix_spawnp(
            path, words, env, file_actions=actions, setsigmask=signal_mask, setsigdef=_SET_BY_PYTHON
        )

    try:
        return spawn(argv[0], list(argv))
    except OSError as error:
        if error.errno == errno.ENOEXEC:  # a script without #! is one for the shell
            return spawn("/bin/sh", ["/bin/sh", _found(argv[0]), *argv[1:]])
        raise _not_started(argv[0], error) from error
    except ValueError as error:  # a NUL somewhere
        raise NotStartedError(str(error), NOT_EXECUTABLE) from error


def _found(name: str) -> str:
    """Return the file that a command's name stands for."""
    places = [] if "/" in name else os.get_exec_path()
    return next((path for place in places if os.path.isfile(path := os.path.join(place, name))), name)  # noqa: PTH113, PTH118


def _not_started(name: str, error: OSError) -> NotStartedError:
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        if os.path.exists(name) and "/" in name:  # noqa: PTH110 - pathlib is a third of our start
            return NotStartedError(
                f"{name}: the interpreter that its first line names was not found", NOT_FOUND
            )
        return NotStartedError(f"{name}: command not found", NOT_FOUND)
    return NotStartedError(f"{name}: {os.strerror(error.errno or 0)}", NOT_EXECUTABLE)
