"""One process, as the kernel describes it."""

from typing import NamedTuple

_ENDED = frozenset("ZXx")
_HELD = frozenset("Tt")


class Process(NamedTuple):
    """A process at one moment.

    `pid` and `start` together name one process of this boot: a pid is given to somebody else later.
    `start` is in the kernel's own measure, good for comparing only.
    """

    pid: int
    parent: int
    group: int
    session: int
    state: str
    start: int

    @property
    def has_ended(self) -> bool:
        """Whether it has ended, though nobody has taken note yet (a zombie)."""
        return self.state in _ENDED

    @property
    def is_held(self) -> bool:
        """Whether it stands still (SIGSTOP)."""
        return self.state in _HELD

    def is_same_as(self, other: "Process") -> bool:
        """Whether both are one process, maybe at two moments."""
        return (self.pid, self.start) == (other.pid, other.start)
