"""The composition root: what is made, and what is handed to whom. Nothing is opened at import."""

import signal
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from starlette.types import ASGIApp

from trainwatch.api.catalogue import Parts, catalogue
from trainwatch.api.front import Front
from trainwatch.api.hook import Hook
from trainwatch.api.progress_reading import reading
from trainwatch.api.progress_socket import PATH as PROGRESS
from trainwatch.api.progress_socket import ProgressSocket, tell_progress
from trainwatch.domain.events import Event
from trainwatch.domain.job import Runner as RunnerName
from trainwatch.door.audit_summary import EVERY_S as SUMMARISED_EVERY_S
from trainwatch.door.founding import found_door
from trainwatch.door.guard import Guard
from trainwatch.door.identity import Door
from trainwatch.door.limits import Limits
from trainwatch.door.reception import Reception
from trainwatch.door.revocations import Revocations
from trainwatch.door.task_control import TaskControl
from trainwatch.door.upkeep import close_expired, close_revoked
from trainwatch.gpu.driver import count_gpus
from trainwatch.live.hub import Hub
from trainwatch.live.stream import Stream
from trainwatch.runners.base import AttemptKey, Runner
from trainwatch.runners.environment import inherited
from trainwatch.runners.gpus import Gpus
from trainwatch.runners.local import LocalRunner
from trainwatch.runners.simulated import SimulatedRunner
from trainwatch.services import look
from trainwatch.services.attempt_folders import AttemptFolderCleanup
from trainwatch.services.background import BackgroundLoops
from trainwatch.services.clock_changes import follow_clock, move_times
from trainwatch.services.commands import command_of, environment_of
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.keys import give_job_key
from trainwatch.services.log_limit import EVERY_S as LOGGED_EVERY_S
from trainwatch.services.log_limit import LOG_LIMIT
from trainwatch.services.pending_writes import PendingWrites
from trainwatch.services.sent_logs import SentLogs
from trainwatch.services.templates import provide_templates
from trainwatch.services.timekeeper import end_overdue
from trainwatch.services.upkeep import tidy_up
from trainwatch.settings import Addresses, Settings
from trainwatch.store.ballast import Ballast
from trainwatch.store.clock import ServerClock
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer
from trainwatch.supervisor.spec import LogLimits
from trainwatch.ui.app import create_app
from trainwatch.ui.callers import Callers
from trainwatch.ui.desk import Desk, start_of_room
from trainwatch.ui.frames import Rooms
from trainwatch.ui.front_desk import FrontDesk
from trainwatch.ui.gate import Gate, GatedSocket
from trainwatch.ui.job_desk import JobDesk
from trainwatch.ui.push import Push
from trainwatch.ui.site import site_dir
from trainwatch.ui.state.backend import use_access, use_backend, use_jobs
from trainwatch.ui.state.visitor import use_callers
from trainwatch.ui.tab_states import EVERY_S, TabStates

MOST_SIMULATED = 1_000
"""How many jobs may pretend at once."""

app = create_app()
gate = Gate()
app.add_middleware(gate, index=0)


@dataclass(frozen=True, slots=True)
class Served:
    """The whole server.

    `make_link` returns the address of a one-time sign-in link, `is_lost` whether the server ended because another
    one has taken the database over.
    """

    application: ASGIApp
    make_link: Callable[[], str]
    is_lost: Callable[[], bool]


