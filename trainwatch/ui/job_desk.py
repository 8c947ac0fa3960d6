"""What the page asks about jobs."""

import asyncio
import contextlib
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainwatch.domain.job import JobSpec, Runner
from trainwatch.domain.job_payload import parse_job, payload_of
from trainwatch.domain.template import Templates
from trainwatch.domain.template_parameter import written
from trainwatch.door.identity import Identity
from trainwatch.door.jobs import require_right_to_run, right_to_run
from trainwatch.door.task_control import TaskControl
from trainwatch.errors import ConflictError, NotFoundError, UnavailableError
from trainwatch.services import look
from trainwatch.services.demo import begin_demo, find_demo, remove_of_demo
from trainwatch.services.dispatch import Dispatcher
from trainwatch.services.jobs import create_job, start_job
from trainwatch.services.pending_writes import NOT_WRITTEN
from trainwatch.services.templates import offer_of, read_templates
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer

FIRST_EPOCHS = 10
"""How many epochs the empty form offers."""

RUNNERS = (Runner.SIMULATED, Runner.LOCAL)
"""What the form offers to who may run it."""

PARAMETER = "parameters."
"""What the fields of a template's own parameters begin with."""


class JobDesk:
    """The `Jobs` of the page's states."""

    def __init__(self, database: Database, writer: Writer, dispatcher: Dispatcher, data_dir: Path) -> None:
        """Read from `database`, change through `writer`; `dispatcher` runs the jobs, by the templates in `data_dir`."""
        self._database = database
        self._writer = writer
        self._dispatcher = dispatcher
        self._control = TaskControl(database, writer, dispatcher)
        self._data_dir = data_dir

    def runners(self, caller: Identity) -> list[str]:
        """Return the runners that a new job of `caller` may have."""
        return [each.value for each in RUNNERS if right_to_run(each) in caller.rights]

    async def offer(self, caller: Identity) -> dict[str, Any]:
        """Return the templates that `caller` may run, with what is wrong with their file; nothing if it may run none."""
        return await asyncio.to_thread(offer_of, self._data_dir) if _may_run(caller) else {}

    async def exists(self, job_id: int) -> bool:
        """Return whether there is such a job."""
        return await self._spec(job_id) is not None

    def first_form(self) -> dict[str, str]:
        """Return what the form for a new job begins with."""
        return _form(JobSpec(name="", model_name="", epochs=FIRST_EPOCHS))

    async def form_of(self, caller: Identity, job_id: int) -> dict[str, str] | None:
        """Return the form filled in as for that job; None if there is none, or `caller` may not make one like it."""
        spec = await self._spec(job_id)
        return None if spec is None or spec.runner not in self.runners(caller) else _form(spec)

    async def create(self, caller: Identity, form: Mapping[str, str]) -> int:
        """Make the job that `form` describes and return its id."""
        spec = parse_job(_payload(form), await self._templates_for(caller))
        require_right_to_run(caller, spec.runner)
        task = await self._writer.submit(lambda work: create_job(work, caller.actor, spec))
        return task.id

    async def start(self, caller: Identity, job_id: int) -> None:
        """Let a job wait for its turn, with a new attempt if it has run before."""
        await self._require_right(caller, job_id)
        await self._writer.submit(lambda work: start_job(work, caller.actor, job_id))
        self._dispatcher.look()

    async def stop(self, caller: Identity, job_id: int, over: str | None = None) -> None:
        """Stop a job that runs, or take back the start of one that waits; `over`: the stage not to be waited for."""
        if not await self._control.stop_job(caller, job_id, over):
            raise UnavailableError(NOT_WRITTEN)

    async def begin_demo(self, caller: Identity) -> None:
        """Make the jobs of the demo and start them, unless some are there."""
        if await asyncio.to_thread(self._demo):
            return
        await self._writer.submit(lambda work: begin_demo(work, caller.actor))
        self._dispatcher.look()

    async def remove_demo(self, caller: Identity) -> None:
        """Delete what there is of the demo, those jobs too that run."""
        for task_id in await asyncio.to_thread(self._demo):
            await self._remove(caller, task_id)

    async def _remove(self, caller: Identity, task_id: int) -> None:
        """Delete a job of the demo and then stop it, so that its runner tells nobody that it was stopped."""
        await self._writer.submit(lambda work: remove_of_demo(work, caller.actor, task_id))
        with contextlib.suppress(ConflictError, NotFoundError):  # it does not run, or somebody was quicker
            await self._dispatcher.stop(task_id, caller.actor)

    def _demo(self) -> list[int]:
        with self._database.reading() as connection:
            return [task.id for task in find_demo(connection)]

    async def _templates_for(self, caller: Identity) -> Templates | None:
        """Return the templates; None for who may not run them, and is not told their names by what is wrong."""
        return await asyncio.to_thread(read_templates, self._data_dir) if _may_run(caller) else None

    async def _require_right(self, caller: Identity, job_id: int) -> None:
        spec = await asyncio.to_thread(look.job_spec, self._database, job_id)
        require_right_to_run(caller, spec.runner)

    async def _spec(self, job_id: int) -> JobSpec | None:
        try:
            return await asyncio.to_thread(look.job_spec, self._database, job_id)
        except NotFoundError:
            return None


def _may_run(caller: Identity) -> bool:
    return right_to_run(Runner.LOCAL) in caller.rights


def _form(spec: JobSpec) -> dict[str, str]:
    """Return `spec` as the fields of a form, those of its options among them."""
    payload = payload_of(spec)
    options = payload.pop("options")
    parameters = {PARAMETER + name: value for name, value in options.pop("parameters", {}).items()}
    if command := options.pop("command", None):
        options["command"] = shlex.join(command)
    fields = {**payload, **options, **parameters}
    return {name: "" if value is None else written(value) for name, value in fields.items()}


def _payload(form: Mapping[str, str]) -> dict[str, object]:
    """Return `form` as a payload: what there is of parameters is together."""
    parameters = {
        name.removeprefix(PARAMETER): value for name, value in form.items() if name.startswith(PARAMETER)
    }
    return {**form, **({"parameters": parameters} if parameters else {})}
