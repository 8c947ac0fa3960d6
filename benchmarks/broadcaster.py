"""The least that can push: what is posted goes to every open websocket as it is, and is kept nowhere.

Its page writes what it hears into one text node.
"""

import argparse
import asyncio
from typing import Any, cast

import uvicorn

from benchmarks.floor import Message, Receive, Send

_PAGE = b"""<!doctype html><title>The least that can be drawn</title><p id="shown">-</p><script>
const text = document.getElementById("shown").firstChild;
const socket = new WebSocket(`ws://${location.host}/ws?token=page`);
socket.onmessage = (event) => { text.data = event.data; };
</script>"""


class Broadcaster:
    """The ASGI application."""

    def __init__(self) -> None:
        """Start with nobody listening."""
        self._sends: set[Send] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hold a websocket open, give the page, or pass a body on to all websockets and then answer."""
        if scope["type"] == "websocket":
            await self._hold(receive, send)
            return
        body, kind = b"{}", b"application/json"
        if scope["path"] == "/page":
            body, kind = _PAGE, b"text/html"
        if scope["method"] == "POST":
            text = (await receive())["body"].decode()
            await asyncio.gather(*(each({"type": "websocket.send", "text": text}) for each in self._sends))
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _hold(self, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": '{"type":"ready"}'})
        self._sends.add(send)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        self._sends.discard(send)


def main() -> None:
    """Serve on a loopback port."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    wanted = parser.parse_args()
    uvicorn.run(
        cast("Any", Broadcaster()),
        port=wanted.port,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        lifespan="off",
        server_header=False,
        date_header=False,
        proxy_headers=False,
        log_level="warning",
        access_log=False,
    )


if __name__ == "__main__":
    main()
