"""What scikit-learn prints with `verbose=True`: neural networks, stochastic gradient descent, k-means."""

import re

from trainwatch.domain.printed.numbers import VALUE, value_of, whole
from trainwatch.domain.printed.reading import Reading

WORDS = frozenset({"iteration", "validation", "epoch", "norm"})

_ITERATION = re.compile(rf"Iteration ([0-9]{{1,16}}), (loss|inertia) = ({VALUE})\.?")
_SCORE = re.compile(rf"Validation score: ({VALUE})")
_EPOCH = re.compile(r"-- Epoch ([0-9]{1,16})")
_DESCENT = re.compile(
    rf"Norm: {VALUE}, NNZs: [0-9]{{1,16}}, Bias: {VALUE}, T: [0-9]{{1,16}}, Avg\. loss: ({VALUE})(?:, Objective: ({VALUE}))?"
)


def read(line: str) -> Reading | None:
    """Return what a verbose estimator says."""
    found = _ITERATION.match(line)
    if found:
        return Reading(metrics=_kept({found[2]: found[3]}), done=whole(found[1]), counter="iterations")
    found = _SCORE.fullmatch(line)
    if found:
        return Reading(metrics=_kept({"val_score": found[1]}))
    found = _EPOCH.fullmatch(line)
    if found:
        return Reading(epoch=whole(found[1]))
    found = _DESCENT.match(line)
    return Reading(metrics=_kept({"loss": found[1], "objective": found[2]})) if found else None


def _kept(printed: "dict[str, str | None]") -> "dict[str, float]":
    values = {name: value_of(text) for name, text in printed.items() if text}
    return {name: value for name, value in values.items() if value is not None}
