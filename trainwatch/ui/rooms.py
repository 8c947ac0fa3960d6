"""The rooms that a tab may be in: who is in one hears the frames that go there."""

EVERYONE = "everyone"
OVERVIEW = "overview"
ACCESS = "access"
TASK_PREFIX = "task-"
SESSION_PREFIX = "session-"


def room_of(task_id: int) -> str:
    """Return the room of one task's page."""
    return f"{TASK_PREFIX}{task_id}"


def room_of_session(session_id: int) -> str:
    """Return the room of the pages of one signed-in browser."""
    return f"{SESSION_PREFIX}{session_id}"
