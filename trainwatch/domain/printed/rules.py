"""The rules, the most specific first, and which of them a line is worth showing to."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from trainwatch.domain.printed import (
    bars,
    boosting,
    deepspeed,
    examples,
    huggingface,
    json_lines,
    keras,
    lines,
    megatron,
    rich_bars,
    sklearn,
)
from trainwatch.domain.printed.reading import Reading

GENERAL = "text"
"""The rule for lines of no program in particular."""

_WORD = re.compile("[a-z][a-z0-9]*")
_ZEROS = bytes.maketrans(b"123456789", b"000000000")


class Rule(NamedTuple):
    """One family of lines; asked only about a line with one of its words (lower case) or marks.

    Where a line has none of the words, it also has one of the `signs`, regular expressions, or the rule would not
    understand it. They are for shapes in lower case.
    """

    name: str
    read: Callable[[str], Reading | None]
    words: frozenset[str] = frozenset()
    marks: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()


RULES = (
    Rule("tqdm", bars.read, marks=bars.MARKS, signs=bars.SIGNS),
    Rule("keras", keras.read, marks=keras.MARKS, signs=keras.SIGNS),
    Rule("rich", rich_bars.read, marks=rich_bars.MARKS, signs=rich_bars.MARKS),
    Rule("huggingface", huggingface.read, words=huggingface.WORDS),
    Rule("boosting", boosting.read, marks=boosting.MARKS, signs=boosting.MARKS),
    Rule("scikit-learn", sklearn.read, words=sklearn.WORDS),
    Rule("pytorch", examples.read, words=examples.WORDS),
    Rule("megatron", megatron.read, words=megatron.WORDS),
    Rule("deepspeed", deepspeed.read, words=deepspeed.WORDS),
    Rule("json", json_lines.read, marks=json_lines.MARKS, signs=json_lines.SIGNS),
    Rule(GENERAL, lines.read, words=lines.WORDS, marks=lines.MARKS, signs=lines.SIGNS),
)


def shape_of(printed: bytes) -> bytes:
    """Return `printed` with a 0 for every digit: what a program prints again and again has few shapes."""
    return printed.translate(_ZEROS)


def word_shape(word: str) -> str:
    """Return a word of a rule as it stands in a shape."""
    return shape_of(word.encode()).decode()


@lru_cache(maxsize=8192)
def rules_for(shape: bytes) -> tuple[Rule, ...]:
    """Return the rules that a line of that shape is to be shown to, in their order."""
    text = shape.decode(errors="replace")
    words = set(_WORD.findall(text.lower()))
    return tuple(
        rule
        for rule, shapes in _WORD_SHAPES
        if not shapes.isdisjoint(words) or any(mark in text for mark in rule.marks)
    )


_WORD_SHAPES = tuple((rule, frozenset(map(word_shape, rule.words))) for rule in RULES)
