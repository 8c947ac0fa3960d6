"""Who may come where a server is put: on this machine, on all addresses, under a name, behind a proxy."""

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.server import Server, free_port, serving
from tests.plugins.visitors import Visitors, prepare
from tests.plugins.wire import address_of, get, post
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from
from trainwatch.console import FILE, Console
from trainwatch.domain.credential import Scope

TRUSTED = ["--trust-proxy", "127.0.0.1"]
PROXY = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": "https"}
OPEN = {
    "on every address": ["--host", "0.0.0.0"],
    "under a name": ["--allow-host", "lab.example"],
}


def run(data_dir: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run our command line without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "trainwatch", *arguments, "--data-dir", str(data_dir)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **environment},
    )


def owner(server: Server, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Do what the command line of the server's machine does."""
    return ask(settings_from(data_dir=server.data_dir), method, path, body)


@pytest.mark.usefixtures("built_page")
@pytest.mark.parametrize("how", OPEN)
def test_a_server_that_others_could_reach_does_not_start_without_a_credential_and_says_how(
    tmp_path: Path, how: str
):
    done = run(tmp_path / "data", "serve", "--port", "0", "--no-browser", *OPEN[how])
    assert (done.returncode, done.stdout) == (1, "")
    why = done.stderr.splitlines()[-1]
    assert why.startswith("Error: refusing to serve ")
    assert "trainwatch key create --scope admin --label NAME" in why
    assert "trainwatch user add NAME" in why
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("built_page")
def test_what_lets_nobody_in_is_no_credential(tmp_path: Path):
    settings = settings_from(data_dir=tmp_path / "data")
    prepare(settings.data_dir)
    with closing(sqlite3.connect(settings.database_path)) as connection:
        for table in ("api_keys", "sessions"):
            connection.execute(f"UPDATE {table} SET expires_at = '2026-01-01 00:00:00.000000'")
        connection.commit()
    done = run(settings.data_dir, "serve", "--port", "0", "--no-browser", TRAINWATCH_HOST="0.0.0.0")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: refusing to serve on 0.0.0.0")


@pytest.mark.parametrize("how", ["on every address", "under a name"])
def test_with_a_credential_it_starts_and_who_shows_nothing_may_nothing_from_here_either(
    built_page: Path, tmp_path: Path, how: str
):
    run(tmp_path / "data", "migrate")
    made = run(tmp_path / "data", "key", "create", "--scope", "operate", "--label", "first")
    key = made.stdout.strip()
    with serving(tmp_path / "data", *OPEN[how]) as server:
        for host in ("127.0.0.1", "localhost"):
            assert get(server.url, "/api/tasks", host=host).status == 401
            assert post(server.url, {"taskName": "x"}, host=host).status == 401
            assert get(server.url, "/", host=host).status == 401
            assert get(server.url, "/sign-in", host=host).status == 200
            assert get(server.url, "/api/tasks", host=host, x_api_key=key).status == 200
        assert get(server.url, "/api/tasks", host="evil.example", x_api_key=key).status == 403
        known = {"on every address": "192.0.2.7", "under a name": "Lab.example."}[how]
        other = {"on every address": "lab.example", "under a name": "192.0.2.7"}[how]
        assert get(server.url, "/api/tasks", host=f"{known}:8080", x_api_key=key).status == 200
        assert get(server.url, "/api/tasks", host=f"{known}:8080").status == 401
        assert get(server.url, "/api/tasks", host=other, x_api_key=key).status == 403
        own = {"host": known, "origin": f"https://{known}"}
        assert post(server.url, {"taskName": "x"}, x_api_key=key, **own).status == 200


def test_a_server_that_requires_a_sign_in_lets_nobody_in_even_on_this_machine(
    built_page: Path, tmp_path: Path
):
    with serving(tmp_path / "data", environment={"TRAINWATCH_REQUIRE_SIGN_IN": "true"}) as server:
        assert get(server.url, "/api/tasks").status == 401
        assert get(server.url, "/").status == 401
        assert get(server.url, "/", accept="text/html").status == 303
        made = owner(server, "POST", "/api/keys", {"scope": "read", "label": "x"})
        assert get(server.url, "/api/tasks", x_api_key=made["key"]).status == 200
        assert answer_to_a_websocket_through_the_socket_file(server).startswith(b"HTTP/1.1 401")


def answer_to_a_websocket_through_the_socket_file(server: Server) -> bytes:
    """Through it the command line may do everything; a page has no business there."""
    with closing(Console(server.data_dir)) as console:
        console.connect()
        console.sock.sendall(
            b"GET /_event/?EIO=4&transport=websocket&token=x HTTP/1.1\r\nhost: localhost\r\n"
            b"connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n"
            b"sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        answer: bytes = console.sock.recv(65536)
        return answer


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--trust-proxy", "evil"),
        ("--trust-proxy", "*"),
        ("--trust-proxy", "10.0.0.0/33"),
        ("--allow-host", "http://lab.example"),
        ("--allow-host", "lab.example:80"),
        ("--allow-host", "*"),
        ("--allow-host", "lab.example/path"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_in_words(tmp_path: Path, option: str, value: str):
    done = run(tmp_path / "data", "serve", "--port", "0", "--no-browser", option, value)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {option[2:].replace('-', '_')}")
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "data").exists()


@pytest.fixture(scope="module", params=["trusted", "not trusted"])
def behind(
    request: pytest.FixtureRequest, built_page: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, Visitors, bool]]:
    """A server behind a proxy on this machine, that is told of it or not."""
    data_dir = tmp_path_factory.mktemp("proxy") / "data"
    visitors = prepare(data_dir)
    is_trusted = request.param == "trusted"
    with serving(data_dir, *(TRUSTED if is_trusted else [])) as server:
        yield server, visitors, is_trusted


def sign_in(server: Server, headers: dict[str, str]) -> tuple[str, str]:
    """Sign in with a fresh link; return the cookie's header and the address that the audit log tells."""
    link: str = owner(server, "POST", "/api/links")["path"]
    with closing(http.client.HTTPConnection(*address_of(server.url), timeout=10)) as connection:
        connection.request("POST", "/api/sign-in", json.dumps({"link": link.partition("#")[2]}), headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        cookie = answer.headers["Set-Cookie"]
    newest = owner(server, "GET", "/api/audit?limit=1")["entries"][0]
    assert newest["action"] == "signed in"
    return cookie, newest["address"]


def test_a_trusted_proxys_word_for_https_and_the_address_is_taken_and_nobody_elses(
    behind: tuple[Server, Visitors, bool],
):
    server, _, is_trusted = behind
    cookie, address = sign_in(server, PROXY)
    assert ("; Secure" in cookie) is is_trusted
    assert address == ("203.0.113.9" if is_trusted else "127.0.0.1")


@pytest.mark.parametrize("address", ["<b>the owner</b>", "unknown", "127.0.0.1%lo"])
def test_what_is_no_address_is_not_taken_for_one_and_https_in_capitals_is_https(
    behind: tuple[Server, Visitors, bool], address: str
):
    server, _, is_trusted = behind
    cookie, noted = sign_in(server, {"x-forwarded-for": address, "x-forwarded-proto": "HTTPS"})
    assert ("; Secure" in cookie) is is_trusted
    assert noted == "127.0.0.1"


def test_a_client_cannot_give_itself_an_address_through_a_trusted_proxy(
    behind: tuple[Server, Visitors, bool],
):
    server, _, is_trusted = behind
    _, address = sign_in(server, {"x-forwarded-for": "127.0.0.1, 198.51.100.1, 203.0.113.9"})
    assert address == ("203.0.113.9" if is_trusted else "127.0.0.1")


@pytest.mark.parametrize("claimed", ["127.0.0.1", "::1", "localhost", "", "127.0.0.1, 127.0.0.1"])
def test_nobody_becomes_local_through_a_proxy(behind: tuple[Server, Visitors, bool], claimed: str):
    server, visitors, _ = behind
    assert get(server.url, "/api/tasks", x_forwarded_for=claimed).status == 401
    assert get(server.url, "/", x_forwarded_for=claimed, x_forwarded_proto="https").status == 401
    shown = visitors.keys[Scope.READ]
    assert get(server.url, "/api/tasks", x_forwarded_for=claimed, **shown).status == 200


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "javascript", "", "http, https", "wss"])
def test_whatever_a_proxy_says_of_the_scheme_a_request_is_answered(
    behind: tuple[Server, Visitors, bool], scheme: str
):
    server, visitors, _ = behind
    headers = {"x-forwarded-for": "203.0.113.9", "x-forwarded-proto": scheme, **visitors.sessions[Scope.READ]}
    assert get(server.url, "/api/tasks", **headers).status == 200


