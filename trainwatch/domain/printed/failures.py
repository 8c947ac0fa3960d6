"""Lines that may explain why a job failed."""

import re

from trainwatch.domain.printed.reading import Reading

LONGEST_FAILURE = 500
MARKS = ("rror", "Traceback", "xception", "memory", "illed", " fault", "Abort", "erminate")
"""Where no traceback is open, a line without one of these names no failure."""

_BEGIN = "Traceback (most recent call last):"
_RANK = re.compile(r"\[rank[0-9]{1,16}\]: ?")
_EXCEPTION = re.compile(r"(?:[A-Za-z_]\w*\.){0,12}[A-Z]\w*(?::\s.*|)", re.DOTALL)
_ERROR = re.compile(r"(?:[A-Za-z_]\w*\.){0,12}[A-Z]\w*(?:Error|Exception): \S", re.DOTALL)
_FATAL = re.compile(
    r"(?:CUDA|HIP) out of memory|OutOfMemoryError|CUDA error: |CUBLAS_STATUS_ALLOC_FAILED|^MemoryError\b"
    r"|^(?:.{0,200}: line [0-9]{1,16}: +[0-9]{1,16} )?(?:Killed|Segmentation fault|Bus error|Aborted|Terminated)(?:$| +\(core dumped\)| {2,})"
    r"|^terminate called after throwing"
)
_NO_FAILURE = ("KeyboardInterrupt", "SystemExit")
_LINES_OF_A_TRACEBACK = 2000


class Failures:
    """Follows tracebacks, so that the line after the last frame is found."""

    def __init__(self) -> None:
        self._lines_left = 0

    @property
    def is_in_traceback(self) -> bool:
        """Whether the next lines are frames of a traceback, in which code and numbers mean nothing."""
        return self._lines_left > 0

    def read(self, line: str) -> Reading | None:
        """Return the last line of a traceback, or another line that names a failure."""
        if "Traceback" in line and line.rstrip().endswith(_BEGIN):
            self._lines_left = _LINES_OF_A_TRACEBACK
            return None
        rank = _RANK.match(line)
        line = line[rank.end() :] if rank else line
        if self._lines_left:
            self._lines_left -= 1
            if line[:1].isspace() or not _EXCEPTION.fullmatch(line):
                return None
            self._lines_left = 0
            return None if line.startswith(_NO_FAILURE) else _failure(line)
        return _failure(line) if _ERROR.match(line) or _FATAL.search(line) else None


def _failure(line: str) -> Reading:
    return Reading(scope="aside", failure=line.strip()[:LONGEST_FAILURE])
