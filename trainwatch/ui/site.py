"""Where the built page lies, and what Reflex must be told to serve it without Node.

Imports nothing of Reflex, for it must run before Reflex is imported.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from trainwatch.errors import SettingsError
from trainwatch.working_directory import working_in

_SITE = Path(__file__).parent.parent / "_site"


def site_dir() -> Path:
    """Return the folder with the built page: `web/` as Reflex wants it, `rxconfig.py` and `csp.json`.

    Raises:
        SettingsError: If the page has not been built, which an installed wheel cannot lack.
    """
    if not (_SITE / "csp.json").is_file():
        raise SettingsError(
            "The page is not built yet: run `make build` (or `make run`) in the source folder."
        )
    return _SITE


@contextlib.contextmanager
def serving_site() -> Iterator[Path]:
    """Import the application within this, so that Reflex serves the built page; yields `site_dir()`.

    Reflex reads `rxconfig.py` from the working directory while the application is imported, and only
    then; the working directory is put back afterwards, if we may. The environment stays changed.

    Raises:
        SettingsError: If the page has not been built.
    """
    site = site_dir()
    os.environ.update(_environment(site))
    with working_in(site):
        yield site


def _environment(site: Path) -> dict[str, str]:
    return {
        "__REFLEX_SKIP_COMPILE": "1",
        "__REFLEX_MOUNT_FRONTEND_COMPILED_APP": "1",
        "REFLEX_CHECK_LATEST_VERSION": "0",
        "REFLEX_ENV_MODE": "prod",
        "REFLEX_STATE_MANAGER_MODE": "memory",  # the default writes .states/ into the working directory
        "REFLEX_TELEMETRY_ENABLED": "0",
        "REFLEX_WEB_WORKDIR": str(site / "web"),
    }
