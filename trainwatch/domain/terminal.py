"""What a terminal would show of the bytes that a program writes.

Lines have numbers that never change. A line that is overwritten (a carriage return, a backspace, the cursor
going up) is told again under its number. Colours become spans of data; every other escape sequence is dropped.
"""

import re
from codecs import getincrementaldecoder

from trainwatch.domain.ansi import PLAIN, Style, restyled
from trainwatch.domain.terminal_line import Line, Row, plain_lines

LINES_IN_REACH = 100
"""How many lines above the last one can still change: the height of a tall terminal."""

_ROWS_KEPT = LINES_IN_REACH + 1
_WIDEST_MOVE = 512
"""Columns that an escape sequence can move to beyond a line's end: few bytes must not make long lines."""
_STYLES_KEPT = 1024

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TOKEN = re.compile(
    "(?P<text>[^\x00-\x08\x0a-\x1f\x7f-\x9f]+)"
    "|(?P<end>\n)|(?P<home>\r)|(?P<back>\x08+)"
    "|\x1b\\[(?P<parameters>[0-?]{0,256})[ -/]{0,8}(?P<final>[@-~])"
    "|(?P<string>\x1b[]PX^_])"
    "|(?P<partial>\x1b(?:\\[[0-?]{0,256}[ -/]{0,8}|[ -/]{0,8})\\Z)"
    "|\x1b[ -/]{0,8}[0-~]"
    "|."
)
_STRING_END = re.compile("[\x07\x18\x1a\x9c]|(?=[\x1b\n])")


