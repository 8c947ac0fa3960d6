"""Who wants to hear of each change."""

import logging
import threading
from collections.abc import Callable

from trainwatch.domain.tracked.progress import TaskProgress
from trainwatch.tracking.copies import copy_of

Listener = Callable[[TaskProgress], object]

log = logging.getLogger(__name__)


class Listeners:
    """The listeners of a tracker, in the order in which they came; one that is added twice is there once."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()

    def add(self, listener: Listener) -> None:
        """Call `listener` from now on."""
        with self._lock:
            if listener not in self._listeners:
                self._listeners = (*self._listeners, listener)

    def remove(self, listener: Listener) -> None:
        """Call `listener` no more; one that is not there is no mistake."""
        with self._lock:
            self._listeners = tuple(each for each in self._listeners if each != listener)

    def tell(self, progress: TaskProgress) -> None:
        """Call everybody who is there now, each with a copy of its own, no lock held; what one raises is logged."""
        for listener in self._listeners:
            try:
                listener(copy_of(progress))
            except Exception:
                log.exception("progress_listener_failed task=%r", progress.task_id)
