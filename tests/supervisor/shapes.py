"""The shapes that jobs have when somebody wants them to stop: how each is started, and how many of its processes note themselves."""

from tests.supervisor import jobs

POLITE = {
    "alone": (jobs.POLITE, 1),
    "with children in every session": (jobs.POLITE_WITH_CHILDREN, 4),
    "in a shell": (jobs.POLITE_IN_A_SHELL, 1),
    "holds itself": (jobs.HOLDS_ITSELF, 2),
}

DEAF = {
    "alone": (jobs.DEAF, 1),
    "in a shell": (jobs.DEAF_IN_A_SHELL, 1),
    "in another session": (jobs.DEAF_IN_ANOTHER_SESSION, 2),
    "a daemon": (jobs.DEAF_DAEMON, 2),
    "a daemon that cleared its environment": (jobs.DEAF_DAEMON_THAT_FORGOT, 2),
    "closed its output": (jobs.DEAF_AND_MUTE, 2),
    "holds itself": (jobs.DEAF_AND_HELD, 2),
    "a respawner": (jobs.RESPAWNER, 2),
    "two that respawn each other": (jobs.TWO_THAT_RESPAWN_EACH_OTHER, 2),
    "flees by forking": (jobs.FLEES_BY_FORKING, 1),
    "flees into new sessions": (jobs.FLEES_INTO_NEW_SESSIONS, 1),
    "forks when asked to end": (jobs.FORKS_WHEN_ASKED_TO_END, 1),
}
