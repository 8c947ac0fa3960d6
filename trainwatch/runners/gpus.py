"""Which attempt has which GPU of this machine to itself."""

from collections.abc import Callable

from trainwatch.domain.job import Gpu
from trainwatch.errors import ConflictError
from trainwatch.runners.base import AttemptKey

VISIBLE = "CUDA_VISIBLE_DEVICES"
"""The variable by which a process is shown one GPU only; the driver counts them from 0."""

ORDER = {"CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
"""What makes CUDA count as `nvidia-smi` does; else the fastest GPU is its first."""


class Gpus:
    """The GPUs that jobs on this machine reserve, by the numbers that `nvidia-smi` gives them."""

    def __init__(self, count: Callable[[], int]) -> None:
        """Reserve among as many as `count` says; it is asked each time, for drivers come and go."""
        self._count = count
        self._of: dict[AttemptKey, int] = {}

    def may_have(self, wanted: Gpu) -> bool:
        """Whether a job that requires that GPU need not wait: it is free, or it will never be there."""
        if wanted is None:
            return True
        count = self._count()
        if count == 0 or (wanted != "any" and wanted >= count):
            return True
        return self._free(wanted, count) is not None

    def take(self, key: AttemptKey, wanted: Gpu) -> None:
        """Reserve the GPU for an attempt, if it requires one and it is free."""
        if wanted is not None and (index := self._free(wanted, self._count())) is not None:
            self._of[key] = index

    def require(self, key: AttemptKey, wanted: Gpu) -> None:
        """Let an attempt pass that has the GPU it requires.

        Raises:
            ConflictError: If this machine has no such GPU.
        """
        if wanted is None or key in self._of:
            return
        count = self._count()
        which = "a GPU" if wanted == "any" else f"GPU {wanted}"
        has = "none" if count == 0 else f"{count}, counted from 0"
        raise ConflictError(f"it requires {which}, and this machine has {has}")

    def environment_of(self, key: AttemptKey) -> dict[str, str]:
        """Return what shows an attempt its own GPU alone; nothing for one that requires none."""
        return {VISIBLE: str(self._of[key]), **ORDER} if key in self._of else {}

    def give_back(self, key: AttemptKey) -> None:
        """Let others have the GPU of an attempt."""
        self._of.pop(key, None)

    def _free(self, wanted: Gpu, count: int) -> int | None:
        taken = set(self._of.values())
        indices = range(count) if wanted == "any" else [index for index in range(count) if index == wanted]
        return next((index for index in indices if index not in taken), None)
