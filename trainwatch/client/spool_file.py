"""Reports that a server has not taken, in a file until it does. The key of the server is not among them."""

import contextlib
import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

MOST_FILES = 200
MOST_BYTES = 64 << 20
"""Of all files together; the oldest give way."""

_ENDING = ".jsonl"
_REFUSED = ".refused"
_LONGEST_FILE = 32 << 20
_FORMAT = 1


class Unsent(NamedTuple):
    """What of one command waits for the server at `url`: reports, oldest first, and the end of its log."""

    url: str
    name: str
    reports: list[dict[str, Any]]
    log: tuple[int, bytes] | None = None
    """From which byte on, and what was printed."""

    @property
    def points(self) -> int:
        """How many values the reports hold."""
        return sum(_points_of(report) for report in self.reports)


class SpoolFile:
    """The file of one command. Whoever has it open owns it: nobody else reads, writes or sends it meanwhile.

    A file is replaced as a whole, so at any moment it is the one from before or the one from after. What a killed
    owner leaves behind belongs to whoever opens it next.
    """

    def __init__(self, path: Path, handle: int | None = None) -> None:
        """Have the file at `path`; `handle` is its own, if it is there."""
        self.path = path
        self._handle = handle

    @classmethod
    def open(cls, path: Path) -> "SpoolFile | None":
        """Return the file at `path`; None if it is gone, or somebody else has it open."""
        with contextlib.suppress(OSError):
            handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.path.samestat(
                    os.fstat(handle), os.lstat(path)
                ):  # else it was replaced before it was ours
                    return cls(path, handle)
            except OSError:
                pass
            os.close(handle)
        return None

    def read(self) -> Unsent | None:
        """Return what it holds; None if it is no such file."""
        assert self._handle is not None
        size = os.fstat(self._handle).st_size
        if size > _LONGEST_FILE:
            return None
        lines = [_object(line) for line in os.pread(self._handle, size, 0).split(b"\n") if line]
        head = lines[0] if lines else {}
        if head.get("trainwatch") != _FORMAT:
            return None
        found: list[Any] = [line.get("report") for line in lines[1:]]
        reports: list[dict[str, Any]] = [each for each in found if isinstance(each, dict)]
        return Unsent(str(head.get("url")), str(head.get("name")), reports, _log_in(lines))

    def write(self, unsent: Unsent) -> None:
        """Hold `unsent` and nothing else.

        Raises:
            OSError: If that fails; then it holds what it held before.
        """
        lines: list[object] = [{"trainwatch": _FORMAT, "url": unsent.url, "name": unsent.name}]
        lines += [{"report": report} for report in unsent.reports]
        if unsent.log is not None:
            offset, data = unsent.log
            lines.append({"log": data.decode("latin-1"), "offset": offset})
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self.path.with_suffix(".partial")
        with contextlib.suppress(FileNotFoundError):
            beside.unlink()
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with os.fdopen(os.dup(handle), "wb") as file:
                file.writelines(json.dumps(line).encode() + b"\n" for line in lines)
                file.flush()
                os.fsync(handle)
            beside.replace(self.path)
        except OSError:
            os.close(handle)
            beside.unlink(missing_ok=True)
            raise
        self.close()
        self._handle = handle

    @property
    def refused_path(self) -> Path:
        """Where reports are kept that the server refused."""
        return self.path.with_suffix(_REFUSED)

    def set_aside(self, refused: Iterable[tuple[Mapping[str, Any], str]]) -> None:
        """Keep reports that the server refused, and why, in a file that nobody sends."""
        handle = os.open(self.refused_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as file:
            for report, why in refused:
                file.write(json.dumps({"report": report, "refused": why}).encode() + b"\n")

    def remove(self) -> None:
        """Take it away, if it is there."""
        if self._handle is not None:
            self.path.unlink(missing_ok=True)
        self.close()

    def close(self) -> None:
        """Let others have it."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class SpoolFolder:
    """The files of all commands of one user."""

    def __init__(self, folder: Path) -> None:
        """Look in `folder`, which is made when something is kept."""
        self.folder = folder

    def new(self, run_id: str) -> SpoolFile:
        """Return the file of a command that begins; it is not there before something is written."""
        return SpoolFile(self.folder / f"{run_id}{_ENDING}")

    def waiting(self) -> Iterator[SpoolFile]:
        """Yield each file that nobody else has open, the oldest first; whoever gets one closes it."""
        for path in self._paths(_ENDING):
            file = SpoolFile.open(path)
            if file is not None:
                yield file

    def make_room(self, path: Path) -> None:
        """Take away the oldest files that are too many or too much, whatever they are; never the one at `path`."""
        paths = self._paths(_ENDING, _REFUSED)
        sizes = {each: _size_of(each) for each in paths}
        while len(sizes) > MOST_FILES or sum(sizes.values()) > MOST_BYTES:
            oldest = next((each for each in sizes if each != path), None)
            if oldest is None:
                break
            del sizes[oldest]
            file = SpoolFile.open(oldest)
            if file is not None:
                file.remove()

    def _paths(self, *endings: str) -> list[Path]:
        try:
            found = [each for each in self.folder.iterdir() if each.suffix in endings]
        except OSError:
            return []
        return sorted(found, key=lambda path: (_changed_at(path), path.name))


def address_of(url: str) -> str:
    """Return `url` as it is written in a file: without a user's name and password."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], path=parts.path.rstrip("/")).geturl()


def _points_of(report: Mapping[str, Any]) -> int:
    series: object = report.get("series")
    if not isinstance(series, dict):
        return 0
    curves = cast("dict[str, dict[str, list[float]]]", series).values()
    return sum(len(curve.get("steps", ())) for curve in curves)


def _log_in(lines: Iterable[Mapping[str, Any]]) -> tuple[int, bytes] | None:
    for line in lines:
        data, offset = line.get("log"), line.get("offset")
        if isinstance(data, str) and isinstance(offset, int):
            return offset, data.encode("latin-1", errors="replace")
    return None


def _object(line: bytes) -> dict[str, Any]:
    try:
        said: object = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, Any]", said) if isinstance(said, dict) else {}


def _size_of(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.lstat().st_size
    return 0


def _changed_at(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.lstat().st_mtime
    return 0.0
