"""The way of changes to their keeper: one thread, in order, again and again until they are there."""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from itertools import islice

from trainwatch.domain.tracked.change import Change
from trainwatch.errors import TrainwatchError, UnavailableError
from trainwatch.tracking.keeper import Keeper, Kept, Outcome

MOST_AT_ONCE = 500

SHORTEST_REST_S = 0.1
LONGEST_REST_S = 5.0

log = logging.getLogger(__name__)


class Order:
    """A change on its way. Whoever brought it waits until it is durable, or until it is known to take longer."""

    __slots__ = ("_may_go", "change", "error", "is_let_go")

    def __init__(self, change: Change) -> None:
        """Carry `change`."""
        self.change = change
        self.error: TrainwatchError | None = None
        self.is_let_go = False
        """Whether nobody waits any more, in good faith that the change will be kept."""
        self._may_go = threading.Event()

    def let_go(self) -> None:
        """Let whoever waits go on; the change stays on its way."""
        self.is_let_go = True
        self._may_go.set()

    def settle(self, error: TrainwatchError | None) -> None:
        """Tell whoever waits what became of it."""
        self.error = error
        self._may_go.set()

    def wait(self) -> None:
        """Wait until it is durable, or on its way for longer.

        Raises:
            TrainwatchError: If it was refused.
        """
        self._may_go.wait()
        if self.error is not None:
            raise self.error


class Courier:
    """Brings changes to a keeper, in the order in which they came.

    What nobody waits for any more is never given up for a keeper that cannot be reached or lets nobody in; it
    takes memory until then. `on_outcome` is called with what became of each change, and of which task it was,
    before whoever waits for it hears of it; it must not wait for anything.
    """

    def __init__(self, keeper: Keeper, *, on_outcome: Callable[[str, Outcome], None]) -> None:
        """Start a thread that brings changes to `keeper`."""
        self._keeper = keeper
        self._on_outcome = on_outcome
        self._orders: deque[Order] = deque()
        self._of_task: Counter[str] = Counter()
        self._changed = threading.Condition()
        self._failures = 0
        self._not_before = 0.0
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="trainwatch-courier", daemon=True)
        self._thread.start()

    def send(self, change: Change) -> Order:
        """Put `change` on its way; wait for the order that is returned.

        Raises:
            UnavailableError: If the courier has been closed.
        """
        order = Order(change)
        with self._changed:
            if self._is_closing:
                raise UnavailableError("this tracker is closed; make another one")
            self._orders.append(order)
            self._of_task[change.task_id] += 1
            if self._failures:
                order.let_go()
            self._changed.notify_all()
        return order

    def is_waiting(self, task_id: str) -> bool:
        """Whether changes of the task are on their way."""
        with self._changed:
            return self._of_task[task_id] > 0

    def finish_task(self, task_id: str) -> bool:
        """Wait until no change of the task is on its way, and say so; False as soon as the keeper cannot be reached."""
        with self._changed:
            self._changed.wait_for(lambda: not self._of_task[task_id] or self._failures or self._is_closing)
            return not self._of_task[task_id]

    def flush(self, timeout_s: float) -> int:
        """Wait until nothing is on its way, `timeout_s` at most; return how many changes still are."""
        with self._changed:
            self._changed.wait_for(lambda: not self._orders, timeout_s)
            return len(self._orders)

    def close(self) -> int:
        """End the thread after what it is doing now; return how many changes were not kept."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()
        self._thread.join()
        with self._changed:
            for (
                order
            ) in self._orders:  # each alone is not worth a line: whoever closes tells how many they are
                self._settle(
                    order, UnavailableError("the tracker was closed before this could be kept"), is_told=False
                )
            return len(self._orders)

    def _run(self) -> None:
        while batch := self._next():
            try:
                outcomes = self._keeper.keep([order.change for order in batch])
            except UnavailableError as error:
                self._missed(error)
            except TrainwatchError as error:
                self._turned_away(error)
            except Exception as error:
                log.exception("progress_delivery_failed")
                self._missed(error)
            else:
                self._delivered(outcomes)

    def _next(self) -> list[Order]:
        """Wait until something is to be sent, and return it; it stays where it is. Nothing means the end."""
        with self._changed:
            while not self._is_closing:
                rest_s = self._not_before - time.monotonic()
                if self._orders and rest_s <= 0:
                    return list(islice(self._orders, MOST_AT_ONCE))
                self._changed.wait(rest_s if self._orders else None)
            return []

    def _delivered(self, outcomes: Sequence[Outcome]) -> None:
        """Tell what became of the first orders."""
        with self._changed:
            if self._failures:
                log.warning("progress_saved_again failures=%d", self._failures)
            self._failures = 0
            for outcome in outcomes:
                self._settle(self._orders.popleft(), outcome)
            self._changed.notify_all()

    def _settle(self, order: Order, outcome: Outcome, *, is_told: bool = True) -> None:
        task_id = order.change.task_id
        self._of_task[task_id] -= 1
        if not self._of_task[task_id]:
            del self._of_task[task_id]
        self._on_outcome(task_id, outcome)
        if isinstance(outcome, Kept):
            order.settle(None)
            return
        if order.is_let_go and is_told:
            log.error("progress_refused task=%r kind=%s reason=%s", task_id, order.change.kind, outcome)
        order.settle(outcome)

    def _turned_away(self, error: TrainwatchError) -> None:
        """Give those orders back that somebody waits for; the others are kept until the keeper thinks better."""
        with self._changed:
            waited_for = [order for order in self._orders if not order.is_let_go]
            self._orders = deque(order for order in self._orders if order.is_let_go)
            for order in waited_for:
                self._settle(order, error)
            self._changed.notify_all()
            is_anything_left = bool(self._orders)
        if is_anything_left:
            self._missed(error)

    def _missed(self, error: Exception) -> None:
        """Try again after a while, and let everybody go who waits."""
        with self._changed:
            rest_s = min(LONGEST_REST_S, SHORTEST_REST_S * 2 ** min(self._failures, 10))
            self._failures += 1
            self._not_before = time.monotonic() + rest_s
            if self._failures.bit_count() == 1:  # less and less often
                log.warning("progress_not_saved waiting=%d reason=%s", len(self._orders), error)
            for order in self._orders:
                order.let_go()
            self._changed.notify_all()
