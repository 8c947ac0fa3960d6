"""What a proxy in front leaves out: the log says it once, for nobody else can tell why a page is not live."""

from enum import Enum

import structlog

log = structlog.get_logger()


class Fault(Enum):
    """What shows that a header was left out."""

    NOT_UPGRADED = (
        "websocket_not_upgraded",
        "a proxy in front must pass the headers Upgrade and Connection (SECURITY.md); until then no page is live",
    )
    HTTPS_UNTOLD = (
        "https_untold",
        (
            "a page came by https, and this server was not told: cookies are not Secure; the proxy must send"
            " X-Forwarded-Proto, and be named by --trust-proxy (SECURITY.md)"
        ),
    )


class ProxyFaults:
    """Tells each fault once."""

    def __init__(self) -> None:
        """Start with none told."""
        self._told: set[Fault] = set()

    def note(self, fault: Fault) -> None:
        """Say in the log what a proxy must send, unless that was said."""
        if fault not in self._told:
            self._told.add(fault)
            event, reason = fault.value
            log.warning(event, reason=reason)
