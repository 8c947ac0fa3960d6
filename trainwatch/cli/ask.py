"""The API, asked by the command line: of the server that runs, or, where none does, right here."""

import asyncio
import json
from contextlib import ExitStack
from typing import Any, cast

import click

from trainwatch.cli.options import open_data, utc_now
from trainwatch.client.exchange import FAILURES, exchange
from trainwatch.console import Console
from trainwatch.errors import TrainwatchError, UnavailableError
from trainwatch.settings import Settings

_PATIENCE_S = 30.0
_MOST_BYTES = 64 << 20
"""How long an answer may be: the keys, users and sessions of a server are less."""


def ask(
    settings: Settings,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    only_running: bool = False,
) -> dict[str, Any]:
    """Return what the API answers to whoever may do everything.

    Without a server this process takes its place for a moment, lock and all, unless `only_running`.

    Raises:
        TrainwatchError: If the request is refused, if the data is another user's, or if `only_running` and
            no server runs.
    """
    console = Console(settings.data_dir)
    try:
        console.connect()
    except PermissionError as error:
        raise UnavailableError(
            f"{settings.data_dir} is another user's; run this as the user that the server runs as"
        ) from error
    except OSError as error:
        if only_running:
            raise UnavailableError(
                f"no server runs on {settings.data_dir}; start one: trainwatch serve"
            ) from error
        status, content = _answer_here(settings, method, path, body)
    else:
        status, content = _answer_there(console, method, path, body)
    if content.get("written") is False:
        click.echo(f"note: {content['message']}", err=True)
    if status >= 400:
        raise TrainwatchError(content["error"]["message"], field=content["error"]["field"])
    return content


def _answer_there(
    console: Console, method: str, path: str, body: dict[str, Any] | None
) -> tuple[int, dict[str, Any]]:
    request = (method, path, json.dumps(body or {}).encode(), {"Content-Type": "application/json"})
    try:
        answer = exchange(console, request, patience_s=_PATIENCE_S, most_bytes=_MOST_BYTES)
        content = json.loads(answer.body)
        if not isinstance(content, dict) or (answer.status >= 400 and "error" not in content):
            raise UnavailableError(
                f"something else than a server has its socket: it answered HTTP {answer.status}"
            )
        return answer.status, cast("dict[str, Any]", content)
    except (*FAILURES, RecursionError) as error:
        raise UnavailableError(f"the server that runs did not answer: {error}") from error
    finally:
        console.close()


def _answer_here(
    settings: Settings, method: str, path: str, body: dict[str, Any] | None
) -> tuple[int, dict[str, Any]]:
    from trainwatch.cli.stand_in import StandIn  # noqa: PLC0415 - heavy imports wait until they are needed

    with ExitStack() as stack:
        stand_in = StandIn(open_data(settings, stack, may_make=False), settings, clock=utc_now)
        return asyncio.run(stand_in.answer(method, path, json.dumps(body or {}).encode()))
