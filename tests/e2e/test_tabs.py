"""What a tab was shown belongs to whoever looked at it then."""

import json
import re
import uuid

from tests.plugins.page_socket import page_socket
from tests.plugins.server import Server
from tests.plugins.wire import get, request, say


def sign_in(server: Server) -> str:
    """Use the link that the server printed, and return the cookie as a browser sends it back."""
    link = re.findall(r"/sign-in#(\w+)", server.log_file.read_text())[-1]
    answer = say(server.url, request("POST", "/api/sign-in", json.dumps({"link": link}).encode()))
    assert answer.status == 200
    return re.search(rb"set-cookie: ([^;]+)", answer.head, re.IGNORECASE)[1].decode()  # type: ignore[index]


def test_who_opens_a_tab_after_a_sign_out_finds_nothing_of_before(server: Server):
    cookie, token = sign_in(server), str(uuid.uuid4())
    with page_socket(server.url, token=token, headers={"Cookie": cookie}) as page:
        page.open_page("/settings")
        page.settle()
        assert "signed in" in json.dumps(page.deltas)
    assert get(server.url, "/api/me", cookie=cookie).json()["signedIn"]
    say(server.url, request("POST", "/api/sign-out", cookie=cookie))
    with page_socket(server.url, token=token) as page:
        page.open_page("/")
        page.settle()
        heard = json.dumps(page.deltas)
        assert "this machine" in heard
        assert "signed in" not in heard
        assert "owner" not in heard
