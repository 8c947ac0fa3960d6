"""DeepSpeed's own step lines."""

import re

from trainwatch.domain.printed.numbers import NUMBER, VALUE, value_of, whole
from trainwatch.domain.printed.reading import Reading

WORDS = frozenset({"step", "steps"})

_STEP = re.compile(rf".{{0,200}}?\bstep=([0-9]{{1,16}}), skipped=[0-9]{{1,16}}, lr=\[({NUMBER})")
_STEPS = re.compile(rf"steps: ([0-9]{{1,16}}) loss: ({VALUE}) ")


def read(line: str) -> Reading | None:
    """Return what "step=10, skipped=0, lr=[5e-05]" or "steps: 10 loss: 0.5 iter time (s): …" says."""
    found, name = _STEPS.match(line), "loss"
    if found is None and "skipped=" in line:
        found, name = _STEP.match(line), "learning_rate"
    if found is None:
        return None
    value = value_of(found[2])
    return Reading(metrics={} if value is None else {name: value}, done=whole(found[1]), counter="steps")
