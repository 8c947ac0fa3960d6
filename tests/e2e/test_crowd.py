"""Whoever holds all connections: the owner at the machine can act."""

import socket
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from tests.plugins import few_files
from tests.plugins.server import serving
from tests.plugins.wire import address_of, get
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from


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
        assert get(server.url, "/api/tasks", x_api_key=key["key"]).status == 401
