"""Whether the kernel killed for want of memory: its own counters, before and after."""

import os


def oom_kills(proc: str = "/proc", cgroups: str = "/sys/fs/cgroup") -> int | None:
    """Return how many processes the kernel has killed so far for want of memory, None if it does not tell.

    In our control group if that is counted (either version of them), else on the whole machine; so
    only two answers of one process can be compared.
    """
    for path in (*_of_our_group(proc, cgroups), os.path.join(proc, "vmstat")):
        count = _count_in(path)
        if count is not None:
            return count
    return None


def _of_our_group(proc: str, cgroups: str) -> list[str]:
    try:
        with open(os.path.join(proc, "self/cgroup"), encoding="utf-8") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    paths: list[str] = []
    for line in lines:
        _, controllers, group = line.split(":", 2)
        inside = group.lstrip("/")
        if not controllers:
            paths.append(os.path.join(cgroups, inside, "memory.events"))
            paths.append(os.path.join(cgroups, "unified", inside, "memory.events"))
        elif "memory" in controllers.split(","):
            paths.append(os.path.join(cgroups, "memory", inside, "memory.oom_control"))
    return paths


def _count_in(path: str) -> int | None:
    try:
        with open(path, encoding="ascii") as file:
            for line in file:
                name, _, value = line.partition(" ")
                if name == "oom_kill":
                    return int(value)
    except OSError:
        return None
    return None
