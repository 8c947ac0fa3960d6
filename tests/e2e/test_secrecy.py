"""No secret is found anywhere but where it was given: not in files, logs, arguments, pages, addresses or deltas."""

import http.client
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.page_socket import ROOT, PageSocket, page_socket
from tests.plugins.server import Server, serving
from tests.plugins.wire import address_of, get, post, request, say
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from

SETTINGS = f"{ROOT}.trainwatch___ui___state___settings____settings"
PASSWORD = "never-to-be-seen-again"
WRONG = "a-wrong-password-of-somebody"
READABLE = [
    *("/", "/settings/", "/tasks/1", "/sign-in", "/docs", "/openapi.json", "/metrics", "/healthz"),
    *("/api/me", "/api/tasks", "/api/keys", "/api/users", "/api/sessions", "/api/audit?limit=1000"),
]


@dataclass
class Story:
    """What happened on a server, and every secret that somebody was given or typed meanwhile."""

    server: Server
    secrets: dict[str, str] = field(default_factory=dict[str, str])
    cookie: str = ""
    shown: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """Every delta that the page heard, but the one that showed the key it had made."""

    def command(self, *arguments: str, typed: str = "") -> str:
        """Return what our command line prints."""
        program = [sys.executable, "-m", "trainwatch", *arguments, "--data-dir", str(self.server.data_dir)]
        done = subprocess.run(program, input=typed, capture_output=True, text=True, timeout=30, check=True)
        return done.stdout.strip()

    def make_link(self) -> str:
        """Return the secret of a sign-in link."""
        path: str = ask(settings_from(data_dir=self.server.data_dir), "POST", "/api/links")["path"]
        return path.partition("#")[2]


