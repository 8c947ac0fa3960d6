"""A disk that takes no more, for a moment."""

import contextlib
import resource
import signal
from collections.abc import Iterator


@contextlib.contextmanager
def file_limit(size: int) -> Iterator[None]:
    """Limit how large a file may grow: further writing fails, as on a full disk. Pytest's own output too, so briefly."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