@pytest.mark.parametrize("is_trusted", [True, False])
def test_tries_are_counted_for_each_client_of_a_trusted_proxy_and_for_any_other_as_one(
    built_page: Path, tmp_path: Path, is_trusted: bool
):
    def guess(client: str) -> int | None:
        return post(server.url, {"link": "guess"}, "/api/sign-in", x_forwarded_for=client).status

    with serving(tmp_path / "data", *(TRUSTED if is_trusted else [])) as server:
        assert [guess("198.51.100.77") for _ in range(11)] == [401] * 10 + [429]
        assert guess("198.51.100.78") == (401 if is_trusted else 429)


def test_a_server_that_was_killed_leaves_a_socket_file_that_harms_neither_commands_nor_its_successor(
    built_page: Path, tmp_path: Path
):
    data_dir = tmp_path / "data"
    with serving(data_dir) as server:
        assert (data_dir / FILE).stat().st_mode & 0o777 == 0o600
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        assert (data_dir / FILE).exists()
        made = ask(
            settings_from(data_dir=data_dir), "POST", "/api/keys", {"scope": "read", "label": "between"}
        )
    with serving(data_dir) as server:
        keys = owner(server, "GET", "/api/keys")["keys"]
        assert [key["id"] for key in keys] == [made["id"]]
        assert get(server.url, "/api/tasks", x_api_key=made["key"]).status == 200
    assert not (data_dir / FILE).exists()


