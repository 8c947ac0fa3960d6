"""`trainwatch doctor`."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from trainwatch.cli.options import in_words, serving_options, settings_from, utc_now
from trainwatch.settings import Settings

if TYPE_CHECKING:
    from trainwatch.cli.checks.finding import Finding

_COLOURS = {"ok": "green", "note": "yellow", "problem": "red"}


@click.command()
@serving_options
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@in_words
def doctor(*, as_json: bool, require_sign_in: bool, **given: Any) -> None:
    """Look whether all is well; changes nothing. Ends with 1 if there is a problem."""
    findings = list(_examine(settings_from(**given, require_sign_in=require_sign_in or None)))
    is_well = all(each.mark != "problem" for each in findings)
    if as_json:
        checks = [
            {"mark": each.mark, "name": each.name, "found": each.found, "advice": each.advice}
            for each in findings
        ]
        click.echo(json.dumps({"ok": is_well, "checks": checks}, indent=2))
    else:
        _print(findings)
    sys.exit(0 if is_well else 1)


def _examine(settings: Settings) -> Iterator["Finding"]:
    from trainwatch.cli.checks.access import check_access  # noqa: PLC0415 - heavy imports wait until they are needed
    from trainwatch.cli.checks.database import check_database  # noqa: PLC0415
    from trainwatch.cli.checks.folder import check_folder  # noqa: PLC0415
    from trainwatch.cli.checks.machine import (  # noqa: PLC0415
        about_clock,
        about_gpus,
        check_open_files,
        check_programs,
    )
    from trainwatch.cli.checks.server import check_port, check_server  # noqa: PLC0415
    from trainwatch.cli.checks.service import check_service  # noqa: PLC0415
    from trainwatch.gpu.driver import read_driver  # noqa: PLC0415

    yield from check_programs()
    server, is_serving = check_server(settings)
    yield from check_folder(settings, is_serving=is_serving)
    database = check_database(settings, utc_now())
    yield from database.findings
    yield server
    yield from check_service(settings)
    yield check_port(settings, cookie=database.cookie, is_serving=is_serving)
    yield from check_access(settings, has_credential=database.has_credential)
    yield about_clock(utc_now(), database.examination)
    yield check_open_files()
    yield about_gpus(read_driver())


def _print(findings: "list[Finding]") -> None:
    width = max(len(each.name) for each in findings)
    for each in findings:
        mark = click.style(f"{each.mark:<7}", fg=_COLOURS[each.mark])
        click.echo(f"{mark}  {each.name:<{width}}  {each.found}")
        if each.advice is not None:
            click.echo(f"{'':<7}  {'':<{width}}  → {each.advice}")
