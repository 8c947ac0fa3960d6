"""`trainwatch serve`."""

import sys
from contextlib import ExitStack, suppress
from typing import Any

import click

from trainwatch import __version__
from trainwatch.cli.browser import open_page
from trainwatch.cli.options import (
    in_words,
    on_same_data,
    open_data,
    place_of,
    serving_options,
    settings_from,
    utc_now,
)
from trainwatch.errors import SettingsError
from trainwatch.settings import Settings, addresses_of


@click.command()
@serving_options
@click.option(
    "--link/--no-link",
    "print_link",
    default=None,
    help="Print a sign-in link, or none.  [default: to a terminal only]",
)
@click.option("--no-browser", is_flag=True, help="Do not open the page in a browser.")
@in_words
def serve(*, no_browser: bool, require_sign_in: bool, **given: Any) -> None:
    """Serve page, API and websocket on one port."""
    settings = settings_from(
        **given, browser=False if no_browser else None, require_sign_in=require_sign_in or None
    )
    with ExitStack() as stack:
        from trainwatch.console import listening  # noqa: PLC0415 - heavy imports wait until they are needed
        from trainwatch.server import listen, run  # noqa: PLC0415

        socket = stack.enter_context(listen(settings.host, settings.port))
        database = open_data(settings, stack)
        _require_credential(database, settings)
        console = stack.enter_context(listening(settings.data_dir))
        addresses = addresses_of(settings, socket.getsockname()[1])
        _say(f"TrainWatch {__version__}\n  page     {addresses.public}/\n  data     {place_of(settings)}")

        def on_ready(link: str) -> None:
            with suppress(OSError):  # nobody reads any more, as after `| head`: the server serves on
                _say(_way_in(link, settings))
            if settings.browser:
                open_page(link, stack, settings.data_dir)

        run(database, settings, [socket, console], addresses=addresses, on_ready=on_ready)


def _say(words: str) -> None:
    click.echo(words)
    sys.stdout.flush()


def _way_in(link: str, settings: Settings) -> str:
    """Return how to sign in; what does not go to a terminal may be kept in a journal that many can read."""
    command = on_same_data("trainwatch login-link", settings)
    if sys.stdout.isatty() if settings.print_link is None else settings.print_link:
        return f"  sign in  {link}\n           one use, within 10 minutes; another: {command}"
    return f"  sign in  {command}"


def _require_credential(database: Any, settings: Settings) -> None:
    """Let a server that others can reach start only if somebody could sign in; offer to make a key.

    Raises:
        SettingsError: If there is no credential.
    """
    if not settings.is_open:
        return
    from trainwatch.domain.audit import CONSOLE  # noqa: PLC0415
    from trainwatch.domain.credential import Scope  # noqa: PLC0415
    from trainwatch.door.founding import load_keyring  # noqa: PLC0415
    from trainwatch.services.keys import create_key  # noqa: PLC0415
    from trainwatch.store.writer import run_once  # noqa: PLC0415

    if load_keyring(database, utc_now()).has_credential(utc_now()):
        return
    others = f"on {settings.host}" if not settings.names else f"as {', '.join(settings.names)}"
    if not sys.stdin.isatty():
        raise SettingsError(
            f"refusing to serve {others}: others could reach this server, and there is no credential yet. Make one: "
            f"`{on_same_data('trainwatch key create --scope admin --label NAME', settings)}` or "
            f"`{on_same_data('trainwatch user add NAME', settings)}`",
            field="host",
        )
    click.echo(
        f"You are about to serve {others}, where others can reach it. Everybody will need a sign-in or a key."
    )
    click.confirm("There is none yet. Make a key for administrators now?", default=True, abort=True)
    _, text = run_once(
        database, lambda work: create_key(work, CONSOLE, scope=Scope.ADMIN, label="first key"), now=utc_now()
    )
    click.echo(f"\n  {text}\n\nIt is shown this once; keep it in a safe place.\n")
