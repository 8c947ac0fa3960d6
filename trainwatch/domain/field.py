"""What a field is: its spellings, how to read it, how to describe it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Parser = Callable[[object, str], Any]
"""Reads a value that is not null, for the field as the sender spelt it; None means absent."""

Schema = Mapping[str, Any]

_UNKNOWN = frozenset(
    {"", "?", "-", "--", "--:--", "-:--:--", "--:--:--", "n/a", "na", "[n/a]", "none", "unknown"}
)
_CAPITAL = re.compile(r"(?=[A-Z])")


def snake(name: str) -> str:
    """Return the camelCase `name` in snake_case."""
    return _CAPITAL.sub("_", name).lower()


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    `name` is its camelCase name and `also` its other names, the stronger first. `key` is what the
    parsed value is called afterwards. The value of a `forgiving` field may be beyond understanding
    in a notification, where other programs use it in their own sense.
    """

    name: str
    parse: Parser
    schema: Schema
    about: str
    also: tuple[str, ...] = ()
    key: str = field(default="")
    forgiving: bool = False

    @property
    def stored_as(self) -> str:
        """The name of the parsed value."""
        return self.key or snake(self.name)

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every way to write the name, the strongest first."""
        camel = (self.name, *self.also)
        return tuple(dict.fromkeys(spelling for name in camel for spelling in (name, snake(name))))


class Spelling(NamedTuple):
    """What one spelling of a field leads to; the lowest rank wins where a field is sent twice."""

    key: str
    parse: Parser
    forgiving: bool
    rank: int


def spellings_of(fields: tuple[Field, ...]) -> dict[str, Spelling]:
    """Return how to read each spelling of `fields`."""
    return {
        spelling: Spelling(each.stored_as, each.parse, each.forgiving, rank)
        for each in fields
        for rank, spelling in enumerate(each.spellings)
    }


def unless_unknown(parse: Parser) -> Parser:
    """Return `parse`, for values which programs that do not know them yet print as "?" or "N/A"."""

    def parsed(raw: object, field: str) -> Any:
        return None if isinstance(raw, str) and raw.strip().lower() in _UNKNOWN else parse(raw, field)

    return parsed
