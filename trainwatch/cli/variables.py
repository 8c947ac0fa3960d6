"""Environment variables that begin with TRAINWATCH_ and that nothing here reads: most likely one is misspelt."""

import difflib
import re
from collections.abc import Iterable

PREFIX = "TRAINWATCH_"

OF_CLIENTS = frozenset({"URL", "KEY", "TASK_ID", "ATTEMPT", "ATTEMPT_MARKER", "RUN_ID"})
"""What programs that report are told by, and jobs are given."""

_OF_KUBERNETES = re.compile(r"(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP|SCTP)(_\w+)?)?)")
"""What Kubernetes sets in every container beside a Service called trainwatch, or trainwatch-anything."""

_ALIKE = 0.6


def complain_of(names: Iterable[str], settings: Iterable[str]) -> str | None:
    """Return what to say of those variables among `names` that are none; None if all are.

    `settings` are the names of settings, as they are written in Python.
    """
    known = {each.upper() for each in settings} | OF_CLIENTS
    wrong = [name for name in names if _is_unknown(name, known)]
    return "; ".join(_complaint(name, known) for name in sorted(wrong)) or None


def _is_unknown(name: str, known: set[str]) -> bool:
    if not name.upper().startswith(PREFIX):
        return False
    rest = name.upper().removeprefix(PREFIX)
    return rest not in known and _OF_KUBERNETES.fullmatch(rest) is None


def _complaint(name: str, known: set[str]) -> str:
    nearest = difflib.get_close_matches(name.upper().removeprefix(PREFIX), sorted(known), 1, _ALIKE)
    advice = f"did you mean {PREFIX}{nearest[0]}?" if nearest else "the README lists those that there are"
    return f"there is no setting {name}: {advice}"
