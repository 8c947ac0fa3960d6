"""However many come, and whatever they say: the owner at the machine can act, and the log stays short."""

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.plugins import few_files
from tests.plugins.page_socket import page_socket
from tests.plugins.server import serving
from tests.plugins.wire import address_of, get, say
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from

PATIENCE_S = 15.0


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_in_a_flood_of_connections_a_key_is_revoked(built_page: Path, tmp_path: Path):
    with (
        serving(tmp_path / "data", "--require-sign-in", program=[few_files.__file__]) as server,
        ExitStack() as flood,
    ):
        owner = partial(ask, settings_from(data_dir=server.data_dir))
        key = owner("POST", "/api/keys", {"scope": "read", "label": "leaked"})
        assert get(server.url, "/api/tasks", x_api_key=key["key"]).status == 200
        for _ in range(10 * few_files.CONNECTIONS):
            flood.enter_context(socket.create_connection(address_of(server.url), timeout=5))
        assert get(server.url, "/healthz").status in (503, None)
        assert owner("DELETE", f"/api/keys/{key['id']}")["ok"]
        flood.close()
        until(lambda: get(server.url, "/api/tasks", x_api_key=key["key"]).status == 401)


def test_what_strangers_say_without_end_takes_few_lines_of_the_log_and_their_number_is_told(
    built_page: Path, tmp_path: Path
):
    with serving(tmp_path / "data") as server:
        said_before = len(server.log_file.read_text().splitlines())
        for _ in range(200):
            say(server.url, b"\x16\x03\x01 no HTTP\r\n\r\n")
        with page_socket(server.url) as page:
            page.open_page("/")
            for _ in range(200):
                page.emit("nonsense")
            page.settle()
        until(lambda: "log_lines_left_out" in server.log_file.read_text())
        log = server.log_file.read_text().splitlines()[said_before:]
    assert any("Invalid HTTP request" in line for line in log)
    assert any("socket_message_refused" in line for line in log)
    assert len(log) < 100
