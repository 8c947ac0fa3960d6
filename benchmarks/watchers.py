"""Open pages without a browser: websockets that say what a real page said when it loaded."""

import argparse
import asyncio
import json
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace

import uvloop
import websockets.asyncio.client as ws
from websockets.exceptions import ConnectionClosed

_PING, _PONG = "2", "3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a page says on its websocket: where it connects, as whom, and the frames that it sends."""

    url: str
    token: str
    sent: list[str]

    def for_another(self) -> "Recipe":
        """Return the same page opened by somebody else."""
        token = str(uuid.uuid4())
        frames = [frame.replace(self.token, token) for frame in self.sent]
        return replace(self, url=self.url.replace(self.token, token), token=token, sent=frames)


@dataclass(slots=True)
class Watcher:
    """One open page; `arrived` holds the length of each event frame that it was sent."""

    connection: ws.ClientConnection
    arrived: list[int] = field(default_factory=list[int])

    async def listen(self) -> None:
        """Take what is sent and answer the pings, until the connection ends."""
        try:
            async for message in self.connection:
                if message == _PING:
                    await self.connection.send(_PONG)
                elif message[:2] == "42":
                    self.arrived.append(len(str(message).encode()))
        except ConnectionClosed:
            return


@asynccontextmanager
async def watching(recipe: Recipe) -> AsyncIterator[Watcher]:
    """Open a page as somebody else than `recipe`'s, and keep it open."""
    mine = recipe.for_another()
    async with ws.connect(mine.url, max_size=None, ping_interval=None) as connection:
        await connection.recv()
        watcher = Watcher(connection)
        listening = asyncio.create_task(watcher.listen())
        for frame in mine.sent:
            await connection.send(frame)
            await asyncio.sleep(0.02)
        yield watcher
        listening.cancel()


@dataclass(slots=True)
class Crowd:
    """Many open pages in a process of their own."""

    process: subprocess.Popen[str]

    def leave(self) -> list[int]:
        """Close the pages and return how many event frames each was sent."""
        printed, _ = self.process.communicate("\n")
        return json.loads(printed.splitlines()[-1])


def gather(recipe: Recipe, count: int) -> Crowd:
    """Open `count` pages and return when all of them are up."""
    command = [sys.executable, "-m", "benchmarks.watchers", json.dumps(asdict(recipe)), str(count)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return Crowd(process)


async def _crowd(recipe: Recipe, count: int) -> None:
    arrived: list[list[int]] = []
    leave = asyncio.Event()
    up = asyncio.Barrier(count + 1)

    async def one() -> None:
        async with watching(recipe) as watcher:
            await up.wait()
            await leave.wait()
            arrived.append(watcher.arrived)

    pages = [asyncio.create_task(one()) for _ in range(count)]
    await up.wait()
    sys.stdout.write("up\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)
    leave.set()
    await asyncio.gather(*pages)
    sys.stdout.write(json.dumps([len(frames) for frames in arrived]))


def main() -> None:
    """Open the pages given as JSON and a count; close them at a line on the standard input."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", type=json.loads)
    parser.add_argument("count", type=int)
    wanted = parser.parse_args()
    uvloop.run(_crowd(Recipe(**wanted.recipe), wanted.count))


if __name__ == "__main__":
    main()
