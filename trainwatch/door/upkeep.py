"""What the door does beside answering: it lets go of those who may not stay, and notes who was there."""

import asyncio

import structlog

from trainwatch.door.identity import Door
from trainwatch.door.sockets import Sockets
from trainwatch.errors import TrainwatchError
from trainwatch.services.sessions import note_use
from trainwatch.store.writer import Writer

EVERY_S = 15.0
"""How often at least; the end of a session or key is not waited for any longer than it takes."""

LEAVE_S = 0.5
"""How long a page has to go to the sign-in by itself before its socket is closed."""

log = structlog.get_logger()


async def keep_door(door: Door, writer: Writer, sockets: Sockets) -> None:
    """Keep the door until cancelled."""
    await asyncio.gather(_let_go(door, sockets), _look_around(door, writer, sockets))


async def _let_go(door: Door, sockets: Sockets) -> None:
    """Hang up on those whose credential was revoked, as soon as their page had time to leave."""
    while True:
        await door.has_ended.wait()
        door.has_ended.clear()
        await asyncio.sleep(LEAVE_S)
        sockets.sweep()


async def _look_around(door: Door, writer: Writer, sockets: Sockets) -> None:
    """Now and then hang up on those whose time is over, and keep when the others were seen."""
    while True:
        await asyncio.sleep(_pause_s(door))
        sockets.sweep()
        door.keyring.drop_ended(door.clock())
        await _note_uses(door, writer)


def _pause_s(door: Door) -> float:
    """Return how long to wait: whoever is let in meanwhile stays for a day at least."""
    now = door.clock()
    ends_at = door.keyring.next_end(now)
    return EVERY_S if ends_at is None else min(EVERY_S, (ends_at - now).total_seconds())


async def _note_uses(door: Door, writer: Writer) -> None:
    sessions, keys = door.keyring.take_uses()
    if not sessions and not keys:
        return
    try:
        await writer.submit(lambda work: note_use(work, sessions, keys))
    except TrainwatchError as error:
        log.warning("use_not_noted", reason=error.message)
