"""What strangers can cause as often as they like is in the audit log once, and then by number."""

import asyncio
from collections import Counter
from dataclasses import dataclass

from trainwatch.domain.audit import Actor
from trainwatch.door.addresses import neighbourhood
from trainwatch.errors import RateLimitedError, TrainwatchError
from trainwatch.store.work import Work
from trainwatch.store.writer import Writer

EVERY_S = 600.0

MOST_KINDS = 50
"""So many are told apart until the next summary; of others only how many they were."""


@dataclass(frozen=True, slots=True)
class _Kind:
    actor: Actor
    action: str
    target: str


_STRANGER = Actor("stranger", "a stranger")


class AuditSummary:
    """Writes the first of a kind at once, and in `step` how many have followed. Belongs to the event loop."""

    def __init__(self, writer: Writer) -> None:
        """Write through `writer`."""
        self._writer = writer
        self._more: dict[_Kind, int] = {}
        self._others: Counter[str] = Counter()
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, actor: Actor, action: str, target: str) -> asyncio.Task[None] | None:
        """Note what `actor` did; return what writes it, if that is at once."""
        kind = _Kind(_as_one(actor), action, target)
        if kind in self._more:
            self._more[kind] += 1
        elif len(self._more) >= MOST_KINDS:
            self._others[action] += 1
        else:
            self._more[kind] = 0
            task = asyncio.ensure_future(self._write_first(actor, kind))
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
            return task
        return None

    def note_refusal(self, actor: Actor, error: RateLimitedError) -> None:
        """Note that `actor` was refused."""
        self.note(actor, "was refused", error.message.partition(";")[0])

    async def step(self) -> None:
        """Write how many have followed since the last time.

        Raises:
            TrainwatchError: If that cannot be saved now; they are counted on.
        """
        await asyncio.gather(*self._writing)  # what comes first stands first
        more, others = dict(self._more), Counter(self._others)

        def write(work: Work) -> None:
            for kind, count in more.items():
                if count:
                    work.audit(kind.actor, kind.action, f"{kind.target}, {_times(count)} more")
            for action, count in others.items():
                work.audit(_STRANGER, action, f"from other addresses, {_times(count)}")

        if any(more.values()) or others:
            await self._writer.submit(write)
        self._others -= others
        for kind, count in more.items():
            self._more[kind] -= count
            if not self._more[kind]:
                del self._more[kind]

    async def _write_first(self, actor: Actor, kind: _Kind) -> None:
        try:
            await self._writer.submit(lambda work: work.audit(actor, kind.action, kind.target))
        except TrainwatchError:
            self._more[kind] = self._more.get(kind, 0) + 1


def _as_one(actor: Actor) -> Actor:
    """Return an actor who stands for all who count as one address."""
    place = None if actor.address is None else neighbourhood(actor.address)
    return Actor(actor.kind, actor.name, actor.id, place)


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"
