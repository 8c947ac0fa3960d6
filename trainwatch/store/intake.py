"""What waits for the writer: gathered on the event loop, handed over in groups, taken by the writer's thread."""

import asyncio
import queue
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from trainwatch.store.work import Work

GATHER_S = 0.001
"""How long, at most, reports wait for as many as came together last time."""

Command = Callable[[Work], Any]


class Order:
    """A command, who waits for it, and what came of it; an urgent one gets room on a full disk."""

    __slots__ = ("command", "error", "future", "is_settled", "is_urgent", "result")

    def __init__(self, command: Command, future: "asyncio.Future[Any]", *, is_urgent: bool = False) -> None:
        self.command = command
        self.future = future
        self.is_urgent = is_urgent
        self.result: Any = None
        self.error: Exception | None = None
        self.is_settled = False

    def settle(self) -> None:
        """Wake whoever waits, unless they have gone."""
        self.is_settled = True
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Intake:
    """Orders on their way from the event loop to one thread, in order.

    What comes in one turn of the loop is handed over at once: to wake the thread for each would pass the
    interpreter to and fro. Those who were answered together send again together, so a turn that brings
    fewer waits a moment for the rest. Who reports alone waits at most once, after others.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._gathered: list[Order] = []
        self._together = 0
        self._handing: asyncio.Handle | None = None
        self._is_patient = False
        self._groups: queue.SimpleQueue[list[Order] | None] = queue.SimpleQueue()
        self._taken: deque[Order] = deque()
        self._is_ended = False
        self.waiting = 0
        """How many orders are not settled yet."""

    # On the event loop

    def put(self, order: Order) -> None:
        """Add an order; call it in the loop of its future."""
        self.waiting += 1
        self._gathered.append(order)
        if self._handing is None:
            self._handing = order.future.get_loop().call_soon(self._end_turn)
        elif self._is_patient and len(self._gathered) == self._together:
            self._handing.cancel()
            self._is_patient = False
            self._handing = order.future.get_loop().call_soon(self._hand_over)

    def settle(self, orders: Sequence[Order]) -> None:
        """Wake those who wait for `orders`, which were carried out together; who was woken before is left alone."""
        self._together = len(orders)
        for order in orders:
            if not order.is_settled:
                self.waiting -= 1
                order.settle()

    def end(self) -> None:
        """Hand over what is left; after it nothing comes."""
        self._hand_over()
        self._groups.put(None)

    def _end_turn(self) -> None:
        if len(self._gathered) < self._together:
            self._is_patient = True
            self._handing = asyncio.get_running_loop().call_later(GATHER_S, self._hand_over)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        if self._handing is not None:
            self._handing.cancel()
            self._handing = None
        self._is_patient = False
        if self._gathered:
            self._groups.put(self._gathered)
            self._gathered = []

    # In the writer's thread

    def take(self, at_most: int, *, timeout_s: float | None = None) -> list[Order]:
        """Return the next orders, at least one; none of them where nothing comes any more.

        Raises:
            TimeoutError: If nothing comes within `timeout_s` seconds (None: however long it takes).
        """
        if not self._taken and not self._is_ended:
            try:
                self._receive(self._groups.get(timeout=timeout_s))
            except queue.Empty:
                raise TimeoutError from None
        with suppress(queue.Empty):
            while len(self._taken) < at_most and not self._is_ended:
                self._receive(self._groups.get_nowait())
        return [self._taken.popleft() for _ in range(min(at_most, len(self._taken)))]

    def _receive(self, group: list[Order] | None) -> None:
        if group is None:
            self._is_ended = True
        else:
            self._taken += group
