"""What a check found."""

from dataclasses import dataclass
from enum import StrEnum


class Mark(StrEnum):
    """How a finding is to be taken: nothing to do, something to know, something that must be put right."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line for people: what was looked at, what was found, and what to do about it."""

    mark: Mark
    name: str
    found: str
    advice: str | None = None


def ok(name: str, found: str) -> Finding:
    """Return that all is well."""
    return Finding(Mark.OK, name, found)


def note(name: str, found: str, advice: str) -> Finding:
    """Return what one should know."""
    return Finding(Mark.NOTE, name, found, advice)


def problem(name: str, found: str, advice: str) -> Finding:
    """Return what must be put right."""
    return Finding(Mark.PROBLEM, name, found, advice)