class Screen:
    """Turns bytes, however they are cut, into lines.

    Lines are as long as their text: nothing is wrapped, so a carriage return goes back over all of it.
    """

    def __init__(self, first_number: int = 0) -> None:
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._held = ""  # the beginning of an escape sequence
        self._in_string = False
        self._rows = [Row()]
        self._first = first_number
        self._row, self._column = 0, 0
        self._style = PLAIN
        self._styles: dict[tuple[Style, str], Style] = {}
        self._changed: list[Line] = []

    @property
    def first_number(self) -> int:
        """The number of the first line that is held; those before can no longer change."""
        return self._first

    @property
    def last_number(self) -> int:
        """The number of the last line, which may be empty."""
        return self._first + len(self._rows) - 1

    @property
    def is_at_last_line(self) -> bool:
        """Whether what comes next is written on the last line."""
        return self._row == len(self._rows) - 1

    def copied(self) -> "Screen":
        """Return another one that goes on from here; the first that it is fed, it tells every line in reach."""
        other = Screen()
        excess = max(0, len(self._rows) - _ROWS_KEPT)
        other._decoder.setstate(self._decoder.getstate())
        other._held, other._in_string = self._held, self._in_string
        other._rows = [row.copied() for row in self._rows[excess:]]
        other._first = self._first + excess
        other._row, other._column = max(0, self._row - excess), self._column
        other._style = self._style
        return other

    def feed(self, data: bytes) -> list[Line]:
        """Return the lines that `data` adds or changes, each once and in order.

        The last may be unfinished and may be told again by a later call, as may up to `LINES_IN_REACH` before it.
        """
        text = self._held + self._decoder.decode(data).replace("\r\n", "\n")
        self._held = ""
        at = 0
        while at < len(text):
            control = None if self._in_string else _CONTROL.search(text, at)
            plain_until = text.rfind("\n", at, control.start()) + 1 if control else 0
            if not self._in_string and not control:
                plain_until = len(text)
            if plain_until > at and self._at_the_end():
                self._print_plain(text[at:plain_until])
                at = plain_until
            else:
                end = text.find("\n", at) + 1 or len(text)
                self._interpret(text, at, end)
                at = end
        self._tell(len(self._rows))
        changed, self._changed = self._changed, []
        return changed

    def _at_the_end(self) -> bool:
        last = len(self._rows) - 1
        return self._style is PLAIN and self._row == last and self._column == self._rows[last].length

    def _print_plain(self, text: str) -> None:
        """Append text without any control but the newline, fast: most output is just that."""
        first, *rest = text.split("\n")
        self._rows[-1].append(first)
        if rest:
            self._rows[-1].is_changed |= not self._rows[-1].is_told
            in_passing = len(rest) - _ROWS_KEPT
            if in_passing > 0:
                self._tell(len(self._rows))
                self._first += len(self._rows) + in_passing
                self._changed += plain_lines(self._first - in_passing, rest[:in_passing])
                self._rows, rest = [], rest[in_passing:]
            for line in rest[:-1]:
                self._rows.append(Row(line, is_changed=True))
            self._rows.append(Row(rest[-1], is_changed=bool(rest[-1])))
            self._forget_the_oldest()
        self._row = len(self._rows) - 1
        self._column = self._rows[-1].length

    def _interpret(self, text: str, at: int, end: int) -> None:
        """Do what `text[at:end]`, at most one line, says."""
        while at < end:
            if self._in_string:
                stop = _STRING_END.search(text, at, end)
                at = end if stop is None else stop.end()
                self._in_string = stop is None
                continue
            token = _TOKEN.match(text, at, end)
            if token is None:  # nothing: the last alternative takes any character but the newline
                return
            at = token.end()
            self._do(token)

    def _do(self, token: "re.Match[str]") -> None:
        kind = token.lastgroup
        if kind == "text":
            self._column = self._rows[self._row].write(token[0], self._column, self._style)
        elif kind == "end":
            self._newline()
        elif kind == "home":
            self._column = 0
        elif kind == "back":
            self._column = max(0, self._column - len(token[0]))
        elif kind == "final":
            self._sequence(token["parameters"], token["final"])
        elif kind == "string":
            self._in_string = True
        elif kind == "partial":
            self._held = token[0]

    def _sequence(self, parameters: str, final: str) -> None:
        if parameters[:1] in "<=>?" and parameters:
            return  # a program's private talk with its terminal
        if final == "m":
            self._restyle(parameters)
        elif final in "ABEF":
            self._move_rows(_amount(parameters) * (-1 if final in "AF" else 1), to_start=final in "EF")
        elif final in "CDG":
            self._move_columns(_amount(parameters), final)
        elif final == "K":
            self._rows[self._row].erase(self._column, parameters)
        elif final == "J" and parameters in ("", "0"):
            self._rows[self._row].erase(self._column, "0")
            for row in self._rows[self._row + 1 :]:
                row.erase(0, "2")
        elif final in "HfJ" and self._rows[-1].length:
            # there is no top of the screen here: what is drawn anew comes below
            self._row = len(self._rows) - 1
            self._newline()

    def _restyle(self, parameters: str) -> None:
        key = (self._style, parameters)
        style = self._styles.get(key)
        if style is None:
            if len(self._styles) >= _STYLES_KEPT:
                self._styles.clear()
            style = restyled(self._style, parameters)
            style = self._styles[key] = PLAIN if style == PLAIN else style
        self._style = style

    def _move_rows(self, by: int, *, to_start: bool) -> None:
        highest = max(0, len(self._rows) - 1 - LINES_IN_REACH)
        self._row = min(max(self._row + by, highest), len(self._rows) - 1)
        if to_start:
            self._column = 0

    def _move_columns(self, amount: int, final: str) -> None:
        wanted = amount - 1 if final == "G" else self._column + (amount if final == "C" else -amount)
        furthest = max(_WIDEST_MOVE, self._rows[self._row].length)
        self._column = min(max(wanted, 0), furthest)

    def _newline(self) -> None:
        row = self._rows[self._row]
        row.is_changed |= not row.is_told
        self._row, self._column = self._row + 1, 0
        if self._row == len(self._rows):
            self._rows.append(Row())
            self._forget_the_oldest()

    def _forget_the_oldest(self) -> None:
        excess = len(self._rows) - _ROWS_KEPT
        if excess > _ROWS_KEPT:  # seldom, so that each line costs little
            self._tell(excess)
            del self._rows[:excess]
            self._first += excess
            self._row -= excess

    def _tell(self, until: int) -> None:
        for number, row in enumerate(self._rows[:until], self._first):
            if row.is_changed:
                row.is_changed, row.is_told = False, True
                self._changed.append(row.line(number))


def lines_of(data: bytes) -> list[Line]:
    """Return the lines that a terminal would show of `data`, numbered from 0."""
    return Screen().feed(data)


def _amount(parameters: str) -> int:
    """Return the first parameter; none and 0 count as 1."""
    first = parameters.split(";", 1)[0]
    return max(1, int(first)) if len(first) <= 6 and first.isascii() and first.isdigit() else 1
