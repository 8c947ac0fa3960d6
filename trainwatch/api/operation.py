"""A route that says all about itself: the right it needs, and what its documentation says."""

from collections.abc import Sequence
from typing import Any

from starlette.routing import Match, Route
from starlette.types import Scope

from trainwatch.api.http import Endpoint, answering
from trainwatch.door.rights import Right

Schema = dict[str, Any]


class Operation(Route):
    """One method of one path."""

    def __init__(
        self,
        method_and_path: str,
        endpoint: Endpoint,
        *,
        right: Right,
        summary: str,
        parameters: Sequence[Schema] = (),
        body: Schema | None = None,
    ) -> None:
        """Describe an operation, such as "GET /api/tasks"; `summary` is a sentence for people."""
        method, path = method_and_path.split()
        super().__init__(path, answering(endpoint), methods=[method], name=method_and_path)
        self.method = method
        self.right = right
        self.summary = summary
        self.parameters = list(parameters)
        self.body = body

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match path and method together, so that another operation may have the same path."""
        match, child = super().matches(scope)
        return (match if match is Match.FULL else Match.NONE), child


def methods_of(operations: Sequence[Operation], scope: Scope) -> list[str]:
    """Return the methods that the path of a request takes."""
    return [each.method for each in operations if each.path_regex.match(scope["path"])]


def right_of(operations: Sequence[Operation], scope: Scope) -> Right | None:
    """Return the right that a request needs; None if no operation has its path and method."""
    for operation in operations:
        match, _ = operation.matches(scope)
        if match is Match.FULL:
            return operation.right
    return None


def query(name: str, kind: str, about: str, **more: Any) -> Schema:
    """Return the description of a query parameter."""
    return {"name": name, "in": "query", "description": about, "schema": {"type": kind, **more}}
