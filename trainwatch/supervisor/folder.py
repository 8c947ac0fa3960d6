"""The folder of an attempt: its files, each whole or not there."""

import json
import os
from typing import Any

LAUNCH = "launch.json"
STATE = "state.json"
STOP = "stop.json"
EXIT = "exit.json"
LOG = "log"
MISHAPS = "supervisor.log"


def read(folder: str, name: str) -> dict[str, Any] | None:
    """Return what a file says, None if it is not there.

    Raises:
        ValueError: If it holds something else than a record.
    """
    try:
        with open(os.path.join(folder, name), "rb") as file:
            raw = json.loads(file.read())
    except FileNotFoundError:
        return None
    if not isinstance(raw, dict):
        raise ValueError(f"{name} in {folder} holds no record")  # noqa: TRY004 - no caller's mistake
    return raw  # pyright: ignore[reportUnknownVariableType]


def write(folder: str, name: str, content: dict[str, Any]) -> None:
    """Put a file there, or another one in its place; on the disk when this returns."""
    draft = _draft(folder, name, content)
    os.replace(draft, os.path.join(folder, name))
    _sync(folder)


def write_once(folder: str, name: str, content: dict[str, Any]) -> bool:
    """Put a file there and say True, or say False if there is one already. Only one of many callers hears True."""
    draft = _draft(folder, name, content)
    try:
        os.link(draft, os.path.join(folder, name))  # unlike a rename it never takes another's place
    except FileExistsError:
        return False
    finally:
        os.unlink(draft)
    _sync(folder)
    return True


def _draft(folder: str, name: str, content: dict[str, Any]) -> str:
    path = os.path.join(folder, f".{name}.{os.urandom(4).hex()}")
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(handle, "wb") as file:
            file.write(json.dumps(content).encode())
            file.flush()
            os.fsync(handle)
    except OSError:
        os.unlink(path)
        raise
    return path


def _sync(folder: str) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
