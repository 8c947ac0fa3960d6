"""What a browser may ask of the pages of jobs."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import reflex as rx
from reflex.istate.data import RouterData

from tests.plugins.states import Callers, fresh
from trainwatch.domain.job_payload import parse_job
from trainwatch.door.identity import LOCAL, STRANGER, Identity
from trainwatch.door.rights import Right
from trainwatch.errors import ConflictError, ForbiddenError, NotFoundError
from trainwatch.ui.state.backend import use_backend, use_jobs
from trainwatch.ui.state.jobs import MOST_AT_ONCE, Demo, JobList
from trainwatch.ui.state.new_job import FIELDS, NewJob
from trainwatch.ui.state.rights import right_of
from trainwatch.ui.state.task_page import TaskPage
from trainwatch.ui.state.visitor import use_callers

FIRST = {"name": "", "modelName": "", "epochs": "10"}
AGAIN = {"name": "bert", "modelName": "bert-base", "epochs": "3"}
JOB, TASK = 1, 2


class Desk:
    """A `Jobs` with one job, and the part of a backend that its pages need; remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.joined: list[str] = []

    async def join(self, session_id: str, rooms: Sequence[str]) -> None:
        self.joined = list(rooms)

    async def task_exists(self, task_id: int) -> bool:
        return task_id in (JOB, TASK)

    async def delete_task(self, caller: Identity, task_id: int) -> None:
        self._note("delete", task_id)

    def runners(self, caller: Identity) -> list[str]:
        return ["simulated"]

    async def offer(self, caller: Identity) -> dict[str, Any]:
        return {"templates": []}

    async def exists(self, job_id: int) -> bool:
        return job_id == JOB

    def first_form(self) -> dict[str, str]:
        return FIRST

    async def form_of(self, caller: Identity, job_id: int) -> dict[str, str] | None:
        return AGAIN if job_id == JOB else None

    async def create(self, caller: Identity, form: Mapping[str, str]) -> int:
        if form.get("runner") == "local":
            raise ForbiddenError("this needs the right operate")
        self.asked.append(("create", parse_job(form).name))
        return JOB

    async def start(self, caller: Identity, job_id: int) -> None:
        self._note("start", job_id)

    async def stop(self, caller: Identity, job_id: int, over: str | None = None) -> None:
        self._note("stop" if over is None else f"stop over {over}", job_id)

    async def begin_demo(self, caller: Identity) -> None:
        self.asked.append("begin demo")

    async def remove_demo(self, caller: Identity) -> None:
        raise ConflictError("not now")

    def _note(self, what: str, job_id: int) -> None:
        if job_id != JOB:
            raise NotFoundError(f"there is no job {job_id}")
        self.asked.append((what, job_id))


@pytest.fixture(autouse=True)
def desk() -> Desk:
    desk = Desk()
    use_jobs(desk)
    use_backend(desk)  # pyright: ignore[reportArgumentType]
    use_callers(Callers(LOCAL))
    return desk


def cause(page: rx.State, name: str, *arguments: object) -> Any:
    """Call a handler of `page` and return what it answers."""
    return asyncio.run(type(page).event_handlers[name].fn(page, *arguments))


def opened(kind: type[rx.State], address: str) -> Any:
    """Return a page that was just opened at that address."""
    page = fresh(kind)
    page.router = RouterData.from_router_data({"asPath": address, "pathname": address})
    cause(page, "enter")
    return page


@pytest.mark.parametrize("name", ["start", "stop", "delete"])
def test_what_is_done_to_several_jobs_is_done_to_each_that_is_there(desk: Desk, name: str) -> None:
    page = fresh(JobList)
    cause(page, name, [JOB, 7, 8])
    assert desk.asked == [(name, JOB)]
    assert page.problem == "2 of 3 refused: there is no job 7; there is no job 8"
    cause(page, name, [JOB])
    assert page.problem == ""


def test_a_refusal_of_one_is_told_in_its_own_words() -> None:
    page = fresh(JobList)
    cause(page, "start", [7])
    assert page.problem == "there is no job 7"


def test_one_click_reaches_a_thousand_jobs_and_no_more(desk: Desk) -> None:
    jobs = fresh(JobList)
    cause(jobs, "start", [JOB] * (MOST_AT_ONCE + 1))
    assert desk.asked == []
    assert jobs.problem == "1,001 jobs are too many at once: choose at most 1,000"
    cause(jobs, "start", [JOB] * MOST_AT_ONCE)
    assert len(desk.asked) == MOST_AT_ONCE


def test_the_list_hears_every_task(desk: Desk) -> None:
    cause(fresh(JobList), "enter")
    assert desk.joined == ["everyone", "overview"]


def test_the_demo_begins_and_a_refusal_is_told(desk: Desk) -> None:
    page = fresh(Demo)
    cause(page, "begin")
    assert (desk.asked, page.problem) == (["begin demo"], "")
    cause(page, "remove")
    assert page.problem == "not now"


@pytest.mark.parametrize(
    ("address", "missing"),
    [
        (f"/training/jobs/{JOB}", False),
        (f"/training/jobs/{JOB}/", False),
        (f"/team/tw/training/jobs/{JOB}", False),
        (f"/training/jobs/{TASK}", True),
        ("/training/jobs/99", True),
        ("/training/jobs/one", True),
        (f"/tasks/{JOB}", False),
        (f"/tasks/{TASK}", False),
    ],
)
def test_at_a_jobs_address_only_a_job_will_do(address: str, missing: bool) -> None:
    assert opened(TaskPage, address).missing is missing


