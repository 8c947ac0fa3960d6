"""What the server stands on: Python and packages, the built page, GPUs, the clock, open files."""

import platform
import resource
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import metadata

from trainwatch import __version__
from trainwatch.cli.checks.finding import Finding, note, ok, problem
from trainwatch.errors import SettingsError
from trainwatch.gpu.driver import Card, Driver, NoDriver
from trainwatch.server import MOST_FILES
from trainwatch.store.examination import Examination
from trainwatch.ui.site import site_dir

_PACKAGES = ("reflex", "sqlalchemy", "uvicorn", "uvloop", "websockets", "psycopg")
_TOLERANCE = timedelta(seconds=5)


def check_programs() -> Iterator[Finding]:
    """Yield the versions of what runs, and whether the page is there."""
    yield ok(
        "trainwatch", f"{__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}"
    )
    yield ok("packages", ", ".join(f"{name} {version}" for name, version in _versions().items()))
    try:
        yield ok("page", f"built, in {site_dir()}")
    except SettingsError:
        yield problem("page", "not built", "run `make build` (or `make run`) in the source folder")


def about_gpus(driver: Driver | NoDriver) -> Finding:
    """Return what is to be said of the GPUs."""
    if isinstance(driver, NoDriver):
        if driver.is_broken:
            advice = "nvidia-smi should say the same; after an update of the driver, restart the machine"
            return note("GPUs", f"the NVIDIA driver does not work: {driver.reason}", advice)
        return ok("GPUs", f"{driver.reason}; GPU cards show what reports say")
    cards = ", ".join(map(_in_words, driver.cards)) or "no GPU"
    return ok("GPUs", f"{cards}; NVIDIA driver {driver.version}")


def about_clock(now: datetime, examination: Examination | None) -> Finding:
    """Return whether the clock agrees with what the database knows of time."""
    advice = "set the clock: timedatectl set-ntp true"
    latest_at = examination.latest_at if examination else None
    clock_at = examination.clock_at if examination else None
    if latest_at is not None and latest_at - now > _TOLERANCE:
        found = f"{now:%Y-%m-%d %H:%M:%S} UTC, before the newest row ({latest_at:%Y-%m-%d %H:%M:%S})"
        return problem("clock", found, advice)
    if clock_at is not None and abs(clock_at - now) > _TOLERANCE:
        return note("clock", f"{abs(clock_at - now).total_seconds():.0f} s from that of PostgreSQL", advice)
    return ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def check_open_files() -> Finding:
    """Return how many files, and so connections, the server may have open."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if most != resource.RLIM_INFINITY and most < MOST_FILES:
        advice = f"raise the hard limit to {MOST_FILES} (ulimit -Hn, or LimitNOFILE of the service)"
        return note("open files", f"at most {most}, and each connection is one", advice)
    return ok("open files", f"the server raises the limit to {MOST_FILES} by itself")


def _versions() -> dict[str, str]:
    versions: dict[str, str] = {}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _in_words(card: Card) -> str:
    return f"{card.name} (split: MIG mode)" if card.is_split else card.name
