"""Who can come to the server with these settings, and who could listen in."""

import ipaddress
from collections.abc import Iterator

from trainwatch.cli.checks.finding import Finding, note, ok, problem
from trainwatch.cli.options import on_same_data
from trainwatch.door.policy import policy_of
from trainwatch.settings import Settings, is_loopback


def check_access(settings: Settings, *, has_credential: bool | None) -> Iterator[Finding]:
    """Yield what is to be said of address, names and credentials; `has_credential` is None if nobody knows."""
    yield _about_credentials(settings, has_credential=has_credential)
    if not is_loopback(settings.host):
        yield note(
            "encryption",
            "plain HTTP: whoever listens in on the network can read sign-ins and keys",
            "put a proxy with TLS in front, or use an SSH tunnel: SECURITY.md shows how",
        )
    yield from _check_proxy(settings)


def _about_credentials(settings: Settings, *, has_credential: bool | None) -> Finding:
    if not settings.is_open:
        if not policy_of(settings).lets_anonymous_in:
            return ok("access", f"this machine only ({settings.host}), and everybody must sign in")
        return ok(
            "access",
            f"this machine only ({settings.host}): anyone on it may look, report, annotate and simulate",
        )
    names = f", as {', '.join(settings.names)}" if settings.names else ""
    who = f"others can reach it ({settings.host}{names})"
    if has_credential is None:
        return note("access", f"{who}; whether there is a credential could not be told", "see database")
    if has_credential:
        return ok("access", f"{who}; everybody needs a sign-in or a key")
    return problem(
        "access",
        f"{who}, and nobody has a password, a key or a session: it will refuse to start",
        f"make one: {on_same_data('trainwatch key create --scope admin --label NAME', settings)}, "
        f"or {on_same_data('trainwatch user add NAME', settings)}",
    )


def _check_proxy(settings: Settings) -> Iterator[Finding]:
    if any(ipaddress.ip_network(each, strict=False).prefixlen == 0 for each in settings.trust_proxy):
        yield problem(
            "proxy",
            "--trust-proxy names every address: whoever comes may claim any other, and try passwords without a limit",
            "name the addresses of your own proxies only",
        )
    elif settings.trust_proxy and not settings.names:
        yield note(
            "proxy",
            "--trust-proxy without --allow-host: the name that people type is refused",
            "name it: --allow-host trainwatch.example.org",
        )
    elif settings.names and is_loopback(settings.host) and not settings.trust_proxy:
        yield note(
            "proxy",
            "--allow-host without --trust-proxy: behind a proxy everybody has its address, and cookies are not Secure",
            "if a proxy on this machine stands in front: --trust-proxy 127.0.0.1",
        )
