"""A table of a TOML file that a person wrote, read key by key; every mistake is named by its key."""

import difflib
import sys
from collections.abc import Collection, Mapping
from typing import Any, cast

_LARGEST = sys.float_info.max

Content = Mapping[str, Any]


class TomlTable:
    """The table at the key `at`, which has none but `known` keys.

    Everything here raises ValueError, with the key and what is wrong with it, for a person to read.
    """

    def __init__(self, content: object, at: str, known: Collection[str] | None = None) -> None:
        """Take `content`; without `known` any key may be there."""
        if not isinstance(content, dict):
            raise ValueError(f"{at}: must be a table")  # noqa: TRY004  a file is wrong, not a program
        self.content = cast("Content", content)
        self.at = at
        for key in self.content:
            if known is not None and key not in known:
                raise self.wrong(key, unknown_key(key, known))

    def wrong(self, key: str, why: str) -> ValueError:
        """Return the error that says `why` the value of `key` is wrong."""
        return ValueError(f"{self.at}.{key}: {why}" if self.at else f"{key}: {why}")

    def text(self, key: str) -> str | None:
        """Return the text of `key`, which is not blank; None if it is not there."""
        value = self.content.get(key)
        if value is None or (isinstance(value, str) and value.strip() and "\0" not in value):
            return value
        raise self.wrong(key, "must be text")

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the list of texts of `key`, empty if it is not there."""
        value = self.content.get(key, ())
        if isinstance(value, list | tuple):
            texts = tuple(cast("Collection[object]", value))
            if all(isinstance(each, str) and "\0" not in each for each in texts):
                return cast("tuple[str, ...]", texts)
        raise self.wrong(key, "must be a list of texts")

    def number(self, key: str) -> float | None:
        """Return the finite number of `key`; None if it is not there."""
        value = self.content.get(key)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST:
            return value
        raise self.wrong(key, "must be a number")

    def flag(self, key: str) -> bool:
        """Return whether `key` is true; false if it is not there."""
        value = self.content.get(key, False)
        if isinstance(value, bool):
            return value
        raise self.wrong(key, "must be true or false, without quotation marks")

    def table(self, key: str, known: Collection[str] | None = None) -> "TomlTable":
        """Return the table of `key`, empty if it is not there."""
        at = f"{self.at}.{key}" if self.at else key
        return TomlTable(self.content.get(key, {}), at, known)


def unknown_key(key: str, known: Collection[str]) -> str:
    """Return what is wrong with `key`, which is not among the `known` ones."""
    alike = difflib.get_close_matches(key, known, 1)
    hint = f"did you mean {alike[0]}?" if alike else f"there are {', '.join(sorted(known))}"
    return f"means nothing here; {hint}"
