"""What a caller may do; every route and every event handler names one of these."""

from enum import StrEnum

from trainwatch.domain.credential import Scope


class Right(StrEnum):
    """The rights, from what everybody may to the one that rules them all.

    `ENTER` is coming to the door: reading the sign-in page and signing in.
    """

    ENTER = "enter"
    READ = "read"
    INGEST = "ingest"
    ANNOTATE = "annotate"
    SIMULATE = "simulate"
    OPERATE = "operate"
    AGENT = "agent"
    ADMIN = "admin"


EVERYBODY = frozenset({Right.ENTER})

ON_THIS_MACHINE = EVERYBODY | {Right.READ, Right.INGEST, Right.ANNOTATE, Right.SIMULATE}
"""What anyone on this machine may, as long as nobody else can reach the server."""

_ALL = frozenset(Right)
_OF_SCOPE = {
    Scope.READ: EVERYBODY | {Right.READ},
    Scope.INGEST: EVERYBODY | {Right.INGEST},
    Scope.TRAINING: EVERYBODY | {Right.AGENT},
    Scope.OPERATE: _ALL - {Right.AGENT, Right.ADMIN},
    Scope.ADMIN: _ALL,
}


def rights_of(scope: Scope) -> frozenset[Right]:
    """Return what a key or a user of that scope may do."""
    return _OF_SCOPE[scope]
