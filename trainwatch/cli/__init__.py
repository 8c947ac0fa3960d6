"""`trainwatch serve · run · sync · login-link · key · user · session · doctor · export · backup · restore · migrate`."""

import click

from trainwatch import __version__
from trainwatch.cli.access import key, login_link, session, user
from trainwatch.cli.data import backup, export, migrate, restore
from trainwatch.cli.doctor import doctor
from trainwatch.cli.serve import serve
from trainwatch.companion.command import run
from trainwatch.companion.sync import sync


@click.group()
@click.version_option(__version__, prog_name="trainwatch")
def main() -> None:
    """Watch training, live."""


for command in (serve, run, sync, login_link, key, user, session, doctor, export, backup, restore, migrate):
    main.add_command(command)
