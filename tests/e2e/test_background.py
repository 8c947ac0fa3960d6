"""A background loop that fails is told to who watches the server, is tried again, and costs no clean end."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.plugins.page_socket import page_socket
from tests.plugins.server import Server, serving
from tests.plugins.wire import get, post

PATIENCE_S = 15.0


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def failing(server: Server) -> list[str]:
    return [each["loop"] for each in get(server.url, "/healthz").json()["failing"]]


def doctor(server: Server) -> dict[str, Any]:
    port = server.url.rpartition(":")[2]
    options = ["--data-dir", str(server.data_dir), "--port", port, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "trainwatch", "doctor", *options], capture_output=True, text=True, timeout=30
    )
    return {check["name"]: check for check in json.loads(done.stdout)["checks"]}


def test_a_loop_that_fails_is_named_tried_again_and_ends_with_the_server(built_page: Path, tmp_path: Path):
    data, in_the_way = tmp_path / "data", tmp_path / "data" / "attempts.of-database"
    (data / "attempts").mkdir(parents=True, mode=0o700)
    in_the_way.mkdir()  # where the cleanup of attempts expects a file
    with serving(data) as server:
        until(lambda: failing(server) == ["attempt folders"])
        assert (
            'trainwatch_background_failures{loop="attempt folders"}'
            in get(server.url, "/metrics").body.decode()
        )
        finding = doctor(server)["server"]
        assert finding["mark"] == "problem"
        assert "attempt folders failed" in finding["found"]
        with page_socket(server.url) as page:  # the other loops go on
            page.open_page("/")
            assert post(server.url, {"taskName": "a", "loss": 1}).status == 200
        in_the_way.rmdir()
        until(lambda: failing(server) == [])
        in_the_way.unlink()
        in_the_way.mkdir()
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(timeout=PATIENCE_S) == 0
        log = server.log_file.read_text()
    assert "background_step_failed" in log
    assert "background_step_recovered" in log
    assert "never retrieved" not in log
