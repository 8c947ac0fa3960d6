"""Everything that a line said, for the reader: also what the next carriage return wiped away."""

import re

LONGEST_PASS = 16_384
"""Bytes after which a line is given up: no line that is read is as long."""

_SEQUENCE = re.compile(
    b"\x1b(?:\\[[0-?]{0,256}[ -/]{0,8}[@-~]|[]PX^_][^\x07\x1b\n\r]{0,4096}(?:\x07|\x1b\\\\|(?=[\x1b\n\r])|\\Z)|[ -/]{0,8}[0-Z\\\\^-~])"
    b"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_ESCAPED = re.compile(b"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_END = re.compile(b"[\r\n]")


class Passes:
    """Turns bytes, however they are cut, into what each line said each time that it was printed.

    A bar that is drawn a hundred times is a hundred passes; `terminal.Screen` shows its last state only. A block of
    them is bytes still, for most of them say nothing and need not become text.
    """

    def __init__(self) -> None:
        self._rest = b""
        self._is_too_long = False
        self.is_drawn_over = False
        """Whether the open line begins behind a carriage return, as a bar does: then it is whole each time."""

    def take(self, data: bytes) -> bytes:
        r"""Return the passes that `data` ends as one block: without escape sequences, each up to a \n."""
        last = max(data.rfind(b"\n"), data.rfind(b"\r")) + 1
        if not last:
            self._keep(data)
            return b""
        self.is_drawn_over = data[last - 1 : last] == b"\r"
        ended = self._rest + data[:last]
        if self._is_too_long:
            end = _END.search(ended)
            ended = ended[end.end() if end else 0 :]
        self._rest, self._is_too_long = b"", False
        self._keep(data[last:])
        return _plain(ended)

    def feed(self, data: bytes) -> list[str]:
        """Return the passes that `data` ends; empty ones are left out."""
        return _lines(self.take(data))

    def pause(self) -> str | None:
        """Return what stands in the line that has not ended yet; for a program that has been quiet for a moment.

        Bars are often drawn without an end, so the last state is known only when the next one is drawn. What is
        returned is not taken: it comes again when the line ends.
        """
        passes = _lines(_plain(self._rest))
        return passes[-1] if passes else None

    def lose(self) -> None:
        """Go on behind bytes that are missing: the line that they cut in two is given up."""
        self._rest, self._is_too_long = b"", True

    def _keep(self, data: bytes) -> None:
        if not self._is_too_long:
            self._rest += data
        if len(self._rest) > LONGEST_PASS:
            self._rest, self._is_too_long = b"", True


def text_of(line: bytes) -> str | None:
    """Return a line of a block as text; None if there is nothing on it, or more than is ever read."""
    if not line or len(line) > LONGEST_PASS:
        return None
    text = line.decode(errors="replace")
    return None if text.isspace() else text


def _plain(data: bytes) -> bytes:
    if _ESCAPED.search(data):
        data = _SEQUENCE.sub(b"", data)
    return data.replace(b"\r", b"\n")


def _lines(block: bytes) -> "list[str]":
    return [text for line in block.split(b"\n") if (text := text_of(line)) is not None]
