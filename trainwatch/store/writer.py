"""The one thread that changes the database.

A command is a function of the `Work` at hand. Commands that wait together share a transaction; their
answers are woken after its commit, all by one call into the event loop, and what changed is published first.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from trainwatch.domain.events import Event
from trainwatch.errors import DataDirLockedError, UnavailableError
from trainwatch.store.ballast import Ballast, is_disk_full
from trainwatch.store.carrying_out import CarryOut, Isolation, carry_out_together, is_of_a_command
from trainwatch.store.engine import Database, reason_of
from trainwatch.store.housekeeping import Clock, Housekeeping, Retime, log_failure
from trainwatch.store.intake import Intake, Order
from trainwatch.store.work import Work
from trainwatch.store.write_lock import WriteLock

MAX_BATCH = 500
MAX_WAITING = 20_000
QUIET_S = 0.05
"""How long nothing must come before the reductions are brought up to date."""
RECONNECT_S = 1.0
"""How long to wait before the database that could not be opened is tried again."""

_NO_ROOM = UnavailableError("the disk is full: what room is left is for stops, ends and revocations")

log = structlog.get_logger()

T = TypeVar("T")

Publish = Callable[[Sequence[Event]], None]


def run_once(database: Database, command: Callable[[Work], T], *, now: datetime) -> T:
    """Carry out one command and return its result, once that is durable. For an owner without a writer."""
    with database.writing() as connection:
        work = Work(connection, database)
        work.begin(now)
        result = command(work)
        work.commit()
        return result


@dataclass(slots=True)
class Tally:
    """What a writer has done since it started."""

    commits: int = 0
    commands: int = 0
    failures: int = 0


class Writer:
    """Runs commands one after another; owns the writing connection and the cache of running tasks."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        publish: Publish,
        retime: Retime | None = None,
        on_lost: Callable[[], object] = lambda: None,
        ballast: Ballast | None = None,
    ) -> None:
        """Prepare a writer; `publish` is called on the event loop after each commit, in commit order.

        `retime` moves what is counted from the time of day where a `ServerClock` was set, or was ahead before.
        `on_lost` is called there, once, if another server has taken the database over: see `WriteLock`.
        `ballast` is room for what is urgent.
        """
        self._database = database
        self._clock = clock
        self._publish = publish
        self._on_lost = on_lost
        self.is_lost = False
        """Whether another server has taken the database over."""
        self._intake = Intake()
        self._thread = threading.Thread(target=self._run, name="trainwatch-writer", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._is_closed = False
        self._has_failed = False
        self.tally = Tally()
        self._ballast = ballast or Ballast(None)
        self._isolation = Isolation(self._note_defect)
        self._housekeeping = Housekeeping(
            clock=clock,
            retime=retime,
            publish=lambda events: self._hand_back([], events),
            roll_back=self._roll_back,
        )

    @property
    def database(self) -> Database:
        """What it writes to."""
        return self._database

    def now(self) -> datetime:
        """Return the time by the clock that its transactions go by."""
        return self._clock()

    @property
    def is_well(self) -> bool:
        """Whether the thread runs, and could write what it wrote last."""
        return self._thread.is_alive() and not self._has_failed

    @property
    def waiting(self) -> int:
        """How many commands are not answered yet."""
        return self._intake.waiting

    def start(self) -> None:
        """Start the thread; call it on the event loop that will submit."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def close(self) -> None:
        """Finish what was submitted, then end the thread."""
        self._is_closed = True
        self._intake.end()
        await asyncio.to_thread(self._thread.join)

    def submit(self, command: Callable[[Work], T], *, urgent: bool = False) -> "asyncio.Future[T]":
        """Queue `command`, on the event loop; the future holds its result once that is durable.

        What is urgent is queued however many wait, and on a full disk it is written into room that is held for it.

        Raises:
            UnavailableError: If the server is ending, or more wait than can be served soon.
        """
        if self._is_closed or self._loop is None:
            raise UnavailableError("the server is ending; nothing was saved, send it again")
        if self._intake.waiting > MAX_WAITING and not urgent:
            raise UnavailableError("too many reports are waiting; nothing was saved, send it again")
        future: asyncio.Future[T] = self._loop.create_future()
        self._intake.put(Order(command, future, is_urgent=urgent))
        return future

    async def check(self) -> None:
        """Find out whether the database is there and still ours, as the next write would.

        Raises:
            UnavailableError: If it is not.
        """
        await self.submit(Work.check)

    def _run(self) -> None:
        is_ended = False
        while not is_ended:
            try:
                with self._database.writing() as connection:
                    self._work_on(connection)
                    is_ended = True
            except SQLAlchemyError as error:
                self._note_failure(error)
                is_ended = self._refuse_waiting()

    def _work_on(self, connection: Connection) -> None:
        work = Work(connection, self._database, WriteLock(connection))
        self._ballast.hold()
        self._housekeeping.begin(work)
        while orders := self._take(work):
            self._housekeeping.follow_clock(work)
            try:
                self._serve(work, orders)
            except Exception:
                log.exception("writer_failed")
                for order in orders:
                    order.error = UnavailableError("this could not be saved; send it again")
                self._hand_back(orders, [])
            if self._has_room():
                self._housekeeping.in_between(work)

    def _refuse_waiting(self) -> bool:
        """Refuse what comes until the next try to connect; return whether nothing will come any more."""
        ends_at = time.monotonic() + RECONNECT_S
        while (rest_s := ends_at - time.monotonic()) > 0:
            with suppress(TimeoutError):
                orders = self._intake.take(MAX_BATCH, timeout_s=rest_s)
                if not orders:
                    return True
                for order in orders:
                    order.error = UnavailableError(
                        "the database cannot be reached; nothing was saved, send it again"
                    )
                self._hand_back(orders, [])
        return False

    def _take(self, work: Work) -> list[Order]:
        """Return what waits, at most `MAX_BATCH`; while nothing comes, tidy up. None of them is the end."""
        with suppress(TimeoutError):
            return self._intake.take(MAX_BATCH, timeout_s=QUIET_S)
        if not self._ballast.hold():
            return self._intake.take(MAX_BATCH)
        self._housekeeping.in_quiet(work)
        while self._housekeeping.sweep(work):
            with suppress(TimeoutError):
                return self._intake.take(MAX_BATCH, timeout_s=0)
        return self._intake.take(MAX_BATCH)

    def _has_room(self) -> bool:
        """Whether there is room for more than what is urgent."""
        return not self._ballast.is_given_up or self._ballast.hold()

    def _keep_urgent(self, orders: list[Order], error: Exception) -> list[Order]:
        """Refuse for want of room what is not urgent, and return the rest."""
        for order in orders:
            if not order.is_urgent:
                self._refuse(order, error)
        return [order for order in orders if order.is_urgent]

    def _serve(self, work: Work, orders: list[Order]) -> None:
        """Carry out `orders`; where there is no room but what was held for it, only those that are urgent."""
        if not self._has_room():
            orders = self._keep_urgent(orders, _NO_ROOM)
        if orders:
            self._carry_out(work, orders)

    def _carry_out(self, work: Work, orders: list[Order]) -> None:
        """Carry out `orders` in one transaction, or one by one if that fails; then wake the waiting.

        A command that breaks is cut out. For a while after it each is carried out within a savepoint, so that a
        client that sends the same over and over again costs the others no transactions of their own.
        """
        is_careful, error = self._isolation.is_needed, None
        if not is_careful:
            error = self._try(work, orders, carry_out_together)
        if is_careful or (error is not None and is_of_a_command(error)):
            error = self._try(work, orders, self._isolation.carry_out)
        if error is not None:
            self._serve_one_by_one(work, orders, error)

    def _serve_one_by_one(self, work: Work, orders: list[Order], error: Exception) -> None:
        if is_disk_full(error) and any(order.is_urgent for order in orders) and self._ballast.give_up():
            self._serve(work, self._keep_urgent(orders, error))
            return
        if len(orders) == 1:
            self._refuse(orders[0], error)
            return
        log.warning("batch_failed", orders=len(orders), reason=reason_of(error))
        for order in orders:
            if (failure := self._try(work, [order], self._isolation.carry_out)) is not None:
                self._refuse(order, failure)

    def _try(self, work: Work, orders: list[Order], carry_out: CarryOut) -> Exception | None:
        """Carry out `orders` and hand them back; return the error that nothing came of it for."""
        try:
            events = carry_out(work, orders, self._clock())
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told and must not end the thread
            self._roll_back(work, error)
            self._housekeeping.must_recover = True
            return error
        self.tally.commits += 1
        self.tally.commands += len(orders)
        self._has_failed = False
        self._hand_back(orders, events)
        return None

    def _refuse(self, order: Order, error: Exception) -> None:
        self._note_failure(error)
        order.error = UnavailableError("this could not be saved; nothing was changed, send it again")
        self._hand_back([order], [])

    def _note_defect(self) -> None:
        self.tally.failures += 1
        self._housekeeping.must_recover = True

    def _note_failure(self, error: Exception) -> None:
        self.tally.failures += 1
        self._has_failed = True
        log_failure("write_failed", error)

    def _hand_back(self, orders: list[Order], events: Sequence[Event]) -> None:
        """Publish and wake the waiting, on the event loop."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._deliver, orders, events)

    def _roll_back(self, work: Work, error: Exception) -> None:
        """Undo a transaction; where it failed because another server writes by now, this one is told to end, once."""
        work.roll_back()
        if isinstance(error, DataDirLockedError) and not self.is_lost:
            self.is_lost = True
            log.error("database_lost", reason="another server has taken it over; this one ends")
            assert self._loop is not None
            self._loop.call_soon_threadsafe(self._on_lost)

    def _deliver(self, orders: list[Order], events: Sequence[Event]) -> None:
        if events:
            self._publish(events)
        self._intake.settle(orders)
