"""The least that can push: what is posted goes to every open websocket as it is, and is kept nowhere."""

import argparse
import asyncio
from typing import Any, cast

import uvicorn

from benchmarks.floor import Message, Receive, Send


class Broadcaster:
    """The ASGI application."""

    def __init__(self) -> None:
        """Start with nobody listening."""
        self._sends: set[Send] = set()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Hold a websocket open, or pass a body on to all of them and then answer."""
        if scope["type"] == "websocket":
            await self._hold(receive, send)
            return
        if scope["method"] == "POST":
            text = (await receive())["body"].decode()
            await asyncio.gather(*(each({"type": "websocket.send", "text": text}) for each in self._sends))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"{}"})

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
