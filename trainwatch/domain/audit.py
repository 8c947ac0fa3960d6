"""Who did what, for the record."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts.

    `kind` is "local" (anyone on this machine), "session", "key", "console" (the command line), "stranger", or "server"
    for what nobody asked for just then. `id` is that of the session or key, `name` the user's or the key's label, `address` where they are.
    """

    kind: str
    name: str
    id: int | None = None
    address: str | None = None

    def __str__(self) -> str:
        """Return the actor in words, such as `key 3 (cluster)`."""
        return self.name if self.id is None else f"{self.kind} {self.id} ({self.name})"


CONSOLE = Actor("console", "command line")
SERVER = Actor("server", "the server")


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One line of the audit log; `target` names what it was done to, in words that outlive it."""

    id: int
    at: datetime
    actor: Actor
    action: str
    target: str
