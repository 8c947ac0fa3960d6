"""A page's websocket, spoken by hand: Engine.IO and Socket.IO as Reflex uses them, and whatever no page would say."""

import contextlib
import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import websocket

ROOT = "reflex___state____state"
LIVE = f"{ROOT}.trainwatch___ui___state___live____live"
TASK_PAGE = f"{ROOT}.trainwatch___ui___state___task_page____task_page"

LIMIT_S = 5.0


class PageSocket:
    """A connected socket; deltas are collected by state and var."""

    def __init__(self, connection: websocket.WebSocket) -> None:
        self._connection = connection
        self.deltas: list[dict[str, dict[str, Any]]] = []
        self.sid = ""

    def say(self, text: str) -> None:
        """Send `text` as it is."""
        self._connection.send(text)

    def emit(self, *message: object) -> None:
        """Send a Socket.IO message."""
        self.say("42/_event," + json.dumps(message))

    def cause(self, name: str, payload: object = None, router_data: object = None) -> None:
        """Cause the event of that full name."""
        self.emit("event", {"name": name, "payload": payload or {}, "router_data": router_data or {}})

    def open_page(self, path: str, **query: str) -> None:
        """Do what a page does when it is opened at `path`, and wait until it is filled."""
        router = {"pathname": path, "asPath": path, "query": query}
        self.cause(f"{ROOT}.hydrate_and_load", {}, router)
        self.until(ROOT, "is_hydrated", value=True)

    def settle(self) -> None:
        """Wait until everything said so far has been dealt with: a ping is answered in its turn."""
        self.emit("ping")
        latest = time.monotonic() + LIMIT_S
        while self._hear_before(latest) != ["ping", "pong"]:
            pass

    def until(self, state: str, var: str, value: object = None) -> Any:
        """Wait for the var of that name (to be `value`, if given) and return it."""
        latest = time.monotonic() + LIMIT_S
        while True:
            message = self._hear_before(latest)
            if message is None or message[0] != "event":
                continue
            found = message[1]["delta"].get(state, {}).get(f"{var}_rx_state_")
            if found is not None and value in (None, found):
                return found

    def until_closed(self) -> None:
        """Wait until the server closes the socket, and hear what it says until then."""
        latest = time.monotonic() + 3 * LIMIT_S
        with contextlib.suppress(ConnectionError, websocket.WebSocketConnectionClosedException):
            while True:
                self._hear_before(latest)

    def told(self, state: str, var: str) -> list[Any]:
        """Return every value of a var that was heard so far."""
        key = f"{var}_rx_state_"
        return [delta[state][key] for delta in self.deltas if key in delta.get(state, {})]

    def _hear_before(self, latest: float) -> list[Any] | None:
        """Hear one message; the server's pings alone must not keep a test waiting for ever."""
        if time.monotonic() > latest:
            raise websocket.WebSocketTimeoutException("what was waited for did not come")
        return self._hear()

    def _hear(self) -> list[Any] | None:
        text = str(self._connection.recv())
        if not text:
            raise ConnectionError("the server closed the socket")
        if text == "2":
            self.say("3")
        if not text.startswith("42/_event,"):
            return None
        message: list[Any] = json.loads(text.removeprefix("42/_event,"))
        if message[0] == "event":
            self.deltas.append(message[1]["delta"])
        return message


@contextlib.contextmanager
def page_socket(
    url: str, *, token: str | None = None, headers: dict[str, str] | None = None
) -> Iterator[PageSocket]:
    """Connect as a page does; `token` is what the tab calls itself."""
    address = url.replace("http://", "ws://")
    query = f"EIO=4&transport=websocket&token={token or uuid.uuid4()}"
    connection = websocket.create_connection(
        f"{address}/_event/?{query}", timeout=LIMIT_S, header=headers or {}
    )
    try:
        opened = str(connection.recv())
        assert opened.startswith("0{"), opened
        connection.send("40/_event,")
        connected = str(connection.recv())
        assert connected.startswith("40/_event,"), connected
        socket = PageSocket(connection)
        socket.sid = json.loads(connected.removeprefix("40/_event,"))["sid"]
        yield socket
    finally:
        connection.close()
        connection.shutdown()  # which it leaves undone where the server closed first
