"""`trainwatch sync`, as it is typed."""

import os
from collections import Counter
from contextlib import closing

import click

from trainwatch.client.delivery import Delivery
from trainwatch.client.spool_file import SpoolFolder, address_of
from trainwatch.companion.backlog import deliver_to
from trainwatch.companion.command import url_option
from trainwatch.companion.keeping import unsent_folder
from trainwatch.companion.words import counted


@click.command()
@url_option
def sync(url: str) -> None:
    """Send what earlier commands could not report, because the server was away.

    The exit code is 0 if nothing waits for that server any more.
    """
    delivery = None
    try:
        for delivery in deliver_to(url, os.environ.get("TRAINWATCH_KEY")):
            _tell(delivery)
    except OSError as error:
        raise click.ClickException(f"what waits cannot be written: {error}") from error
    if delivery is None:
        click.echo(f"nothing waits for {url}")
    waiting = _waiting()
    for other in sorted(waiting.keys() - {address_of(url)}):
        click.echo(
            f"reports of {counted(waiting[other], 'command')} wait for {other}: trainwatch sync --url {other}"
        )
    if delivery is not None and delivery.hindrance is not None:
        raise click.ClickException(f"{url} takes no more: {delivery.hindrance}")


def _tell(delivery: Delivery) -> None:
    unsent = delivery.unsent
    if delivery.delivered:
        reports, points = counted(delivery.delivered, "report"), counted(unsent.points, "point")
        click.echo(
            f"{unsent.name}: sent {reports}" + (f" with {points}" if delivery.hindrance is None else "")
        )
    if delivery.refused:
        click.echo(
            f"{unsent.name}: {counted(delivery.refused, 'report')} refused, and set aside in {unsent_folder()}"
        )


def _waiting() -> Counter[str]:
    """Return how many files wait for each server."""
    waiting: Counter[str] = Counter()
    for file in SpoolFolder(unsent_folder()).waiting():
        with closing(file):
            unsent = file.read()
        if unsent is not None:
            waiting[unsent.url] += 1
    return waiting
