"""The composition root: what is made, and what is handed to whom. Nothing is opened at import."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import orjson
from starlette.types import ASGIApp

from trainwatch.api.docs import documentation
from trainwatch.api.front import Front
from trainwatch.api.health import health_operations
from trainwatch.api.hook import Hook, hook_operations
from trainwatch.api.series import series_operations
from trainwatch.api.tasks import task_operations
from trainwatch.door.guard import Guard
from trainwatch.live.hub import Hub
from trainwatch.services import look
from trainwatch.services.upkeep import keep_up
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer
from trainwatch.ui.app import create_app
from trainwatch.ui.desk import Desk, start_of_room
from trainwatch.ui.frames import Rooms
from trainwatch.ui.gate import Gate
from trainwatch.ui.push import Push
from trainwatch.ui.site import site_dir
from trainwatch.ui.state.backend import use_backend

app = create_app()
app.add_middleware(Gate(), index=0)


def utc_now() -> datetime:
    """Return the time. Everything below takes it as an argument or a clock."""
    return datetime.now(UTC)  # noqa: TID251


def serve_on(database: Database) -> ASGIApp:
    """Return the whole server on `database`, which is up to date; call it within `serving_site()`."""
    hub = Hub()
    writer = Writer(database, clock=utc_now, publish=hub.publish)
    rooms = Rooms(gpus=look.gpus_by_id(database), now=utc_now)
    push = Push(app, hub, rooms, fill=start_of_room(database, rooms))
    use_backend(Desk(database, writer, push))

    @asynccontextmanager
    async def running() -> AsyncGenerator[None]:
        writer.start()
        loops = [asyncio.create_task(push.run()), asyncio.create_task(keep_up(writer))]
        yield
        for loop in loops:
            loop.cancel()
            with suppress(asyncio.CancelledError):
                await loop
        await writer.close()
        database.close()

    app.register_lifespan_task(running)  # pyright: ignore[reportUnknownMemberType]  Reflex leaves **kwargs untyped
    hook = Hook(writer)
    operations = [
        *hook_operations(),
        *task_operations(database, writer),
        *series_operations(database),
        *health_operations(database, writer),
    ]
    operations += documentation(operations)
    front = Front(hook, operations, page=app())
    return Guard(front, right_of=front.right_of, is_page=front.is_page, headers=security_headers())


def security_headers() -> dict[str, str]:
    """Return the headers of every response; the hashes are those of the built page's own scripts."""
    csp: dict[str, Any] = orjson.loads((site_dir() / "csp.json").read_bytes())
    scripts = " ".join(f"'{digest}'" for digest in csp["script-src"])
    return {
        "Content-Security-Policy": (
            f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; "
            "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