def test_what_the_command_line_does_beside_a_running_server_counts_at_once_and_is_written_down(
    built_page: Path, tmp_path: Path
):
    data_dir = tmp_path / ("a-folder-with-a-long-name" * 6) / "data"
    data_dir.parent.mkdir()
    with serving(data_dir, "--require-sign-in") as server:
        made = run(data_dir, "key", "create", "--scope", "read", "--label", "beside")
        key = made.stdout.strip()
        assert get(server.url, "/api/tasks", x_api_key=key).status == 200
        assert run(data_dir, "key", "revoke", "1").returncode == 0
        assert get(server.url, "/api/tasks", x_api_key=key).status == 401
        second = run(data_dir, "serve", "--port", str(free_port()), "--no-browser")
        assert second.returncode == 1
        assert "another TrainWatch server" in second.stderr
        assert owner(server, "GET", "/api/users")["users"]  # the second one did not take the file away
        entries = owner(server, "GET", "/api/audit")["entries"]
        assert [(entry["who"], entry["action"]) for entry in reversed(entries)] == [
            ("command line", "created key"),
            ("command line", "revoked key"),
        ]
    assert len(str(data_dir / FILE)) > 108


@pytest.mark.parametrize("path", ["/api/tasks", "/api/training/jobs"])
def test_behind_a_trusted_proxy_nobody_is_let_in_for_looking_near(
    behind: tuple[Server, Visitors, bool], path: str
):
    server, _, is_trusted = behind
    assert get(server.url, path).status == (401 if is_trusted else 200)
