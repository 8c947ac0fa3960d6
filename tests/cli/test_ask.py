"""The command line does the same with a server and without one, and never beside one."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from trainwatch.cli.ask import ask
from trainwatch.cli.options import open_data, settings_from
from trainwatch.console import FILE, listening
from trainwatch.domain.secret import KeyName, digest_of, read_key
from trainwatch.errors import TrainwatchError, UnavailableError
from trainwatch.settings import Settings
from trainwatch.store.engine import open_database
from trainwatch.store.lock import LOCK_FILE, owning

NOBODY = 65534


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The settings of a data directory with a new database."""
    settings = settings_from(data_dir=tmp_path / "data")
    with ExitStack() as stack:
        open_data(settings, stack)
    return settings


def actions(settings: Settings) -> list[tuple[str, str, str]]:
    """Return what the audit log says, the first line first."""
    entries = ask(settings, "GET", "/api/audit")["entries"]
    return [(entry["who"], entry["action"], entry["target"]) for entry in reversed(entries)]


def test_without_a_server_a_key_is_made_listed_and_revoked_here(settings: Settings):
    made = ask(settings, "POST", "/api/keys", {"scope": "read", "label": "cluster"})
    assert read_key(made["key"]) == KeyName(made["scope"], made["prefix"])
    (listed,) = ask(settings, "GET", "/api/keys")["keys"]
    assert (listed["id"], listed["label"], listed["revokedAt"]) == (made["id"], "cluster", None)
    assert made["key"] not in str(listed)
    ask(settings, "DELETE", f"/api/keys/{made['id']}")
    assert ask(settings, "GET", "/api/keys")["keys"][0]["revokedAt"]
    assert actions(settings) == [
        ("command line", "created key", f"key {made['id']} (cluster), scope read"),
        ("command line", "revoked key", f"key {made['id']} (cluster)"),
    ]


def test_what_is_kept_is_the_digest_and_the_folder_is_its_users_alone(settings: Settings):
    key: str = ask(settings, "POST", "/api/keys", {"scope": "admin", "label": "x"})["key"]
    files = {path: path.read_bytes() for path in settings.data_dir.iterdir() if path.is_file()}
    assert [path for path, content in files.items() if key.encode() in content] == []
    assert [path for path, content in files.items() if digest_of(key).encode() in content]
    assert settings.data_dir.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "message"),
    [
        ("POST", "/api/keys", {"scope": "owner", "label": "x"}, "scope must be one of"),
        ("POST", "/api/keys", {"scope": "read", "label": " "}, "label must be text"),
        (
            "POST",
            "/api/keys",
            {"scope": "read", "label": "x", "expiresInDays": 4_000},
            "expiresInDays must be",
        ),
        ("POST", "/api/users", {"name": "a b"}, "a name is 1 to 64"),
        ("POST", "/api/users", {"name": "owner"}, "there is a user owner already"),
        ("POST", "/api/users", {"name": "bob", "password": "short"}, "10 to 1000 characters"),
        ("DELETE", "/api/users/owner", None, "the owner cannot be removed"),
        ("DELETE", "/api/users/nobody", None, "there is no user nobody"),
        ("DELETE", "/api/keys/7", None, "there is no key 7"),
        ("DELETE", "/api/sessions/7", None, "there is no session 7"),
        ("DELETE", "/api/users/a%2Fb", None, "there is no such address"),
        ("GET", "/api/nothing", None, "there is no such address"),
    ],
)
def test_a_refusal_is_told_in_words_and_changes_nothing(
    settings: Settings, method: str, path: str, body: dict[str, Any] | None, message: str
):
    with pytest.raises(TrainwatchError, match=message):
        ask(settings, method, path, body)
    assert actions(settings) == []


def test_a_name_may_hold_what_an_address_writes_otherwise(settings: Settings):
    ask(settings, "POST", "/api/users", {"name": "ann@example.org"})
    ask(settings, "POST", "/api/users/ann%40example.org/password", {"password": None})
    ask(settings, "DELETE", "/api/users/ann%40example.org")
    assert [user["name"] for user in ask(settings, "GET", "/api/users")["users"]] == ["owner"]


def test_the_data_is_let_go_of_after_each_request(settings: Settings):
    for _ in range(3):
        ask(settings, "GET", "/api/users")
    with owning(open_database(settings.database_location), settings.data_dir):
        pass


def test_who_owns_the_data_without_answering_is_not_pushed_aside(settings: Settings):
    ask(settings, "GET", "/api/users")
    with owning(open_database(settings.database_location), settings.data_dir):
        before = (settings.data_dir / "trainwatch.db").read_bytes()
        with pytest.raises(TrainwatchError, match="another TrainWatch server"):
            ask(settings, "POST", "/api/keys", {"scope": "admin", "label": "beside"})
        assert (settings.data_dir / "trainwatch.db").read_bytes() == before
    assert actions(settings) == []


def test_a_link_is_of_a_server_that_runs(tmp_path: Path):
    settings = settings_from(data_dir=tmp_path / "unused")
    with pytest.raises(UnavailableError, match="no server runs"):
        ask(settings, "POST", "/api/links", {}, only_running=True)
    assert not settings.data_dir.exists()


@contextmanager
def as_somebody_else(folder: Path) -> Iterator[None]:
    """Be a user whom `folder` is closed to."""
    if os.geteuid() != 0:
        folder.chmod(0)
        yield
        folder.chmod(0o700)
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("only_running", [True, False])
def test_the_data_of_another_user_is_said_to_be_so(settings: Settings, *, only_running: bool):
    with (
        listening(settings.data_dir),
        as_somebody_else(settings.data_dir),
        pytest.raises(UnavailableError, match="is another user's; run this as"),
    ):
        ask(settings, "GET", "/api/keys", only_running=only_running)


def test_a_server_that_hangs_up_is_not_mistaken_for_none(tmp_path: Path):
    settings = settings_from(data_dir=tmp_path / "data")
    settings.data_dir.mkdir(mode=0o700)
    with listening(settings.data_dir) as listener:
        listener.listen()
        listener.settimeout(20)
        program = "import sys; from trainwatch.cli import main; main()"
        command = [sys.executable, "-c", program, "key", "list", "--data-dir", str(settings.data_dir)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as asking:
            listener.accept()[0].close()
            _, complaint = asking.communicate(timeout=20)
    assert asking.returncode == 1
    assert re.fullmatch(rb"Error: the server that runs did not answer: .+\n", complaint)
    assert not (settings.data_dir / LOCK_FILE).exists()
    assert not (settings.data_dir / FILE).exists()