def test_the_page_of_a_job_starts_and_stops_it(desk: Desk) -> None:
    page = fresh(TaskPage)
    cause(page, "start", JOB)
    cause(page, "stop", JOB, "")
    cause(page, "stop", JOB, "interrupting")
    assert desk.asked == [("start", JOB), ("stop", JOB), ("stop over interrupting", JOB)]
    cause(page, "start", 7)
    assert page.problem == "there is no job 7"


@pytest.mark.parametrize(
    ("address", "values", "is_again"),
    [
        ("/training/jobs/new", FIRST, False),
        (f"/training/jobs/new?from={JOB}", AGAIN, True),
        ("/training/jobs/new?from=7", FIRST, False),
        ("/training/jobs/new?from=x", FIRST, False),
    ],
)
def test_the_form_begins_empty_or_as_the_job_that_is_named(
    address: str, values: dict[str, str], is_again: bool
) -> None:
    page = opened(NewJob, address)
    assert (page.values, page.is_again, page.runners, page.is_filled) == (
        values,
        is_again,
        ["simulated"],
        True,
    )


def test_every_mistake_is_told_beside_its_field_and_no_job_is_made(desk: Desk) -> None:
    page = opened(NewJob, "/training/jobs/new")
    assert cause(page, "create", ["name", "epochs", "speed"], ["", "lots", "0"]) is None
    assert page.problems == {
        "name": "is missing",
        "modelName": "is missing",
        "epochs": "must be a whole number from 1 to 100000",
        "speed": "must be from 0.01 to 100 points a second",
    }
    assert (page.problem, desk.asked) == ("", [])


def test_a_mistake_that_the_form_has_no_field_for_is_told_at_its_end() -> None:
    page = opened(NewJob, "/training/jobs/new")
    cause(page, "create", [*AGAIN, "options"], [*AGAIN.values(), "x"])
    assert page.problem == "options must be an object"


def test_any_other_refusal_is_told_at_its_end() -> None:
    page = opened(NewJob, "/training/jobs/new")
    cause(page, "create", [*AGAIN, "runner"], [*AGAIN.values(), "local"])
    assert page.problem == "this needs the right operate"


@pytest.mark.parametrize(("start", "asked"), [("yes", [("start", JOB)]), ("", [])])
def test_a_job_is_made_and_started_if_so_wished_and_its_page_is_shown(
    desk: Desk, start: str, asked: list[Any]
) -> None:
    page = opened(NewJob, "/training/jobs/new")
    gone_to = cause(page, "create", [*AGAIN, "start"], [*AGAIN.values(), start])
    assert desk.asked == [("create", "bert"), *asked]
    assert f"/training/jobs/{JOB}" in str(gone_to.args)


def test_a_form_that_is_sent_twice_makes_one_job(desk: Desk) -> None:
    page = opened(NewJob, "/training/jobs/new")
    for _ in range(2):
        cause(page, "create", [*AGAIN], [*AGAIN.values()])
    assert desk.asked == [("create", "bert")]


def test_a_form_that_is_sent_again_after_a_break_makes_no_other_job_and_leads_to_the_first(
    desk: Desk,
) -> None:
    page = opened(NewJob, "/training/jobs/new")
    sent = ([*AGAIN, "form"], [*AGAIN.values(), "7-7"])
    cause(page, "create", *sent)
    cause(page, "enter")
    gone_to = cause(page, "create", *sent)
    assert desk.asked == [("create", "bert")]
    assert f"/training/jobs/{JOB}" in str(gone_to.args)


def test_another_form_makes_another_job(desk: Desk) -> None:
    page = opened(NewJob, "/training/jobs/new")
    for form in ("7-7", "8-8"):
        cause(page, "create", [*AGAIN, "form"], [*AGAIN.values(), form])
    assert desk.asked == [("create", "bert")] * 2


def test_a_form_begins_as_before_after_a_break_and_with_nothing_when_it_was_left() -> None:
    page = opened(NewJob, f"/training/jobs/new?from={JOB}")
    before = page.begins_with
    assert before
    cause(page, "enter")
    assert page.begins_with == before
    cause(page, "leave")
    assert (page.begins_with, page.values, page.is_filled) == (None, {}, False)


def test_who_may_make_no_job_is_offered_no_form() -> None:
    use_callers(Callers(STRANGER))
    assert opened(NewJob, "/training/jobs/new").begins_with == ""


def test_a_form_that_was_corrected_has_no_words_left_of_its_mistakes() -> None:
    page = opened(NewJob, "/training/jobs/new")
    cause(page, "create", ["name"], ["x"])
    cause(page, "create", [*AGAIN], [*AGAIN.values()])
    assert (page.problems, page.problem) == ({}, "")


def test_the_form_has_room_for_every_word_about_a_simulated_job() -> None:
    options = {"options": {"speed": "x", "failAt": "x", "seed": "x"}}
    with pytest.raises(Exception, match="epochs") as refused:
        parse_job({"epochs": "x", "stepsPerEpoch": "x", "learningRate": "x", "batchSize": "x", **options})
    assert set(refused.value.problems) | {"runner"} == FIELDS  # type: ignore[attr-defined]


@pytest.mark.parametrize("state", [JobList, Demo, NewJob])
def test_every_handler_names_the_right_it_needs(state: type[rx.State]) -> None:
    own = {name: handler for name, handler in state.event_handlers.items() if name in vars(state)}
    needed = {name: right_of(handler.fn) for name, handler in own.items() if name != "setvar"}
    assert set(needed.values()) <= {Right.READ, Right.SIMULATE, Right.OPERATE}
    assert {name for name, right in needed.items() if right is Right.READ} <= {"enter"}
    assert needed.get("delete") in (None, Right.OPERATE)
