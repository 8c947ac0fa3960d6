"""Every way in says which right it needs; what says nothing is shut."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from reflex_base.registry import RegistrationContext

from trainwatch.api.docs import documentation
from trainwatch.api.front import Front
from trainwatch.api.health import health_operations
from trainwatch.api.hook import hook_operations
from trainwatch.api.operation import Operation
from trainwatch.api.series import series_operations
from trainwatch.api.tasks import task_operations
from trainwatch.door.identity import ON_THIS_MACHINE, identify
from trainwatch.door.rights import Right
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer
from trainwatch.ui.app import create_app
from trainwatch.ui.gate import FRAMEWORK, right_of_event

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]
CHANGING = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def operations(sqlite_database: Database) -> list[Operation]:
    """What the composition root puts together."""
    writer = Writer(
        sqlite_database, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC), publish=lambda events: None
    )
    operations = [
        *hook_operations(),
        *task_operations(sqlite_database, writer),
        *series_operations(sqlite_database),
        *health_operations(sqlite_database, writer),
    ]
    return [*operations, *documentation(operations)]


@pytest.fixture
def right_of(operations: list[Operation], sqlite_database: Database) -> Callable[[str, str], Right | None]:
    """Return which right a method of a path needs."""

    async def nothing(*message: Any) -> None:
        """Be no page."""

    front = Front(nothing, operations, page=nothing)
    return lambda method, path: front.right_of(
        {"type": "http", "method": method, "path": path, "root_path": "", "headers": []}
    )


def test_every_operation_names_its_right_and_reading_changes_nothing(
    operations: list[Operation], right_of: Callable[[str, str], Right | None]
):
    for operation in operations:
        path = operation.path.replace("{id}", "1").replace("{task:path}", "a/b").replace("{end}", "0")
        assert isinstance(operation.right, Right), operation.name
        assert right_of(operation.method, path) is operation.right
        assert (operation.method == "GET") == (operation.right is Right.READ), operation.name


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
    assert identify("127.0.0.1", {"host": "localhost"}).rights == ON_THIS_MACHINE
    assert not ON_THIS_MACHINE & {Right.OPERATE, Right.AGENT, Right.ADMIN}
