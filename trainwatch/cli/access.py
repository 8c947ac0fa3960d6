"""`trainwatch login-link · key · user · session`: who may come in."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

import click

from trainwatch.cli.ask import ask
from trainwatch.cli.options import in_words, settings_from, storage_options
from trainwatch.domain.credential import Scope
from trainwatch.domain.text import as_line

_SCOPE = click.Choice([scope.value for scope in Scope])


@click.command("login-link")
@click.option("--user", "name", default="owner", show_default=True, help="Who signs in with it.")
@click.option("--url", help="The address at which people reach the server.  [default: the server's own]")
@storage_options
@in_words
def login_link(name: str, url: str | None, data_dir: Path | None, database: str | None) -> None:
    """Print a one-time sign-in link.

    It is of the server that runs, and good for ten minutes.
    """
    settings = settings_from(data_dir=data_dir, database=database)
    answer = ask(settings, "POST", "/api/links", {"user": name}, only_running=True)
    click.echo(url.rstrip("/") + answer["path"] if url else answer["url"])


@click.group()
def key() -> None:
    """Keys for programs."""


@key.command("create")
@click.option("--scope", type=_SCOPE, required=True, help="How far it reaches.")
@click.option("--label", required=True, help="What it is for, in your words.")
@click.option("--expires-in-days", type=click.IntRange(min=1), help="When it ends.  [default: never]")
@storage_options
@in_words
def create_key(
    scope: str, label: str, expires_in_days: int | None, data_dir: Path | None, database: str | None
) -> None:
    """Make a key and print it, this once."""
    settings = settings_from(data_dir=data_dir, database=database)
    wanted = {"scope": scope, "label": label, "expiresInDays": expires_in_days}
    click.echo(ask(settings, "POST", "/api/keys", wanted)["key"])


@key.command("list")
@storage_options
@in_words
def list_keys(data_dir: Path | None, database: str | None) -> None:
    """List the keys, without their secrets."""
    answer = ask(settings_from(data_dir=data_dir, database=database), "GET", "/api/keys")
    _print_table(
        ("ID", "SCOPE", "LABEL", "PREFIX", "MADE BY", "CREATED", "LAST USED", "ENDS"),
        (
            (
                str(each["id"]),
                each["scope"],
                each["label"],
                each["prefix"],
                each["createdBy"],
                _day(each["createdAt"]),
                _day(each["lastUsedAt"]),
                "revoked" if each["revokedAt"] else _day(each["expiresAt"]),
            )
            for each in answer["keys"]
        ),
    )


@key.command("revoke")
@click.argument("key_id", type=int)
@storage_options
@in_words
def revoke_key(key_id: int, data_dir: Path | None, database: str | None) -> None:
    """End a key, at once."""
    ask(settings_from(data_dir=data_dir, database=database), "DELETE", f"/api/keys/{key_id}")
    click.echo(f"key {key_id} is revoked")


@click.group()
def user() -> None:
    """People who may sign in."""


@user.command("add")
@click.argument("name")
@click.option("--scope", type=_SCOPE, default="operate", show_default=True, help="What the user may do.")
@click.option("--no-password", is_flag=True, help="Let the user in by sign-in links only.")
@storage_options
@in_words
def add_user(
    name: str, scope: str, *, no_password: bool, data_dir: Path | None, database: str | None
) -> None:
    """Add a person; asks for a password."""
    settings = settings_from(data_dir=data_dir, database=database)
    password = None if no_password else _new_password()
    ask(settings, "POST", "/api/users", {"name": name, "scope": scope, "password": password})
    click.echo(f"{name} may sign in")


@user.command("password")
@click.argument("name")
@storage_options
@in_words
def change_password(name: str, data_dir: Path | None, database: str | None) -> None:
    """Set a user's password; signs the user out everywhere."""
    settings = settings_from(data_dir=data_dir, database=database)
    ask(settings, "POST", f"/api/users/{quote(name, safe='')}/password", {"password": _new_password()})
    click.echo(f"{name} has a new password")


@user.command("list")
@storage_options
@in_words
def list_users(data_dir: Path | None, database: str | None) -> None:
    """List the people who may sign in."""
    answer = ask(settings_from(data_dir=data_dir, database=database), "GET", "/api/users")
    _print_table(
        ("NAME", "SCOPE", "SIGNS IN BY", "SINCE"),
        (
            (
                each["name"],
                each["scope"],
                "password or link" if each["hasPassword"] else "link",
                _day(each["createdAt"]),
            )
            for each in answer["users"]
        ),
    )


@user.command("remove")
@click.argument("name")
@storage_options
@in_words
def remove_user(name: str, data_dir: Path | None, database: str | None) -> None:
    """Let a user in no more; signs the user out everywhere."""
    ask(settings_from(data_dir=data_dir, database=database), "DELETE", f"/api/users/{quote(name, safe='')}")
    click.echo(f"{name} is removed")


@click.group()
def session() -> None:
    """Browsers that are signed in."""


@session.command("list")
@storage_options
@in_words
def list_sessions(data_dir: Path | None, database: str | None) -> None:
    """List the browsers that are signed in."""
    answer = ask(settings_from(data_dir=data_dir, database=database), "GET", "/api/sessions")
    _print_table(
        ("ID", "USER", "ADDRESS", "SIGNED IN", "LAST SEEN", "BROWSER"),
        (
            (
                str(each["id"]),
                each["user"],
                each["address"] or "",
                _day(each["createdAt"]),
                _day(each["lastSeenAt"]),
                each["browser"] or "",
            )
            for each in answer["sessions"]
        ),
    )


@session.command("revoke")
@click.argument("session_id", type=int, required=False)
@click.option("--all", "everybody", is_flag=True, help="Sign everybody out.")
@storage_options
@in_words
def revoke_session(
    session_id: int | None, *, everybody: bool, data_dir: Path | None, database: str | None
) -> None:
    """Sign one browser out, or all."""
    if everybody is (session_id is not None):
        raise click.UsageError("name a session, or all with --all")
    settings = settings_from(data_dir=data_dir, database=database)
    ask(settings, "DELETE", "/api/sessions" if everybody else f"/api/sessions/{session_id}")
    click.echo("everybody is signed out" if everybody else f"session {session_id} is signed out")


def _new_password() -> str:
    from trainwatch.door.passwords import SHORTEST  # noqa: PLC0415 - heavy imports wait until they are needed

    password: str = click.prompt(
        f"Password, of {SHORTEST} characters or more", hide_input=True, confirmation_prompt=True
    )
    return password


def _day(at: str | None) -> str:
    """Return a time of the API as people read it, in UTC."""
    return "" if at is None else at[:16].replace("T", " ")


def _print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows below their heads; what browsers and people sent must not command the terminal."""
    lines = [head, *([as_line(text) for text in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        click.echo("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
