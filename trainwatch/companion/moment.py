"""What several channels printed at the same moment, in the order that is most likely."""

from collections.abc import Iterator, Mapping


def in_order(came: Mapping[int, bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield what came on each channel; what was printed first on one of them is not known.

    Where a bar ends, that is told before the lines of other channels, and the next bar after them: a loop names its epoch
    between two bars.
    """
    if len(came) == 1:
        yield from came.items()
        return
    ends = {channel: _end_of_bar(data) for channel, data in came.items()}
    bars = [channel for channel in came if ends[channel]]
    for channel in bars:
        yield channel, came[channel][: ends[channel]]
    for channel in (*(channel for channel in came if not ends[channel]), *bars):
        if rest := came[channel][ends[channel] :]:
            yield channel, rest


def _end_of_bar(data: bytes) -> int:
    """Return where the first bar in `data` ends, or stands; 0 if there is none."""
    return 0 if b"\r" not in data else data.find(b"\n") + 1 or len(data)
