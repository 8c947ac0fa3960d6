"""A person who operates a server's jobs, also over its restarts."""

import json
import re
from typing import Any

from tests.plugins.server import Server
from tests.plugins.wire import get, request, say


class Operator:
    """Somebody who signed in at one server, and stays so at the next one on its data."""

    def __init__(self, server: Server) -> None:
        link = re.findall(r"/sign-in#(\w+)", server.log_file.read_text())[-1]
        answer = say(server.url, request("POST", "/api/sign-in", json.dumps({"link": link}).encode()))
        found = re.search(rb"set-cookie: ([^;]+)", answer.head, re.IGNORECASE)
        assert found
        self.cookie = found[1].decode()

    def post(self, server: Server, path: str, payload: object = None) -> Any:
        body = b"" if payload is None else json.dumps(payload).encode()
        answer = say(server.url, request("POST", path, body, cookie=self.cookie))
        assert answer.status in (200, 201), answer.body
        return answer.json()

    def read(self, server: Server, path: str) -> Any:
        return get(server.url, path, cookie=self.cookie).json()
