"""Lines of a log as programs and pages get them: JSON-ready, and never more than fits into an answer."""

from collections.abc import Iterable, Sequence

import orjson

from trainwatch.domain.ansi import PLAIN, Style
from trainwatch.domain.terminal_line import CUT_MARK, Line, Span
from trainwatch.services.log_index import Missing
from trainwatch.services.views import View

MOST_BYTES = 240_000
"""Of lines in one answer, which is at most 256 KB."""
_MOST_OF_A_LINE = MOST_BYTES // 4

_SWITCHES = ("bold", "dim", "italic", "underline", "inverse")


class Sheet:
    """Takes lines, written, as long as they fit into one answer."""

    def __init__(self, most: int) -> None:
        """Take at most `most` lines."""
        self.lines: list[orjson.Fragment] = []
        self.numbers: list[int] = []
        self._room = MOST_BYTES
        self._most = most

    def add(self, lines: Iterable[Line]) -> bool:
        """Take `lines`, in the order in which they matter; return False once one is left out."""
        for line in lines:
            written = _written(line)
            if len(self.lines) >= self._most or len(written) > self._room:
                self._room = 0
                return False
            self._room -= len(written)
            self.lines.append(orjson.Fragment(written))
            self.numbers.append(line.number)
        return True

    def turned(self) -> "Sheet":
        """Return itself with its lines the other way round."""
        self.lines.reverse()
        self.numbers.reverse()
        return self


def _written(line: Line) -> bytes:
    spans = line.spans or (Span(line.text, PLAIN),)
    written = orjson.dumps({"n": line.number, "spans": [span_view(span) for span in spans]})
    if len(written) <= _MOST_OF_A_LINE:
        return written
    return orjson.dumps({"n": line.number, "spans": _shortened(spans)})


def _shortened(spans: Sequence[Span]) -> list[View]:
    """Return the first spans, as many as there is room for, and a mark."""
    room = _MOST_OF_A_LINE - 200
    kept: list[View] = []
    for span in spans:
        view = span_view(span)
        size = len(orjson.dumps(view)) + 1
        if size > room:
            kept.append({**view, "t": span.text[: max(0, room - 100) // 6]})  # JSON takes 6 bytes at most
            break
        room -= size
        kept.append(view)
    return [*kept, {"t": CUT_MARK}]


def span_view(span: Span) -> View:
    """Return a piece of a line: `t` its text, and what is not as usual about it."""
    return {"t": span.text} if span.style is PLAIN else {"t": span.text, **_style_view(span.style)}


def _style_view(style: Style) -> View:
    view: View = {name: True for name in _SWITCHES if getattr(style, name)}
    if style.foreground is not None:
        view["fg"] = style.foreground
    if style.background is not None:
        view["bg"] = style.background
    return view


def missing_view(missing: Missing) -> View:
    """Return what of a log is not kept, as lines from `from` up to `to` (not included)."""
    return {"from": missing.first, "to": missing.end, "bytes": missing.size}
