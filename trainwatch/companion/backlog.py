"""What earlier commands could not report, sent while this one runs, or by `trainwatch sync`."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

from trainwatch.client.delivery import Delivery, deliver
from trainwatch.client.hook import Hook
from trainwatch.client.spool_file import SpoolFolder, address_of
from trainwatch.companion.keeping import unsent_folder


def deliver_to(url: str, key: str | None) -> Iterator[Delivery]:
    """Send what waits for the server at `url`, the oldest first, and yield what became of each file.

    It ends where the server does not take something. What waits for another server stays: `key` is none of its.

    Raises:
        OSError: If a file cannot be written.
    """
    address = address_of(url)
    with closing(Hook(url, key)) as hook:
        for file in SpoolFolder(unsent_folder()).waiting():
            with closing(file):
                unsent = file.read()
                if unsent is None or unsent.url != address:
                    continue
                delivery = deliver(file, unsent, hook)
            yield delivery
            if delivery.hindrance is not None:
                return


class Backlog:
    """Sends what waits from a thread of its own, once there is a server that takes reports."""

    def __init__(self, url: str, key: str | None) -> None:
        """Send to the server at `url`."""
        self._to = (url, key)
        self._thread = threading.Thread(target=self._run, name="backlog", daemon=True)
        self.refused = 0
        """How many reports the server refused."""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def finish(self, seconds: float, is_impatient: Callable[[], bool]) -> None:
        """Wait until all is sent, `seconds` at most or until somebody is impatient; the rest waits on."""
        until = time.monotonic() + seconds
        while self._thread.is_alive() and time.monotonic() < until and not is_impatient():
            self._thread.join(0.05)

    def _run(self) -> None:
        try:
            for delivery in deliver_to(*self._to):
                self.refused += delivery.refused
        except OSError:
            return  # the disk: trainwatch sync will say so
