"""What a tab was shown belongs to whoever looked at it then."""

import json
import re
import uuid

from tests.plugins.page_socket import TASK_PAGE, page_socket
from tests.plugins.server import Server
from tests.plugins.wire import get, post, request, say
from tests.supervisor.attempts import until

CHANGES = 30


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


def test_what_is_done_last_on_a_page_is_done_though_the_page_is_left_at_once(server: Server):
    task = post(server.url, {"taskName": "left at once", "progress": 0.1}).json()["taskId"]
    with page_socket(server.url) as page:
        page.open_page(f"/tasks/{task}", task_id=str(task))
        for n in range(CHANGES):
            page.cause(f"{TASK_PAGE}.set_notes", {"task_id": task, "notes": f"note {n}"})
    until(lambda: get(server.url, f"/api/tasks/{task}").json()["notes"] == f"note {CHANGES - 1}")
