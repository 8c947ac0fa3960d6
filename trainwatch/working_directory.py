"""The working directory, which may be one that we may not enter, or that is gone."""

import contextlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def working_in(folder: Path) -> Generator[None]:
    """Work in `folder` for a moment, and then where we were, even if that was renamed or removed meanwhile.

    Where we were may be a folder that we could not enter now, as after `sudo -u`; then it is `/` from now on.
    """
    try:
        here = os.open(".", os.O_RDONLY)
    except OSError:
        here = os.open("/", os.O_RDONLY)
    try:
        os.chdir(folder)
        yield
    finally:
        with contextlib.suppress(OSError):
            os.chdir("/")
            os.fchdir(here)
        os.close(here)
