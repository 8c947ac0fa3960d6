"""One line of a terminal: written to, erased and coloured anywhere, and told as it is then."""

from itertools import count, groupby, repeat
from typing import NamedTuple

from trainwatch.domain.ansi import PLAIN, Style

LONGEST_LINE = 65_536
"""Characters that are kept of one line."""
CUT_MARK = " … (cut)"
"""What stands at the end of a line that was longer."""


class Span(NamedTuple):
    """A piece of a line that looks the same throughout."""

    text: str
    style: Style


class Line(NamedTuple):
    """A line as it is now; `spans` say the same as `text`, and are left out where all of it is plain."""

    number: int
    text: str
    spans: tuple[Span, ...] = ()


class Row:
    """One line: pieces as long as it only grows, else single characters and their styles."""

    __slots__ = ("_cells", "_is_cut", "_pieces", "is_changed", "is_told", "length")

    def __init__(self, text: str = "", *, is_changed: bool = False) -> None:
        self._is_cut = len(text) > LONGEST_LINE
        self._pieces = [Span(text[:LONGEST_LINE], PLAIN)]
        self._cells: tuple[list[str], list[Style]] | None = None
        self.length = len(self._pieces[0].text)
        self.is_changed = is_changed
        self.is_told = False

    def copied(self) -> "Row":
        """Return another one like this, which counts as changed if anything was ever on it."""
        other = Row(is_changed=self.is_told or self.is_changed)
        other._is_cut, other._pieces, other.length = self._is_cut, [*self._pieces], self.length
        other._cells = None if self._cells is None else ([*self._cells[0]], [*self._cells[1]])
        return other

    def append(self, text: str) -> None:
        """Add plain text at the end."""
        if text:
            self.write(text, self.length, PLAIN)

    def write(self, text: str, column: int, style: Style) -> int:
        """Put `text` over what is at `column`; return the column after it."""
        self.is_changed = True
        room = max(LONGEST_LINE - column, 0)
        if len(text) > room:
            self._is_cut, text = True, text[:room]
        end = column + len(text)
        if column == 0 and end >= self.length:
            self._pieces, self._cells = [Span(text, style)], None
        elif column == self.length and self._cells is None:
            self._extend(text, style)
        else:
            self._overwrite(text, column, style)
        self.length = max(self.length, end)
        return end

    def erase(self, column: int, part: str) -> None:
        """Erase from `column` to the end ("0" or ""), from the start to it ("1") or all ("2")."""
        if part == "1":
            self.write(" " * min(column + 1, self.length), 0, PLAIN)
            return
        column = 0 if part == "2" else column
        if column < self.length:
            self.is_changed, self._is_cut = True, False
            characters, styles = self._as_cells()
            del characters[column:], styles[column:]
            self.length = column
        if not self.length:
            self._pieces, self._cells = [Span("", PLAIN)], None

    def line(self, number: int) -> Line:
        """Return the line as it is now, under its number."""
        mark = CUT_MARK if self._is_cut else ""
        spans = self._pieces if self._cells is None else _spans(*self._cells)
        if len(spans) == 1 and spans[0].style is PLAIN:
            text = spans[0].text
            return Line(number, (text if self._cells is None else text.rstrip(" ")) + mark)
        if mark:
            spans = [*spans, Span(mark, PLAIN)]
        return Line(number, "".join(span.text for span in spans), tuple(spans))

    def _extend(self, text: str, style: Style) -> None:
        last = self._pieces[-1]
        if last.style is style or not last.text:
            self._pieces[-1] = Span(last.text + text, style)
        else:
            self._pieces.append(Span(text, style))

    def _overwrite(self, text: str, column: int, style: Style) -> None:
        characters, styles = self._as_cells()
        gap = column - len(characters)
        if gap > 0:
            characters += " " * gap
            styles += [PLAIN] * gap
        end = column + len(text)
        characters[column:end] = text
        styles[column:end] = [style] * len(text)

    def _as_cells(self) -> "tuple[list[str], list[Style]]":
        if self._cells is None:
            characters: list[str] = []
            styles: list[Style] = []
            for text, style in self._pieces:
                characters += text
                styles += [style] * len(text)
            self._cells, self._pieces = (characters, styles), []
        return self._cells


def plain_lines(first: int, texts: list[str]) -> list[Line]:
    """Return lines of nothing but plain text, numbered from `first`."""
    if any(len(text) > LONGEST_LINE for text in texts):
        return [Row(text).line(number) for number, text in enumerate(texts, first)]
    return list(map(Line._make, zip(count(first), texts, repeat(()))))


def _spans(characters: list[str], styles: list[Style]) -> list[Span]:
    spans: list[Span] = []
    start = 0
    for style, run in groupby(styles):
        end = start + sum(1 for _ in run)
        spans.append(Span("".join(characters[start:end]), style))
        start = end
    return spans or [Span("", PLAIN)]
