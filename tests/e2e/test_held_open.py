"""What is held open stays open past every timer of the server, and costs no further request."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.plugins import hasty
from tests.plugins.listener import listening
from tests.plugins.server import Server, serving
from tests.plugins.wire import post

pytestmark = pytest.mark.browser

HELD_S = 2 * hasty.WITHIN_S


@pytest.fixture(scope="module")
def server(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that gives a request a second to arrive."""
    with serving(tmp_path_factory.mktemp("held") / "data", program=[hasty.__file__]) as server:
        yield server


def hold(page: Page) -> None:
    page.wait_for_timeout(HELD_S * 1000)


def report(server: Server, loss: float) -> None:
    assert post(server.url, {"taskName": "steady", "loss": loss}).status == 200


@pytest.mark.parametrize("path", ["/", "/tasks/1", "/settings"])
def test_a_page_is_shown_past_the_timers_without_another_request(
    page: Page, server: Server, path: str
) -> None:
    report(server, 0.5)
    asked: list[str] = []
    ended: list[str] = []

    def listen(socket: WebSocket) -> None:
        asked.append(socket.url)
        socket.on("close", lambda socket: ended.append(socket.url))

    page.on("websocket", listen)
    page.goto(path)
    expect(page.get_by_text("Live", exact=True).first).to_be_visible()
    page.wait_for_timeout(1100)  # within a second a list may be asked for once more
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))
    asked.clear()
    hold(page)
    assert (asked, ended) == ([], [])


def test_a_page_hears_of_changes_past_the_timers_by_the_socket_that_it_began_with(
    page: Page, server: Server
) -> None:
    report(server, 0.5)
    sockets: list[WebSocket] = []
    page.on("websocket", lambda socket: sockets.append(socket))  # noqa: PLW0108 - it marks what it is given
    page.goto("/")
    row = page.locator("li.row").filter(has=page.get_by_text("steady", exact=True))
    for loss in range(1, 5):
        report(server, loss)
        expect(row).to_contain_text(f"{loss}")
        page.wait_for_timeout(HELD_S * 250)
    assert len(sockets) == 1


def test_a_listener_to_progress_hears_on_past_the_timers(page: Page, server: Server) -> None:
    with listening(server.url) as listener:
        listener.until_ready()
        hold(page)
        assert post(server.url, {"agentId": "agent-7"}, "/api/progress/held/start").status == 200
        assert listener.changes(1)[0]["data"]["agentId"] == "agent-7"
