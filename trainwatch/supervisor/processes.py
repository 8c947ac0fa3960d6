"""What is known of the processes of this machine: one choice for each operating system."""

import sys

if sys.platform == "linux":
    from trainwatch.supervisor.processes_proc import (
        boot_id,
        children,
        everybody,
        has_in_environment,
        look_up,
        start_of_one_born_now,
        watch_end,
    )
else:
    from trainwatch.supervisor.processes_ps import (
        boot_id,
        children,
        everybody,
        has_in_environment,
        look_up,
        start_of_one_born_now,
        watch_end,
    )

__all__ = [
    "boot_id",
    "children",
    "everybody",
    "has_in_environment",
    "look_up",
    "start_of_one_born_now",
    "watch_end",
]
