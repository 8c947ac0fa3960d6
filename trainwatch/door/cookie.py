"""The session cookie: scripts cannot read it, other sites cannot send it along, and other instances have another."""

from trainwatch.services.sessions import LASTS


def cookie_name(instance: str) -> str:
    """Return the name of the cookie; cookies ignore ports, so each instance needs its own."""
    return f"trainwatch_{instance}"


def set_cookie(name: str, value: str, *, is_secure: bool) -> str:
    """Return the header that sets the cookie; over https it comes back over https only."""
    return _header(name, value, int(LASTS.total_seconds()), is_secure=is_secure)


def clear_cookie(name: str, *, is_secure: bool) -> str:
    """Return the header that takes the cookie away."""
    return _header(name, "", 0, is_secure=is_secure)


def _header(name: str, value: str, max_age_s: int, *, is_secure: bool) -> str:
    secure = "; Secure" if is_secure else ""
    return f"{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}"
