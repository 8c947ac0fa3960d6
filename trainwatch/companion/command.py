"""`trainwatch run`, as it is typed."""

import os

import click

from trainwatch.client.address import check_url
from trainwatch.companion.session import run as run_session
from trainwatch.companion.wanted import DEFAULT_URL, Wanted

LONGEST_GRACE_S = 7 * 24 * 3600.0


def _checked(_context: click.Context, _option: click.Parameter, url: str) -> str:
    """Return the address of a server as it is used; refuse what is none."""
    try:
        check_url(url)
    except ValueError as error:
        raise click.BadParameter(str(error)) from error
    return url.rstrip("/")


url_option = click.option(
    "--url",
    envvar="TRAINWATCH_URL",
    default=DEFAULT_URL,
    show_default=True,
    callback=_checked,
    help="The server. A key is taken from TRAINWATCH_KEY alone.",
)


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--name", help="What the task is called.  [default: the command]")
@click.option("--gpu", help="The GPU that it runs on.")
@url_option
@click.option(
    "--grace",
    type=click.FloatRange(0, LONGEST_GRACE_S),
    default=15.0,
    show_default=True,
    help="Seconds from SIGINT to SIGTERM, and from there to SIGKILL, when it is stopped from the page.",
)
@click.option(
    "--no-log",
    "keeps_log",
    flag_value=False,
    default=True,
    help="Do not send what it prints, which is the log on its page.",
)
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def run(
    name: str | None, gpu: str | None, url: str, grace: float, *, keeps_log: bool, command: tuple[str, ...]
) -> None:
    """Run a command here and watch it on the page, as in `trainwatch run -- python train.py`.

    What it prints is read for progress and metrics. Everything else is as if it had been started without
    trainwatch: output, keys, signals and the exit code.
    """
    key = os.environ.get("TRAINWATCH_KEY")  # never an option: others can read a command line
    run_id = os.urandom(16).hex()
    run_session(Wanted(command, url, run_id, key=key, name=name, gpu=gpu, grace_s=grace, keeps_log=keeps_log))
