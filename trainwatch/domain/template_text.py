"""Texts with placeholders, `{name}`; "{{" and "}}" are braces."""

import re
from collections.abc import Mapping

_PIECE = re.compile(r"\{\{|\}\}|\{([a-z_][a-z0-9_]*)\}|[{}]|[^{}]+")
_LEADING = re.compile(r"-*\{([a-z_][a-z0-9_]*)\}")


def placeholders_in(text: str) -> list[str]:
    """Return the names of the placeholders in `text`, in order.

    Raises:
        ValueError: If there is a brace that belongs to none, with what is wrong.
    """
    names: list[str] = []
    for piece in _PIECE.finditer(text):
        if piece[0] in ("{", "}"):
            raise ValueError(f"has a lone {piece[0]}; write {piece[0] * 2} for the character itself")
        if piece[1] is not None:
            names.append(piece[1])
    return names


def leading_placeholder(text: str) -> str | None:
    """Return the placeholder that decides whether `text` is an option: first, or after nothing but dashes."""
    match = _LEADING.match(text)
    return None if match is None else match[1]


def filled(text: str, texts: Mapping[str, str | None]) -> str | None:
    """Return `text` with its placeholders replaced, once; None if one of them has no value."""
    pieces: list[str] = []
    for piece in _PIECE.finditer(text):
        if piece[1] is None:
            pieces.append(piece[0][0] if piece[0] in ("{{", "}}") else piece[0])
            continue
        value = texts[piece[1]]
        if value is None:
            return None
        pieces.append(value)
    return "".join(pieces)


def leader(text: str, texts: Mapping[str, str | None]) -> str | None:
    """Return the placeholder that the first character of `text`, filled, comes from; None if from none."""
    for piece in _PIECE.finditer(text):
        if piece[1] is None or texts[piece[1]]:
            return piece[1]
    return None