def steady_s() -> float:
    """Return seconds that pass evenly whatever the time of day is set to, also while the machine sleeps."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


def utc_now() -> datetime:
    """Return the time. Everything below takes it as an argument or a clock."""
    return datetime.now(UTC)  # noqa: TID251


def serve_on(
    database: Database, settings: Settings, addresses: Addresses, environ: Mapping[str, str]
) -> Served:
    """Return the server on `database`, which is up to date; it is reached at `addresses`.

    `environ` is what the server was started with: jobs inherit of it what is not the server's own. Call it
    within `serving_site()`.
    """
    hub, stream, clock = Hub(), Stream(), ServerClock(utc_now, steady_s)
    door = found_door(database, settings, clock=clock)
    limits = Limits(key_requests_per_minute=settings.key_requests_per_minute)

    def publish(events: Sequence[Event]) -> None:
        door.note(events)  # before whoever made a change is answered
        tell_progress(stream, events)
        hub.publish(events)

    writer = Writer(
        database,
        clock=clock,
        publish=publish,
        retime=move_times,
        on_lost=lambda: signal.raise_signal(signal.SIGTERM),
        ballast=Ballast(database.path),
    )
    pending = PendingWrites(writer)
    revocations = Revocations(door, writer, pending, publish)
    reception = Reception(
        door,
        limits,
        writer,
        address=addresses.public,
        unset_clock=clock.unset,
        revocations=revocations,
    )
    log_limits = LogLimits(total_bytes=settings.log_bytes)
    runners = _runners(settings, writer, addresses, log_limits, inherited(environ))
    dispatcher = Dispatcher(database, writer, runners, clock=clock, publish=publish, pending=pending)
    push, tabs = _wire_page(writer, dispatcher, hub, door, revocations, settings.attempts_dir)
    sent = SentLogs(database, settings.attempts_dir, log_limits, publish)
    use_jobs(JobDesk(database, writer, dispatcher, settings.data_dir))
    loops = BackgroundLoops(clock=clock)
    operations = catalogue(Parts(database, writer, reception, dispatcher, sent, settings, loops))
    front = Front(
        Hook(writer),
        operations,
        sockets={PROGRESS: ProgressSocket(stream, reading(database, writer))},
        page=app(),
    )
    guard = Guard(
        front, door, limits, right_of=front.right_of, is_page=front.is_page, headers=security_headers()
    )

    loops.add("push", push.step)
    loops.add("tabs", tabs.step, every_s=EVERY_S)
    loops.add("jobs", dispatcher.step)
    loops.add("attempt folders", AttemptFolderCleanup(settings.attempts_dir, database, hub).step)
    _add_sign_in_loops(loops, reception, writer, guard)
    _add_timed_loops(loops, database, writer, clock)

    running = _lifespan(writer, [reception.audit.step, dispatcher.close], loops)
    app.register_lifespan_task(running)  # pyright: ignore[reportUnknownMemberType]  Reflex leaves **kwargs untyped
    return Served(guard, lambda: reception.address + reception.make_link(), lambda: writer.is_lost)


def _lifespan(
    writer: Writer, last: Sequence[Callable[[], Awaitable[None]]], loops: BackgroundLoops
) -> Callable[[], AbstractAsyncContextManager[None]]:
    """Return what runs while requests are answered; at the end all of it is closed, whatever one part raises.

    `last` is what is done when the loops have ended and the writer still writes, the last one first.
    """

    @asynccontextmanager
    async def running() -> AsyncGenerator[None]:
        async with AsyncExitStack() as stack:
            writer.start()
            stack.push_async_callback(writer.close)
            for step in last:
                stack.push_async_callback(step)
            await stack.enter_async_context(loops.running())
            yield

    return running


def _add_sign_in_loops(loops: BackgroundLoops, reception: Reception, writer: Writer, guard: Guard) -> None:
    door, sockets = reception.door, guard.sockets
    guard.on_limited = reception.audit.note_refusal
    loops.add("audit summary", reception.audit.step, every_s=SUMMARISED_EVERY_S)
    loops.add("log", LOG_LIMIT.step, every_s=LOGGED_EVERY_S)
    loops.add("revoked sign-ins", lambda: close_revoked(door, sockets))
    loops.add("expired sign-ins", lambda: close_expired(door, writer, sockets))


def _add_timed_loops(loops: BackgroundLoops, database: Database, writer: Writer, clock: ServerClock) -> None:
    if database.dialect == "postgresql":  # may restart under us, and take our lock along
        loops.add("database", writer.check, every_s=2.0)
    loops.add("clock", lambda: follow_clock(clock, writer), every_s=1.0)
    loops.add("time limits", lambda: end_overdue(database, writer, now=clock()), every_s=1.0)
    loops.add("cleanup", lambda: tidy_up(writer), every_s=3_600.0)


def _runners(
    settings: Settings,
    writer: Writer,
    addresses: Addresses,
    log_limits: LogLimits,
    environ: Mapping[str, str],
) -> dict[RunnerName, Runner]:
    """Return what executes jobs on this machine."""
    provide_templates(settings.data_dir)

    async def environment(key: AttemptKey) -> dict[str, str]:
        secret = await writer.submit(lambda work: give_job_key(work, key.task_id, key.attempt))
        return environment_of(key, url=addresses.local, secret=secret)

    local = LocalRunner(
        settings.attempts_dir,
        lambda spec, task_id: command_of(spec, task_id, settings.data_dir),
        environment,
        most_at_once=settings.jobs_at_once,
        gpus=Gpus(count_gpus),
        log=log_limits,
        inherited=environ,
    )
    simulated = SimulatedRunner(most_at_once=MOST_SIMULATED)
    return {RunnerName.SIMULATED: simulated, RunnerName.LOCAL: local}


def _wire_page(
    writer: Writer, dispatcher: Dispatcher, hub: Hub, door: Door, revocations: Revocations, attempts: Path
) -> tuple[Push, TabStates]:
    """Hand the page's states what they ask; return what tells pages of changes, and what forgets those that are gone."""
    database = writer.database
    rooms = Rooms(gpus=look.gpus_by_id(database), now=door.clock)
    push = Push(app, hub, rooms, fill=start_of_room(database, rooms, attempts))
    callers = Callers(app, door)
    gate.callers = callers
    use_callers(callers)
    control = TaskControl(database, writer, dispatcher)
    use_backend(Desk(database, writer, control, push, callers))
    use_access(FrontDesk(database, writer, door, revocations))
    return push, _tab_states(callers)


def _tab_states(callers: Callers) -> TabStates:
    """Return what forgets the tabs that are gone; it is told of each socket that closes."""

    def owner_of(session_id: str) -> tuple[str, int | None]:
        actor = callers.of(session_id).actor
        return actor.kind, actor.id

    tabs = TabStates(app, owner_of)
    assert isinstance(app.sio, GatedSocket)
    app.sio.on_leave = tabs.leave
    return tabs


def security_headers() -> dict[str, str]:
    """Return the headers of every page; the hashes are those of the built page's own scripts."""
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
