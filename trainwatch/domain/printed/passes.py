"""Everything that a line said, for the reader: also what the next carriage return wiped away."""

import re
from codecs import getincrementaldecoder

LONGEST_PASS = 16_384
"""Characters after which a line is given up: no line that is read is as long."""

_SEQUENCE = re.compile(
    "\x1b(?:\\[[0-?]{0,256}[ -/]{0,8}[@-~]|[]PX^_][^\x07\x1b\n\r]{0,4096}(?:\x07|\x1b\\\\|(?=[\x1b\n\r])|\\Z)|[ -/]{0,8}[0-Z\\\\^-~])"
    "|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_ESCAPED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_END = re.compile("[\r\n]")


class Passes:
    """Turns bytes, however they are cut, into what each line said each time that it was printed.

    A bar that is drawn a hundred times is a hundred passes; `terminal.Screen` shows its last state only.
    """

    def __init__(self) -> None:
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._is_too_long = False

    def feed(self, data: bytes) -> list[str]:
        """Return the passes that `data` ends, without escape sequences; empty ones are left out."""
        text = self._decoder.decode(data)
        last = max(text.rfind("\n"), text.rfind("\r")) + 1
        if not last:
            self._keep(text)
            return []
        ended = self._rest + text[:last]
        if self._is_too_long:
            end = _END.search(ended)
            ended = ended[end.end() if end else 0 :]
        self._rest, self._is_too_long = "", False
        self._keep(text[last:])
        return _split(ended)

    def pause(self) -> str | None:
        """Return what stands in the line that has not ended yet; for a program that has been quiet for a moment.

        Bars are often drawn without an end, so the last state is known only when the next one is drawn. What is
        returned is not taken: it comes again when the line ends.
        """
        passes = _split(self._rest)
        return passes[-1] if passes else None

    def _keep(self, text: str) -> None:
        if not self._is_too_long:
            self._rest += text
        if len(self._rest) > LONGEST_PASS:
            self._rest, self._is_too_long = "", True


def _split(text: str) -> "list[str]":
    if _ESCAPED.search(text):
        text = _SEQUENCE.sub("", text)
    if "\r" in text:
        text = text.replace("\r", "\n")
    return [line for line in text.split("\n") if line and len(line) <= LONGEST_PASS and not line.isspace()]
