"""A program that listens to the progress of tracked tasks."""

import contextlib
import json
import socket
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import websocket

Heard = dict[str, Any]

LIMIT_S = 10.0


class Listener:
    """A websocket at `/ws/progress`; what it has heard is kept."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self._connection = connection
        self.heard: list[Heard] = []

    def hear(self) -> Heard:
        """Return the next text."""
        opcode, data = self._connection.recv_data()
        assert opcode == websocket.ABNF.OPCODE_TEXT, (opcode, data)
        self.heard.append(json.loads(data))
        return self.heard[-1]

    def until(self, is_it: Callable[[Heard], bool]) -> Heard:
        """Hear on until `is_it`, and return that."""
        while not is_it(said := self.hear()):
            pass
        return said

    def until_ready(self) -> list[Heard]:
        """Hear what it begins with, and return the snapshots among it."""
        before = len(self.heard)
        self.until(lambda said: said["type"] == "ready")
        return [said["data"] for said in self.heard[before:] if said.get("snapshot")]

    def changes(self, count: int) -> list[Heard]:
        """Hear and return so many changes; nothing else may come in between."""
        changes = [self.hear() for _ in range(count)]
        assert all(said["type"] == "progress" and "snapshot" not in said for said in changes), changes
        return changes

    def say(self, text: str) -> None:
        """Send `text` as it is."""
        self._connection.send(text)

    def subscribe(self, tasks: list[str] | None) -> None:
        """Ask for other tasks."""
        self.say(json.dumps({"type": "subscribe", "tasks": tasks}))

    def until_closed(self) -> tuple[int, str]:
        """Hear all that still comes; return the code and the reason that the server closes with."""
        while True:
            opcode, data = self._connection.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big"), data[2:].decode()
            self.heard.append(json.loads(data))


@contextlib.contextmanager
def listening(
    url: str, *, headers: dict[str, str] | None = None, narrow: bool = False, **query: Any
) -> Iterator[Listener]:
    """Listen at the server at `url`; with `narrow` the kernel keeps little of what is not read yet."""
    address = f"{url.replace('http', 'ws', 1)}/ws/progress?{urlencode(query, doseq=True)}"
    options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)] if narrow else []
    connection = websocket.create_connection(
        address,
        timeout=LIMIT_S,
        header=headers or {},
        sockopt=options,
        skip_utf8_validation=True,  # a byte at a time in Python; JSON looks at it anyway
    )
    try:
        yield Listener(connection)
    finally:
        connection.close(timeout=0)
        connection.shutdown()
