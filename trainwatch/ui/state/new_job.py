"""The form for a new job: what it begins with, and what is wrong with what was typed."""

import contextlib
import json
from collections.abc import Mapping
from typing import Any

import reflex as rx

from trainwatch.door.rights import Right
from trainwatch.errors import InvalidJobError, TrainwatchError
from trainwatch.ui import routes
from trainwatch.ui.rooms import EVERYONE
from trainwatch.ui.state.backend import backend, jobs
from trainwatch.ui.state.rights import needs
from trainwatch.ui.state.task_page import parse_task_id
from trainwatch.ui.state.visitor import caller_of, greet

FIELDS = frozenset(
    {
        "name",
        "modelName",
        "epochs",
        "stepsPerEpoch",
        "learningRate",
        "batchSize",
        "runner",
        "speed",
        "failAt",
        "seed",
    }
)
"""Where the form has room for words about one field; any other problem stands at its end."""

REAL_FIELDS = frozenset({"template", "command", "gpu"})
"""Where it has room too if the job is a real one; and beside each parameter that was sent."""


class NewJob(rx.State):
    """`values` and `problems` are by field, in camelCase; what is typed stays in the browser until it is sent.

    `begins_with` is all that the form begins with: empty for those who may make no job, None while that is not known.
    `offer` has the templates of this machine, for who may run them. `problem` is what is wrong with none of the fields.
    """

    is_filled: bool = False
    is_again: bool = False
    begins_with: str | None = None
    values: dict[str, str] = {}
    runners: list[str] = []
    offer: dict[str, Any] = {}
    problems: dict[str, str] = {}
    problem: str = ""
    _made: tuple[str, int] | None = None

    @rx.event
    @needs(Right.READ)
    async def enter(self) -> None:
        """Offer an empty form, or one filled with the values of the job that the address names.

        So it is when the page is opened and whenever its connection is there again: what is typed stays in a form that begins as before.
        """
        made = self._made
        self.reset()
        self._made = made
        await greet(self)
        await backend().join(self.router.session.session_id, [EVERYONE])
        caller, job_id = caller_of(self), parse_task_id(self.router.url.query_parameters.get("from", ""))
        again = None if job_id is None else await jobs().form_of(caller, job_id)
        self.is_again = again is not None
        self.values = again or jobs().first_form()
        self.runners = jobs().runners(caller)
        self.offer = await jobs().offer(caller)
        self.begins_with = json.dumps(self.values) if Right.SIMULATE in caller.rights else ""
        self.is_filled = True

    @rx.event
    @needs(Right.SIMULATE)
    async def leave(self) -> None:
        """Forget the form, so that the next one does not begin as this one did until more is known."""
        self.reset()

    @rx.event
    @needs(Right.SIMULATE)
    async def create(self, fields: list[str], values: list[str]) -> Any:
        """Make the job of these fields, start it if `start` is among them, and go to its page.

        A form that is sent again, as by somebody who got no answer, makes no other.
        """
        form = dict(zip(fields, values, strict=False))
        name = form.pop("form", "")
        if self._made is not None and self._made[0] == name:
            return _to_the_job(self._made[1])
        starts = bool(form.pop("start", ""))
        self.problems, self.problem = {}, ""
        try:
            job_id = await jobs().create(caller_of(self), form)
        except InvalidJobError as error:
            self.problems = error.problems
            self.problem = "; ".join(
                f"{field} {words}" for field, words in error.problems.items() if not _has_room(field, form)
            )
            return None
        except TrainwatchError as error:
            self.problem = error.message
            return None
        self._made = name, job_id
        if starts:
            with contextlib.suppress(TrainwatchError):  # the job is made, and its page offers to start it
                await jobs().start(caller_of(self), job_id)
        return _to_the_job(job_id)


def _to_the_job(job_id: int) -> Any:
    return rx.redirect(f"{routes.JOBS}/{job_id}", replace=True)


def _has_room(field: str, form: Mapping[str, str]) -> bool:
    if field in FIELDS or field in REAL_FIELDS:
        return True
    return field.startswith("parameters.") and field in form
