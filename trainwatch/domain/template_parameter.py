"""The parameters of job templates: what a person may choose, and how it is checked."""

import posixpath
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from trainwatch.domain.number import LARGEST_WHOLE, parse_number
from trainwatch.domain.words import parse_boolean
from trainwatch.errors import BadRequestError

LONGEST_VALUE = 2_000
"""The most characters of a text or a path."""

Value = str | int | float | bool

Number = TypeVar("Number", int, float)

_WHOLE = re.compile(r"[+-]?[0-9]{1,20}")


class ParameterType(StrEnum):
    """What a value has to be."""

    INT = "int"
    FLOAT = "float"
    TEXT = "text"
    CHOICE = "choice"
    BOOL = "bool"
    PATH = "path"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing to choose; `name` is also that of its placeholder.

    `min` and `max` limit a number, or the length of a text. A value may be missing if there is a `default`
    or it is `optional`. `flag` is the argument that a true bool becomes. A path is `within` that folder,
    if one is given. Only with `allow_dash` may a value begin an argument with "-".
    """

    name: str
    type: ParameterType
    default: Value | None = None
    optional: bool = False
    min: float | None = None
    max: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str | None = None
    within: str | None = None
    flag: str | None = None
    allow_dash: bool = False
    help: str | None = None

    def value_of(self, raw: object) -> Value | None:
        """Return the value that `raw` stands for, the default if nothing is given; None if none is needed.

        Nothing given is None, and an empty text too, except for a text that is not optional.

        Raises:
            ValueError: With what is wrong, to be read after the name of the parameter.
        """
        if raw is None or (raw == "" and (self.optional or self.type is not ParameterType.TEXT)):
            if self.default is None and not self.optional:
                raise ValueError("is missing")
            return self.default
        return self.parse(raw)

    def parse(self, raw: object) -> Value:
        """Return the value that `raw` stands for.

        Raises:
            ValueError: With what is wrong, to be read after the name of the parameter.
        """
        match self.type:
            case ParameterType.INT:
                return self._limited(_whole(raw))
            case ParameterType.FLOAT:
                return self._limited(_number(raw))
            case ParameterType.BOOL:
                return _boolean(raw)
            case ParameterType.CHOICE:
                return self._chosen(raw)
            case ParameterType.TEXT:
                return self._text(raw)
            case ParameterType.PATH:
                return self._path(raw)

    def argument_of(self, value: Value | None) -> str | None:
        """Return `value` as it stands in a command; None where what it would stand in is left out."""
        if self.type is ParameterType.BOOL and self.flag is not None:
            return self.flag if value else None
        return None if value is None else written(value)

    def _limited(self, number: Number) -> Number:
        if (self.min is not None and number < self.min) or (self.max is not None and number > self.max):
            raise ValueError(f"must be {self._range()}")
        return number

    def _range(self) -> str:
        if self.min is not None and self.max is not None:
            return f"from {written(self.min)} to {written(self.max)}"
        if self.min is not None:
            return f"at least {written(self.min)}"
        return f"at most {written(self.max or 0)}"

    def _chosen(self, raw: object) -> str:
        text = written(raw) if isinstance(raw, str | int | float) else None
        if text not in self.choices:
            raise ValueError(f"must be one of: {', '.join(self.choices)}")
        return text

    def _text(self, raw: object) -> str:
        text = _line(raw)
        longest = LONGEST_VALUE if self.max is None else self.max
        if len(text) > longest:
            raise ValueError(f"must have at most {written(longest)} characters")
        if self.min is not None and len(text) < self.min:
            raise ValueError(f"must have at least {written(self.min)} characters" if text else "is missing")
        if self.pattern is not None and re.fullmatch(self.pattern, text) is None:
            raise ValueError(f"must match {self.pattern}")
        return text

    def _path(self, raw: object) -> str:
        path = self._text(raw)
        if not path:
            raise ValueError("is missing")
        if self.within is None:
            return path
        # by its text alone: whether a link leads out of the folder is for the machine to see
        inside = posixpath.normpath(posixpath.join(self.within, path))
        if ".." in path.split("/") or posixpath.commonpath((self.within, inside)) != self.within:
            raise ValueError("must stay within the folder that the template names")
        return inside


def written(value: Value) -> str:
    """Return `value` as programs read it: 10, 0.001, true."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_WHOLE:
        return str(int(value))
    return str(value)


def _whole(raw: object) -> int:
    number = None
    if isinstance(raw, str) and _WHOLE.fullmatch(raw.strip()):
        number = int(raw)
    elif isinstance(raw, int) and not isinstance(raw, bool):
        number = raw
    elif isinstance(raw, float) and raw.is_integer():
        number = int(raw)
    if number is None or abs(number) > LARGEST_WHOLE:
        raise ValueError("must be a whole number")
    return number


def _number(raw: object) -> float:
    try:
        return parse_number(raw, "") + 0.0  # -0.0 becomes 0.0, which begins with no dash
    except BadRequestError:
        raise ValueError("must be a finite number") from None


def _boolean(raw: object) -> bool:
    try:
        return parse_boolean(raw, "")
    except BadRequestError:
        raise ValueError("must be true or false") from None


def _line(raw: object) -> str:
    if not isinstance(raw, str) or not raw.isprintable():
        raise ValueError("must be one line of text without control characters")
    return raw
