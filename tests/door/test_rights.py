"""Every way in says which right it needs; what says nothing is shut."""

from collections.abc import Callable
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext

from tests.plugins.doors import every_operation, make_door
from trainwatch.api.front import PUBLIC_FILES, Front
from trainwatch.api.operation import Operation
from trainwatch.door.identity import LOCAL, Peer
from trainwatch.door.rights import ON_THIS_MACHINE, Right
from trainwatch.store.engine import Database
from trainwatch.ui.app import create_app
from trainwatch.ui.gate import FRAMEWORK, right_of_event

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def operations(sqlite_database: Database) -> list[Operation]:
    return every_operation(sqlite_database)


@pytest.fixture
def right_of(operations: list[Operation], sqlite_database: Database) -> Callable[[str, str], Right | None]:
    """Return which right a method of a path needs."""

    async def nothing(*message: Any) -> None:
        """Be no page."""

    front = Front(nothing, operations, sockets={"/ws/progress": nothing}, page=nothing)
    return lambda method, path: front.right_of(
        {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    )


def test_every_operation_names_its_right_and_reading_changes_nothing(
    operations: list[Operation], right_of: Callable[[str, str], Right | None]
):
    for operation in operations:
        path = operation.path.replace("{id}", "1").replace("{task:path}", "a/b").replace("{end}", "0")
        path = path.replace("{name}", "alice")
        assert isinstance(operation.right, Right), operation.name
        assert right_of(operation.method, path) is operation.right
        if operation.method != "GET":
            assert operation.right is not Right.READ, operation.name


def test_everybody_may_only_sign_in_and_see_that_the_server_lives(operations: list[Operation]):
    public = {operation.name for operation in operations if operation.right is Right.ENTER}
    assert public == {
        "GET /sign-in",
        "POST /api/sign-in",
        "POST /api/sign-out",
        "GET /api/me",
        "GET /healthz",
    }


def test_credentials_and_the_audit_log_are_the_administrators(operations: list[Operation]):
    kinds = ("/api/keys", "/api/sessions", "/api/users", "/api/links", "/api/audit")
    found = [operation for operation in operations if operation.path.startswith(kinds)]
    assert len(found) > 10
    assert {operation.right for operation in found} == {Right.ADMIN}


@pytest.mark.parametrize("path", sorted(PUBLIC_FILES))
def test_what_the_sign_in_page_is_made_of_is_for_everybody(
    right_of: Callable[[str, str], Right | None], path: str
):
    assert right_of("GET", path) is Right.ENTER
    assert right_of("POST", path) is None


@pytest.mark.parametrize("path", ["/", "/tasks/1", "/ping", "/_health", "/_upload", "/anything"])
def test_the_page_can_only_be_read(right_of: Callable[[str, str], Right | None], path: str):
    assert {method: right_of(method, path) for method in METHODS} == {
        method: Right.READ if method in ("GET", "HEAD") else None for method in METHODS
    }


def test_every_event_of_ours_names_its_right_and_the_frameworks_stay_shut():
    create_app()
    registered = RegistrationContext.get().event_handlers
    ours = [name for name, each in registered.items() if each.states[0].__module__.startswith("trainwatch.")]
    theirs = [name for name, each in registered.items() if each.states[0].__module__.startswith("reflex.")]
    assert len(ours) >= 7
    assert [name for name in ours if right_of_event(name) is None and not name.endswith(".setvar")] == []
    opened = {name.rpartition(".")[2] for name in theirs if right_of_event(name) is not None}
    assert opened <= set(FRAMEWORK)
    assert [name for name in registered if name.endswith(".setvar") and right_of_event(name)] == []
    assert sorted(registered) == sorted(ours + theirs)


def test_an_event_that_nobody_registered_may_not_happen():
    assert right_of_event("reflex___state____state.no_such") is None


def test_who_is_on_this_machine_may_neither_operate_nor_administrate():
    identity = make_door().identify(Peer("127.0.0.1", {"host": "localhost"}))
    assert identity is LOCAL
    assert identity.rights == ON_THIS_MACHINE
    assert not ON_THIS_MACHINE & {Right.OPERATE, Right.AGENT, Right.ADMIN}
