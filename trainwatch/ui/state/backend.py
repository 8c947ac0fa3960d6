"""What the page needs of the services: handed in by the composition root, so no state knows the store."""

from collections.abc import Sequence
from typing import Protocol


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
        task_id: int,
        *,
        title: str | None = None,
        tags: tuple[str, ...] | None = None,
        notes: str | None = None,
    ) -> None:
        """Change what people say of a task; None leaves a value as it is."""
        ...

    async def request_stop(self, task_id: int, *, stop: bool) -> None:
        """Raise the stop flag that the task's script reads with its next report, or take it back."""
        ...


class _Wiring:
    backend: Backend | None = None


def use_backend(backend: Backend) -> None:
    """Let every state talk to `backend` from now on."""
    _Wiring.backend = backend


def backend() -> Backend:
    """Return the backend in use.

    Raises:
        RuntimeError: If the composition root has not given one yet.
    """
    if _Wiring.backend is None:
        raise RuntimeError("no backend: call use_backend() at start")
    return _Wiring.backend
