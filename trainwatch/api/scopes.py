"""How far a key or a user reaches, as bodies say it."""

from collections.abc import Mapping

from trainwatch.domain.credential import Scope
from trainwatch.errors import BadRequestError

SCOPE_SCHEMA = {"type": "string", "enum": list(Scope), "description": "How far it reaches."}


def scope_of(body: Mapping[str, object], otherwise: Scope | None = None) -> Scope:
    """Return the scope that a body names.

    Raises:
        BadRequestError: If it names none of them, or nothing where there is no `otherwise`.
    """
    if "scope" not in body and otherwise is not None:
        return otherwise
    try:
        return Scope(str(body.get("scope")))
    except ValueError:
        raise BadRequestError(f"scope must be one of {', '.join(Scope)}", field="scope") from None
