"""The lines of several channels in one log, none of them continued by another channel."""

OPEN_AFTER_S = 0.25
"""How long an unfinished line waits for its end before it is shown as it is: a bar has none until it is full."""

_OPEN_BESIDE_AFTER_S = 2.0
_LONGEST_TAIL = 64 << 10


class LineMerger:
    """Puts bytes of several channels together, line by line; those of a single channel stay as they are.

    All moments are monotonic seconds. What is returned is to be appended to the log.
    """

    def __init__(self, channels: int) -> None:
        """Merge so many channels."""
        self._tails = [bytearray() for _ in range(channels)]  # unfinished lines that are not in the log yet
        self._since = [0.0] * channels
        self._open: int | None = None  # the channel whose unfinished line ends the log

    @property
    def holds(self) -> bool:
        """Whether an unfinished line waits."""
        return any(self._tails)

    def take(self, channel: int, data: bytes, now: float) -> bytes:
        """Return what the next bytes of a channel add: its finished lines, unless the log ends in an unfinished one of it."""
        if len(self._tails) == 1:
            return data
        if self._open == channel:
            return self._put(channel, data)
        tail, end = self._tails[channel], data.rfind(b"\n") + 1
        if end or not tail:
            self._since[channel] = now
        whole = b""
        if end:
            whole = bytes(tail) + data[:end]
            tail.clear()
        tail += data[end:]
        added = self._put(channel, whole)
        return added + (self._put_tail(channel) if len(tail) > _LONGEST_TAIL else b"")

    def ripe(self, now: float) -> bytes:
        """Return the unfinished lines that have waited long enough; longer where another one is open."""
        added = b""
        for channel, tail in enumerate(self._tails):
            patience_s = OPEN_AFTER_S if self._open is None else _OPEN_BESIDE_AFTER_S
            if tail and now - self._since[channel] >= patience_s:
                added += self._put_tail(channel)
        return added

    def finish(self) -> bytes:
        """Return the unfinished lines that are left."""
        return b"".join(self._put_tail(channel) for channel in range(len(self._tails)))

    def _put_tail(self, channel: int) -> bytes:
        data = bytes(self._tails[channel])
        self._tails[channel].clear()
        return self._put(channel, data)

    def _put(self, channel: int, data: bytes) -> bytes:
        if not data:
            return b""
        parting = b"" if self._open in (None, channel) else b"\n"
        self._open = None if data.endswith(b"\n") else channel
        return parting + data
