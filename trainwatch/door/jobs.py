"""Who may run what: pretending is for everybody here, real processes are for operators."""

from trainwatch.domain.job import Runner
from trainwatch.door.guard import refusal
from trainwatch.door.identity import Identity
from trainwatch.door.rights import Right


def right_to_run(runner: Runner) -> Right:
    """Return the right that making, starting and stopping a job of that runner needs."""
    return Right.SIMULATE if runner is Runner.SIMULATED else Right.OPERATE


def require_right_to_run(identity: Identity, runner: Runner) -> None:
    """Refuse a caller who may not run jobs of that runner.

    Raises:
        ForbiddenError: If it may not.
        UnauthorizedError: If it might, but nobody knows who it is.
    """
    right = right_to_run(runner)
    if right not in identity.rights:
        raise refusal(identity, right)
