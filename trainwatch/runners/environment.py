"""What a job inherits of the environment that the server was started with."""

from collections.abc import Mapping

_OF_THE_SERVER = (
    "TRAINWATCH_",
    "PG",  # how PostgreSQL's clients find their server, the password among it
    "REFLEX_",
    "__REFLEX_",
    "UVICORN_",
    "LISTEN_",  # from here on: between systemd and its service
    "WATCHDOG_",
)
_OF_ITS_SERVICE = frozenset(
    {
        *("NOTIFY_SOCKET", "MAINPID", "INVOCATION_ID", "JOURNAL_STREAM", "SYSTEMD_EXEC_PID"),
        *("MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", "CREDENTIALS_DIRECTORY"),
        *("RUNTIME_DIRECTORY", "STATE_DIRECTORY", "CACHE_DIRECTORY", "LOGS_DIRECTORY"),
        "CONFIGURATION_DIRECTORY",
    }
)


def inherited(environ: Mapping[str, str]) -> dict[str, str]:
    """Return `environ` without what is the server's own: its settings, its database's, its service manager's.

    A job prints its environment more often than one thinks, and its log is for everybody who may look.
    """
    return {
        name: value
        for name, value in environ.items()
        if not name.startswith(_OF_THE_SERVER) and name not in _OF_ITS_SERVICE
    }
