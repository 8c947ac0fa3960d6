"""What the door does beside answering: it closes the sockets of those who may not stay, and notes who was there."""

import asyncio

from trainwatch.door.identity import Door
from trainwatch.door.sockets import Sockets
from trainwatch.services.sessions import note_use
from trainwatch.store.writer import Writer

EVERY_S = 15.0
"""How often at least; the end of a session or key is not waited for any longer than it takes."""

LEAVE_S = 0.5
"""How long a page has to go to the sign-in by itself before its socket is closed."""


async def close_revoked(door: Door, sockets: Sockets) -> None:
    """Wait until a credential is revoked, give its pages time to leave, and close their sockets."""
    await door.has_ended.wait()
    await asyncio.sleep(LEAVE_S)
    door.has_ended.clear()
    try:
        sockets.sweep()
    except Exception:
        door.has_ended.set()
        raise


async def close_expired(door: Door, writer: Writer, sockets: Sockets) -> None:
    """Wait until a credential expires, `EVERY_S` at most; close its sockets and note when the others were seen."""
    await asyncio.sleep(_pause_s(door))
    sockets.sweep()
    door.keyring.drop_ended(door.clock())
    sessions, keys = door.keyring.take_uses()
    if sessions or keys:
        await writer.submit(lambda work: note_use(work, sessions, keys))


def _pause_s(door: Door) -> float:
    """Return how long to wait: whoever is let in meanwhile stays for a day at least."""
    now = door.clock()
    ends_at = door.keyring.next_end(now)
    return EVERY_S if ends_at is None else min(EVERY_S, (ends_at - now).total_seconds())