def sign_in(server: Server, body: dict[str, str]) -> str:
    """Sign in and return the pair of the cookie."""
    with closing(http.client.HTTPConnection(*address_of(server.url), timeout=10)) as connection:
        connection.request("POST", "/api/sign-in", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        told = answer.read().decode()
        assert answer.status == 200, told
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    assert cookie.partition("=")[2] not in told
    return cookie


def make_key_on_the_page(story: Story, page: PageSocket) -> str:
    """Make a key in the settings and return it; the delta that shows it is not kept."""
    page.open_page("/settings")
    fields = {"form": "7-7", "label": "of the page", "scope": "read", "expiry": "never"}
    page.cause(f"{SETTINGS}.create_key", fields)
    key = ""
    while not key:
        key = page.until(SETTINGS, "key_answer").get("key", "")
    (showing,) = [delta for delta in page.deltas if key in json.dumps(delta)]
    page.deltas.remove(showing)
    page.cause(f"{SETTINGS}.forget_key")
    page.open_page("/settings")
    story.shown += page.deltas
    return key


@pytest.fixture(scope="module")
def story(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """People sign in, make keys, mistype passwords and run into errors."""
    with serving(tmp_path_factory.mktemp("secrets") / "data", "--require-sign-in") as server:
        story = Story(server)
        story.command("user", "add", "ann", "--scope", "admin", typed=f"{PASSWORD}\n{PASSWORD}\n")
        story.secrets["password"] = PASSWORD
        story.secrets["link"], story.secrets["unused link"] = (story.make_link() for _ in range(2))
        story.cookie = sign_in(server, {"link": story.secrets["link"]})
        story.secrets["cookie of a link"] = story.cookie.partition("=")[2]
        story.secrets["cookie of a password"] = sign_in(
            server, {"name": "ann", "password": PASSWORD}
        ).partition("=")[2]
        story.secrets["key of the command line"] = story.command(
            "key", "create", "--scope", "admin", "--label", "x"
        )
        made = post(
            server.url, {"scope": "read", "label": "of the API"}, "/api/keys", cookie=story.cookie
        ).json()
        story.secrets["key of the API"] = made["key"]
        with page_socket(server.url, headers={"cookie": story.cookie}) as page:
            story.secrets["key of the page"] = make_key_on_the_page(story, page)
        run_into_errors(story)
        yield story


def run_into_errors(story: Story) -> None:
    """Say secrets where they do not help, or are not understood."""
    server, secrets = story.server, story.secrets
    secrets["wrong password"] = WRONG
    for body in (
        {"name": "ann", "password": WRONG},
        {"name": WRONG, "password": WRONG},
        {"link": secrets["link"]},
    ):
        assert post(server.url, body, "/api/sign-in").status == 401
    assert (
        post(server.url, f'{{"name": "ann", "password": "{PASSWORD}'.encode(), "/api/sign-in").status == 400
    )
    assert post(server.url, {"name": "ann", "password": [PASSWORD]}, "/api/sign-in").status == 400
    short = {"name": "bob", "password": WRONG[:9]}
    assert post(server.url, short, "/api/users", cookie=story.cookie).status == 400
    key = secrets["key of the API"]
    assert (
        get(server.url, f"/api/tasks?key={key}").status == 401
    )  # no way to show a key; addresses are written down
    assert post(server.url, {"scope": "x", "label": "x"}, "/api/keys", x_api_key=key).status == 403
    assert get(server.url, "/api/tasks", x_api_key=key[:-1]).status == 401
    assert get(server.url, "/", host=f"{PASSWORD}.example", cookie=story.cookie).status == 403
    assert (
        say(server.url, request("GET", "/api/tasks", b"", x_api_key=key, origin=f"http://{key}")).status
        == 403
    )
    say(
        server.url,
        f"GET / HTTP/9\r\ncookie: {story.cookie}\r\nx-api-key: {key}\r\n\r\n".encode(),
        hang_up=True,
    )
    with page_socket(server.url, headers={"cookie": story.cookie}) as page:
        page.cause(f"{SETTINGS}.create_key", {"form": key, "label": 5, "scope": key, "expiry": PASSWORD})
        page.open_page("/settings")
        story.shown += page.deltas


def found_in(story: Story, text: str) -> list[str]:
    """Return which secrets stand in `text`."""
    return [what for what, secret in story.secrets.items() if secret in text]


def test_the_story_has_secrets_of_every_kind(story: Story):
    assert len(set(story.secrets.values())) == len(story.secrets) >= 9
    assert min(map(len, story.secrets.values())) > 20


def test_no_secret_is_in_any_file_of_the_server(story: Story):
    files = [path for path in story.server.data_dir.rglob("*") if path.is_file()]
    assert {"trainwatch.db", "trainwatch.db-wal"} <= {path.name for path in files}
    assert {
        path.name: found for path in files if (found := found_in(story, path.read_bytes().decode("latin-1")))
    } == {}


def test_no_secret_is_in_the_log_but_the_link_that_the_server_printed_for_its_owner(story: Story):
    log = story.server.log_file.read_text()
    assert found_in(story, log) == []
    printed = [line for line in log.splitlines() if "/sign-in#" in line]
    assert len(printed) == 1
    assert post(story.server.url, {"link": printed[0].rpartition("#")[2]}, "/api/sign-in").status == 200
    assert post(story.server.url, {"link": printed[0].rpartition("#")[2]}, "/api/sign-in").status == 401


def tree_of(pid: int) -> Iterator[int]:
    """Yield a process and all that it started (Linux)."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from tree_of(int(child))


def test_no_secret_is_in_the_arguments_or_the_environment_of_the_servers_processes(story: Story):
    for pid in tree_of(story.server.process.pid):
        for name in ("cmdline", "environ"):
            assert found_in(story, Path(f"/proc/{pid}/{name}").read_bytes().decode("latin-1")) == []


@pytest.mark.parametrize("path", READABLE)
def test_no_secret_is_in_what_even_an_administrator_can_read(story: Story, path: str):
    with closing(http.client.HTTPConnection(*address_of(story.server.url), timeout=10)) as connection:
        connection.request("GET", path, headers={"cookie": story.cookie})
        answer = connection.getresponse()
        assert answer.status in {200, 404}
        assert found_in(story, f"{answer.headers}{answer.read().decode()}") == []


def test_no_secret_is_in_any_delta_but_the_one_that_shows_a_new_key(story: Story):
    assert len(story.shown) > 5
    assert found_in(story, json.dumps(story.shown)) == []


def test_what_is_kept_of_secrets_opens_nothing(story: Story):
    """Who reads the database cannot come in with what it holds."""
    database = (story.server.data_dir / "trainwatch.db").read_bytes()
    wal = (story.server.data_dir / "trainwatch.db-wal").read_bytes()
    name = story.cookie.partition("=")[0]
    digests = {match.decode() for match in re.findall(rb"[0-9a-f]{64}", database + wal)}
    assert len(digests) >= 4
    for digest in digests:
        assert get(story.server.url, "/api/tasks", cookie=f"{name}={digest}").status == 401
        assert get(story.server.url, "/api/tasks", x_api_key=digest).status == 401
