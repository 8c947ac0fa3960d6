"""From the job's output into its log."""

import select
import time

from trainwatch.supervisor.channel import Channel
from trainwatch.supervisor.log_writer import LogWriter

_AT_ONCE_BYTES = 64 << 10
_IN_A_ROW_BYTES = 1 << 20
_REST_S = 0.005
_LAST_WORDS_S = 0.1


class Output:
    """Carries bytes from the channel to the log, in large pieces where there is much, at once where there is little."""

    def __init__(self, channel: Channel, log: LogWriter) -> None:
        self.log = log
        self.is_open = True
        """Whether anything may still come."""
        self._channel = channel
        self._rest_until = 0.0

    @property
    def handle(self) -> int:
        """What becomes readable when there is something to carry."""
        return self._channel.reading

    def rest_s(self) -> float:
        """Return for how long output is better left to gather.

        So a job that prints ten thousand short lines a second wakes us two hundred times.
        """
        return self._rest_until - time.monotonic() if self.is_open else 0.0

    def carry(self) -> int:
        """Write what has been printed into the log, but not for ever, and return how much it was."""
        carried = 0
        while self.is_open and carried < _IN_A_ROW_BYTES:
            data = self._channel.read(_AT_ONCE_BYTES)
            if data is None:
                break
            self.is_open = bool(data)
            self.log.write(data)
            carried += len(data)
        if carried < _AT_ONCE_BYTES:
            self._rest_until = time.monotonic() + _REST_S
        return carried

    def finish(self) -> None:
        """Carry what is left after everybody has ended, and bring the log to the disk.

        A stranger who was handed the other end, and still prints, is not waited for.
        """
        poll = select.poll()
        poll.register(self.handle, select.POLLIN)
        left = 4 * _IN_A_ROW_BYTES
        while self.is_open and left > 0 and poll.poll(_LAST_WORDS_S * 1000):
            left -= self.carry()
        self._channel.close()
        self.log.close()
