"""Every error that TrainWatch raises on purpose.

TrainwatchError
├── BadRequestError         what was sent is wrong; says which field and why
│   ├── InvalidReportError
│   ├── InvalidJobError     what a job is to be does not do; says so of each field
│   └── TooLargeError
├── NotFoundError           the thing that was named does not exist
├── ConflictError           the thing exists, but its state forbids this
├── UnauthorizedError       nobody knows who the caller is, or the sign-in or key has ended
├── ForbiddenError          the caller may not do this
├── RateLimitedError        the caller asks too often
├── UnavailableError        the server cannot take this now; try again
├── SettingsError           the server cannot start with these settings
├── BackupError             the database could not be copied
├── DataDirLockedError      another server owns this data
└── MigrationError          the database could not be brought to this version
"""

from collections.abc import Mapping


class TrainwatchError(Exception):
    """Base of all; `code` is stable and safe to match on, the message is for people."""

    code = "error"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        """Remember `field`, the name of the offending input where there is one."""
        super().__init__(message)
        self.message = message
        self.field = field


class BadRequestError(TrainwatchError):
    """The request is malformed."""

    code = "bad_request"


class InvalidReportError(BadRequestError):
    """A field of a report has a value that cannot be understood."""

    code = "invalid_report"


class InvalidJobError(BadRequestError):
    """Fields of a job are missing or wrong; `problems` says of each what is, to be read after its name.

    The names are in camelCase, "parameters.<name>" for a parameter of the template.
    """

    code = "invalid_job"

    def __init__(self, problems: Mapping[str, str]) -> None:
        """Remember `problems`, of which there is at least one."""
        super().__init__(
            "; ".join(f"{name} {problem}" for name, problem in problems.items()), field=next(iter(problems))
        )
        self.problems = dict(problems)


class TooLargeError(BadRequestError):
    """The body, a name or a list is longer than the limit."""

    code = "too_large"


class NotFoundError(TrainwatchError):
    """Nothing has that id."""

    code = "not_found"


class ConflictError(TrainwatchError):
    """The state of the thing forbids this now."""

    code = "conflict"


class UnauthorizedError(TrainwatchError):
    """The caller has to sign in or to send a key that is valid."""

    code = "unauthorized"


class ForbiddenError(TrainwatchError):
    """The caller lacks the right that this needs."""

    code = "forbidden"


class RateLimitedError(TrainwatchError):
    """The caller asks too often; it may ask again after `retry_after_s` seconds."""

    code = "rate_limited"

    def __init__(self, message: str, *, retry_after_s: int) -> None:
        """Remember how long to wait, in whole seconds (>= 1)."""
        super().__init__(message)
        self.retry_after_s = retry_after_s


class UnavailableError(TrainwatchError):
    """The server cannot take this now; nothing was saved, so try again."""

    code = "unavailable"


class SettingsError(TrainwatchError):
    """The server cannot start with these settings."""

    code = "settings"


class BackupError(TrainwatchError):
    """The database could not be copied."""

    code = "backup"


class DataDirLockedError(TrainwatchError):
    """Another server owns this data."""

    code = "data_dir_locked"


class MigrationError(TrainwatchError):
    """The database could not be brought to this version."""

    code = "migration"
