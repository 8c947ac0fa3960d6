"""What the page needs of the services: handed in by the composition root, so no state knows the store."""

from collections.abc import Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar

from trainwatch.door.identity import Identity
from trainwatch.services.access_views import AuditView, KeyView, MeView, SessionView

T = TypeVar("T")


class Backend(Protocol):
    """The few things that a person can do on the page. Each may raise a `TrainwatchError`."""

    async def join(self, session_id: str, rooms: Sequence[str]) -> None:
        """Let the tab of that socket hear `rooms` and no others."""
        ...

    async def task_exists(self, task_id: int) -> bool:
        """Return whether there is such a task."""
        ...

    async def edit_task(
        self,
        caller: Identity,
        task_id: int,
        *,
        title: str | None = None,
        tags: tuple[str, ...] | None = None,
        notes: str | None = None,
    ) -> None:
        """Change what people say of a task; None leaves a value as it is."""
        ...

    async def request_stop(self, caller: Identity, task_id: int, *, stop: bool) -> None:
        """Raise the stop flag that the task's script reads with its next report, or take it back."""
        ...

    async def end_task(self, caller: Identity, task_id: int, status: str) -> None:
        """Mark a task as failed or stopped whose program will not say so itself."""
        ...

    async def archive_task(self, caller: Identity, task_id: int, *, archived: bool) -> None:
        """Take a task out of the lists, or bring it back."""
        ...

    async def delete_task(self, caller: Identity, task_id: int) -> None:
        """Delete a task with its points and history."""
        ...


class Access(Protocol):
    """What the settings show and change of sessions and keys. Each may raise a `TrainwatchError`.

    The states ask only for callers who may; `caller` says whom the audit log names.
    """

    async def me(self, caller: Identity) -> MeView:
        """Return the caller."""
        ...

    async def sessions(self, caller: Identity) -> list[SessionView]:
        """Return every browser that is signed in, the caller's own first, then the last seen first."""
        ...

    async def keys(self) -> list[KeyView]:
        """Return every key that was not revoked, expired ones too, the newest first."""
        ...

    async def audit(self, before: int | None) -> list[AuditView]:
        """Return the newest lines of the audit log, at most `AUDIT_PAGE`; with `before`, older than that line."""
        ...

    async def create_key(
        self, caller: Identity, *, scope: str, label: str, expires_in_days: int | None
    ) -> str:
        """Make a key and return it; nobody can read it again."""
        ...

    async def revoke_key(self, caller: Identity, key_id: int) -> None:
        """End a key at once."""
        ...

    async def revoke_session(self, caller: Identity, session_id: int) -> None:
        """Sign a browser out at once."""
        ...

    async def revoke_other_sessions(self, caller: Identity) -> None:
        """Sign every browser out but the caller's."""
        ...


class Jobs(Protocol):
    """What a person can do with jobs. Each may raise a `TrainwatchError`.

    A simulated job needs the right `simulate`, any other the right `operate`: each asks for `caller`.
    """

    def runners(self, caller: Identity) -> list[str]:
        """Return the runners that a new job of `caller` may have."""
        ...

    async def offer(self, caller: Identity) -> dict[str, Any]:
        """Return the templates that `caller` may run, with what is wrong with their file; nothing if it may run none."""
        ...

    async def exists(self, job_id: int) -> bool:
        """Return whether there is such a job."""
        ...

    def first_form(self) -> dict[str, str]:
        """Return what the form for a new job begins with."""
        ...

    async def form_of(self, caller: Identity, job_id: int) -> dict[str, str] | None:
        """Return the form filled in as for that job; None if there is none, or `caller` may not make one like it."""
        ...

    async def create(self, caller: Identity, form: Mapping[str, str]) -> int:
        """Make the job that `form` describes and return its id.

        Raises:
            InvalidJobError: With everything that is wrong, by field.
        """
        ...

    async def start(self, caller: Identity, job_id: int) -> None:
        """Let a job wait for its turn, with a new attempt if it has run before."""
        ...

    async def stop(self, caller: Identity, job_id: int, over: str | None = None) -> None:
        """Stop a job that runs, or take back the start of one that waits; `over`: the stage not to be waited for."""
        ...

    async def begin_demo(self, caller: Identity) -> None:
        """Make the jobs of the demo and start them, unless some are there."""
        ...

    async def remove_demo(self, caller: Identity) -> None:
        """Delete what there is of the demo, those jobs too that run."""
        ...


class Wire(Generic[T]):
    """Where the composition root plugs in what the states talk to; called, it returns that."""

    def __init__(self, name: str) -> None:
        """Begin with nothing plugged in; `name` is for who forgets it."""
        self._name = name
        self._made: T | None = None

    def use(self, made: T) -> None:
        """Let every state talk to `made` from now on."""
        self._made = made

    def __call__(self) -> T:
        """Return what is plugged in.

        Raises:
            RuntimeError: If the composition root has not given it yet.
        """
        if self._made is None:
            raise RuntimeError(f"no {self._name}: call use_{self._name}() at start")
        return self._made


backend, access, jobs = Wire[Backend]("backend"), Wire[Access]("access"), Wire[Jobs]("jobs")
use_backend, use_access, use_jobs = backend.use, access.use, jobs.use
