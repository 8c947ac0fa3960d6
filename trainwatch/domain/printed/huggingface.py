"""The dictionaries that the Hugging Face Trainer (and TRL on top of it) prints, and what it says at the start."""

import re

from trainwatch.domain.printed.names import metric_name
from trainwatch.domain.printed.numbers import VALUE, value_of, whole
from trainwatch.domain.printed.reading import Reading

WORDS = frozenset({"epoch", "epochs", "optimization"})

_PAIR = re.compile(rf"'([A-Za-z_][\w./@ -]{{0,90}})': '?({VALUE})'?(?=[,}}])")
_SIGNATURE = re.compile(r"'(?:grad_norm|learning_rate|eval_\w+|train_runtime|train_loss)':")
_PLAN = re.compile(
    r"\s{0,40}(?:\S.{0,60}- )?\s{0,40}(Num Epochs|Total optimization steps) = ([0-9,]+)\s{0,40}"
)


def read(line: str) -> Reading | None:
    """Return what a dictionary of the Trainer, or its plan, says; other dictionaries are left to others."""
    plan = _PLAN.fullmatch(line) if " = " in line else None
    if plan:
        is_epochs = plan[1] == "Num Epochs"
        number = whole(plan[2])
        return Reading(
            scope="run", total_epochs=number if is_epochs else None, total=None if is_epochs else number
        )
    start = line.find("{'")
    if start < 0 or not _SIGNATURE.search(line, start):
        return None
    metrics: dict[str, float] = {}
    passed: float | None = None
    for printed, number in _PAIR.findall(line[start:]):
        value = value_of(number)
        if printed == "epoch":
            passed = value
        elif value is not None:
            name = metric_name(printed)
            if name is not None:
                metrics[name] = value
    return Reading(metrics=metrics, scope="run", epochs_passed=passed)
