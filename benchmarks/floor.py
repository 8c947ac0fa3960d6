"""The floor: the least a server can do and still keep what it is sent.

A bare ASGI endpoint on the server that TrainWatch uses. It parses the JSON, writes the values to SQLite
through one thread that commits whatever has queued up, and answers after the commit. No tasks, no
checks, no events, no page.
"""

import argparse
import asyncio
import json
import queue
import sqlite3
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any, cast

import uvicorn

Row = tuple[str, str, int, float]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CURVE = json.dumps({"steps": [i * 1000 for i in range(1000)], "values": [1 / (i + 3) for i in range(1000)]})
PAGES = {
    "/": (b"text/html", b"<!doctype html><title>floor</title><p id=drawn>drawn</p>"),
    "/healthz": (b"application/json", b'{"ok":true}'),
    "/curve": (b"application/json", CURVE.encode()),
}


class Writer(threading.Thread):
    """Writes rows in groups, each group in one durable transaction."""

    def __init__(self, database: Path, loop: asyncio.AbstractEventLoop) -> None:
        """Write into `database`; wake those who wait on `loop`."""
        super().__init__(daemon=True)
        self._database = database
        self._loop = loop
        self._queue: queue.SimpleQueue[tuple[list[Row], asyncio.Future[None]]] = queue.SimpleQueue()

    def write(self, rows: list[Row]) -> asyncio.Future[None]:
        """Return a future that is done when `rows` are on disk."""
        done = self._loop.create_future()
        self._queue.put((rows, done))
        return done

    def run(self) -> None:
        """Take what is queued, write it, wake the waiting; for ever."""
        connection = sqlite3.connect(self._database, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("CREATE TABLE points (task TEXT, name TEXT, step INTEGER, value REAL)")
        while True:
            group = [self._queue.get()]
            while len(group) < 500 and not self._queue.empty():
                group.append(self._queue.get())
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(
                "INSERT INTO points VALUES (?, ?, ?, ?)", [r for rows, _ in group for r in rows]
            )
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_wake, [done for _, done in group])


def _wake(waiting: list[asyncio.Future[None]]) -> None:
    for done in waiting:
        if not done.done():
            done.set_result(None)


def rows_of(payload: object) -> list[Row]:
    """Return the rows in a report, a list of reports or a columnar report."""
    if isinstance(payload, list):
        return [row for report in cast("list[object]", payload) for row in rows_of(report)]
    report = cast("dict[str, Any]", payload)
    task = report["taskName"]
    if "series" in report:
        columns = report["series"].items()
        return [(task, n, s, v) for n, c in columns for s, v in zip(c["steps"], c["values"], strict=True)]
    return [(task, name, report["step"], value) for name, value in report["metrics"].items()]


class Floor:
    """The ASGI application."""

    def __init__(self, database: Path) -> None:
        """Keep what is posted in `database`."""
        self._database = database
        self._writer: Writer | None = None

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a GET from memory and a POST after the commit."""
        if scope["type"] != "http":
            return
        kind, answer = PAGES.get(scope["path"], (b"application/json", b'{"ok":true}'))
        if scope["method"] == "POST":
            await self._keep(receive)
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(answer))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _keep(self, receive: Receive) -> None:
        if self._writer is None:
            self._writer = Writer(self._database, asyncio.get_running_loop())
            self._writer.start()
        message = await receive()
        body: bytes = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        await self._writer.write(rows_of(json.loads(body)))


def main() -> None:
    """Serve the floor on a loopback port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", type=Path, required=True)
    wanted = parser.parse_args()
    uvicorn.run(
        cast("Any", Floor(wanted.database)),
        port=wanted.port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
