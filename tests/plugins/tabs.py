"""What a tab goes through: somebody signs in, its connection breaks, the server's answers are late or lost."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute

from tests.plugins.server import Server
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from

HAPPENS_WITHIN_S = 15.0


def link_for_owner(server: Server) -> str:
    """Return a one-time link, made as `trainwatch login-link` makes it, without starting a command."""
    return str(ask(settings_from(data_dir=server.data_dir), "POST", "/api/links", {"user": "owner"})["url"])


def admit(page: Page, server: Server) -> None:
    """Let the browser of `page` be signed in as the owner; what it shows already knows nothing of it."""
    secret = link_for_owner(server).partition("#")[2]
    answer = page.request.post(
        f"{server.url}/api/sign-in", data={"link": secret}, headers={"origin": server.url}
    )
    assert answer.ok, answer.text()


def reconnect(page: Page) -> None:
    """Let a page give up its socket, as when it is put aside, and take another when it is looked at again."""
    page.evaluate(
        """() => {
            dispatchEvent(new PageTransitionEvent("pagehide", { persisted: true }));
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    """Wait for what `page` does not show; it is served meanwhile."""
    deadline = time.monotonic() + HAPPENS_WITHIN_S
    while not is_so():
        assert time.monotonic() < deadline
        page.wait_for_timeout(20)


class Gate:
    """Stands between a page and what its server says, open until it is shut; `heard` is what was let through.

    Made before the page is opened.
    """

    def __init__(self, page: Page) -> None:
        """Stand before every socket of `page`."""
        self.heard: list[str] = []
        self._waiting: list[Callable[[], None]] | None = None
        self._sides: tuple[WebSocketRoute, ...] = ()
        page.route_web_socket("**/_event/**", self._stand_before)

    def shut(self) -> None:
        """Hold back what the server says from now on."""
        self._waiting = []

    def open(self) -> None:
        """Let through what was held back, and whatever comes."""
        waiting, self._waiting = self._waiting or [], None
        for tell in waiting:
            tell()

    def tear(self) -> None:
        """Break the connection: what is held back is lost. The next one finds the gate open."""
        for side in self._sides:  # the server hears of it first, for the page comes again at once
            side.close(code=3000)

    def _stand_before(self, page_side: WebSocketRoute) -> None:
        server_side = page_side.connect_to_server()
        sides = self._sides = server_side, page_side
        self._waiting = None

        def tell(message: str | bytes) -> None:
            if self._sides is not sides:
                return
            if self._waiting is None:
                self.heard.append(str(message))
                page_side.send(message)
            else:
                self._waiting.append(lambda: tell(message))

        server_side.on_message(tell)
