"""What a browser may ask of the page's states."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import reflex as rx

from tests.plugins.states import Callers, fresh
from trainwatch.door.identity import LOCAL, Identity
from trainwatch.door.rights import Right
from trainwatch.errors import NotFoundError
from trainwatch.ui.state.backend import use_backend
from trainwatch.ui.state.dashboard import Dashboard, Elsewhere
from trainwatch.ui.state.live import Live
from trainwatch.ui.state.rights import right_of
from trainwatch.ui.state.task_page import TaskPage, parse_task_id
from trainwatch.ui.state.visitor import Visitor, use_callers


class Desk:
    """A backend that has one task, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.joined: list[str] = []

    async def join(self, session_id: str, rooms: Sequence[str]) -> None:
        self.joined = list(rooms)

    async def task_exists(self, task_id: int) -> bool:
        return task_id == 1

    async def edit_task(
        self,
        caller: Identity,
        task_id: int,
        *,
        title: str | None = None,
        tags: tuple[str, ...] | None = None,
        notes: str | None = None,
    ) -> None:
        if task_id != 1:
            raise NotFoundError(f"there is no task {task_id}")
        self.asked.append((task_id, title, tags, notes))

    async def request_stop(self, caller: Identity, task_id: int, *, stop: bool) -> None:
        self.asked.append((task_id, stop))

    async def end_task(self, caller: Identity, task_id: int, status: str) -> None:
        self.asked.append(("end", task_id, status))

    async def archive_task(self, caller: Identity, task_id: int, *, archived: bool) -> None:
        self.asked.append(("archive", task_id, archived))

    async def delete_task(self, caller: Identity, task_id: int) -> None:
        if task_id != 1:
            raise NotFoundError(f"there is no task {task_id}")
        self.asked.append(("delete", task_id))


@pytest.fixture
def desk() -> Desk:
    desk = Desk()
    use_backend(desk)
    return desk


def call(name: str, *arguments: object) -> TaskPage:
    """Call a handler of a fresh task page and return the page."""
    page = fresh(TaskPage)
    asyncio.run(TaskPage.event_handlers[name].fn(page, *arguments))
    return page


@pytest.mark.parametrize("text", ["", "0", "-1", "1.0", "seven", "٣", "1e3", "99999999999999999999", " 1"])
def test_what_cannot_be_an_id_is_none(text: str) -> None:
    assert parse_task_id(text) is None


def test_an_id_is_read_from_the_address() -> None:
    assert parse_task_id("17") == 17


def test_each_change_reaches_the_services_alone(desk: Desk) -> None:
    call("rename", 1, "bert")
    call("set_tags", 1, ["a", "b"])
    call("set_notes", 1, "slow")
    call("request_stop", 1, True)
    call("mark_ended", 1, "failed")
    call("archive", 1, True)
    call("archive", 1, False)
    call("delete", 1)
    assert desk.asked == [
        (1, "bert", None, None),
        (1, None, ("a", "b"), None),
        (1, None, None, "slow"),
        (1, True),
        ("end", 1, "failed"),
        ("archive", 1, True),
        ("archive", 1, False),
        ("delete", 1),
    ]


@pytest.mark.parametrize(
    ("page", "rooms"), [(Dashboard, ["everyone", "overview"]), (Elsewhere, ["everyone"])]
)
def test_a_page_hears_what_it_shows_and_no_more(desk: Desk, page: type[rx.State], rooms: list[str]) -> None:
    asyncio.run(page.event_handlers["enter"].fn(fresh(page)))
    assert desk.joined == rooms


@pytest.mark.usefixtures("desk")
def test_a_refusal_is_told_in_words() -> None:
    assert call("rename", 2, "bert").problem == "there is no task 2"
    assert call("delete", 2).problem == "there is no task 2"


@pytest.mark.usefixtures("desk")
def test_a_second_refusal_in_the_same_words_is_seen_to_be_another_one() -> None:
    page = fresh(TaskPage)
    for count in (1, 2):
        asyncio.run(TaskPage.event_handlers["rename"].fn(page, 2, "bert"))
        assert (page.problem, page.refusals) == ("there is no task 2", count)


@pytest.mark.parametrize("page", [Dashboard, Elsewhere])
@pytest.mark.usefixtures("desk")
def test_who_comes_in_is_greeted(page: type[rx.State]) -> None:
    use_callers(Callers(LOCAL))
    opened = fresh(page)
    asyncio.run(page.event_handlers["enter"].fn(opened))
    visitor = opened._get_state_from_cache(Visitor)
    assert (visitor.name, visitor.signed_in) == ("this machine", False)
    assert (visitor.may_simulate, visitor.may_operate, visitor.may_admin) == (True, False, False)


@pytest.mark.parametrize("state", [Live, Dashboard, Elsewhere, TaskPage, Visitor])
def test_every_handler_names_the_right_it_needs(state: type[rx.State]) -> None:
    own = {name: handler for name, handler in state.event_handlers.items() if name in vars(state)}
    assert {name for name, handler in own.items() if right_of(handler.fn) is None} <= {"setvar"}


def test_changing_a_task_needs_annotate_and_looking_at_it_read() -> None:
    needed = {
        name: right_of(TaskPage.event_handlers[name].fn)
        for name in ("enter", "rename", "request_stop", "mark_ended")
    }
    assert needed.pop("enter") is Right.READ
    assert set(needed.values()) == {Right.ANNOTATE}


def test_archiving_and_deleting_a_task_needs_operate() -> None:
    assert {right_of(TaskPage.event_handlers[name].fn) for name in ("archive", "delete")} == {Right.OPERATE}
