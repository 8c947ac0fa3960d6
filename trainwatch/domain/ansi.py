"""Colours and attributes as escape sequences name them ("SGR"), as data that a page can draw."""

from typing import NamedTuple

Colour = int | str | None
"""0 to 15 the named colours, up to 255 the palette, "#rrggbb" a true colour, None the default."""

_PARAMETERS_AT_MOST = 64


class Style(NamedTuple):
    """How a piece of text looks; all defaults is plain text."""

    foreground: Colour = None
    background: Colour = None
    bold: bool = False
    dim: bool = False
    italic: bool = False
    underline: bool = False
    inverse: bool = False


PLAIN = Style()

_SWITCHES: dict[int, dict[str, bool]] = {
    1: {"bold": True},
    2: {"dim": True},
    3: {"italic": True},
    4: {"underline": True},
    7: {"inverse": True},
    21: {"underline": True},
    22: {"bold": False, "dim": False},
    23: {"italic": False},
    24: {"underline": False},
    27: {"inverse": False},
}
_COLOUR_LENGTHS = {"5": 2, "2": 4}
"""How many parameters follow 38 or 48, by the first of them."""


def restyled(style: Style, parameters: str) -> Style:
    """Return `style` after the sequence CSI `parameters` m; what is unknown in it changes nothing.

    Both ways to write a longer one are understood: "38;5;208" and "38:2::255:135:0".
    """
    groups = parameters.split(";")[:_PARAMETERS_AT_MOST]
    at = 0
    while at < len(groups):
        code, *parts = groups[at].split(":")
        number = _whole(code)
        at += 1
        if number in (38, 48):
            if not parts:
                length = _COLOUR_LENGTHS.get(groups[at] if at < len(groups) else "", 1)
                parts, at = groups[at : at + length], at + length
            style = _coloured(style, "foreground" if number == 38 else "background", parts)
        else:
            style = _changed(style, number, parts)
    return style


def _changed(style: Style, number: int | None, parts: list[str]) -> Style:
    if number == 0:
        return PLAIN
    if number == 4 and parts == ["0"]:
        return style._replace(underline=False)
    if number in _SWITCHES:
        return style._replace(**_SWITCHES[number])
    colour = None if number is None else _named(number)
    return style if colour is None else style._replace(**colour)


def _named(number: int) -> dict[str, Colour] | None:
    """Return the change that one of the numbers for the sixteen colours or the default makes."""
    tens, unit = divmod(number, 10)
    if tens in (3, 4) and unit in (8, 9):
        return {"foreground" if tens == 3 else "background": None} if unit == 9 else None
    if unit <= 7 and tens in (3, 4, 9, 10):
        return {"foreground" if tens in (3, 9) else "background": unit + (8 if tens >= 9 else 0)}
    return None


def _coloured(style: Style, which: str, parts: list[str]) -> Style:
    kind, *rest = parts or [""]
    values = [_whole(part) for part in rest if part or kind == "5"]
    colour: Colour = None
    if kind == "5" and len(values) == 1 and values[0] is not None and values[0] <= 255:
        colour = values[0]
    elif kind == "2" and len(values) >= 3:
        red, green, blue = (min(value or 0, 255) for value in values[-3:])
        colour = f"#{red:02x}{green:02x}{blue:02x}"
    return style if colour is None else style._replace(**{which: colour})


def _whole(text: str) -> int | None:
    """Return a number of at most three digits; nothing counts as 0."""
    if not text:
        return 0
    return int(text) if len(text) <= 3 and text.isascii() and text.isdigit() else None
