"""Lines of JSON: what one's own logger writes, and reports in TrainWatch's own words."""

import json
import re
from collections.abc import Mapping
from typing import cast

from trainwatch.domain.duration import parse_duration
from trainwatch.domain.printed.names import is_setting, is_sure, metric_name
from trainwatch.domain.printed.reading import Reading
from trainwatch.domain.progress import Progress, parse_progress, resolve
from trainwatch.errors import InvalidReportError

MARKS = ('{"',)
SIGNS = (r'\{"',)

_LONGEST = 16_384
_PREFIX = re.compile(r".{0,99}(?:[]:|>-]|INFO|DEBUG) |\s{0,40}")
_MOST_METRICS = 256
_STEP = ("currentStep", "current_step", "step", "global_step", "_step", "iteration", "iter")
_TOTAL_STEPS = ("totalSteps", "total_steps", "max_steps", "num_steps")
_EPOCH = ("currentEpoch", "current_epoch", "epoch")
_TOTAL_EPOCHS = ("totalEpochs", "total_epochs", "num_epochs", "max_epochs")
_OURS = frozenset(
    {"taskName", "task_name", "currentEpoch", "currentStep", "totalSteps", "totalEpochs", "runId"}
)
_SPELT = {"learningRate": "learning_rate"}


def read(line: str) -> Reading | None:
    """Return what an object of JSON at the end of `line` says, if it is about training: it has a loss, or is a report."""
    start = line.find('{"')
    if len(line) > _LONGEST or not line.rstrip().endswith("}") or not _PREFIX.fullmatch(line, 0, start):
        return None
    try:
        said = json.loads(line[start:])
    except (ValueError, RecursionError):
        return None
    return _reading(cast("Mapping[str, object]", said)) if isinstance(said, dict) else None


def _reading(said: Mapping[str, object]) -> Reading | None:
    inner = said.get("metrics")
    metrics = _numbers(said)
    if isinstance(inner, Mapping):
        metrics.update(_numbers(cast("Mapping[str, object]", inner)))
    is_ours = not _OURS.isdisjoint(said)
    is_training = isinstance(inner, Mapping) and _whole(said, _STEP) is not None
    if not (is_ours or is_training or any(map(is_sure, metrics))) or sum(map(is_setting, said)) > 2:
        return None
    done, total = _whole(said, _STEP), _whole(said, _TOTAL_STEPS)
    epoch, total_epochs = _whole(said, _EPOCH), _whole(said, _TOTAL_EPOCHS)
    share = epoch / total_epochs if epoch is not None and total_epochs else None
    reading = Reading(
        metrics=metrics,
        scope="run" if done is not None and (is_ours or total is None) else "unsaid",
        done=done,
        total=total,
        counter="json",
        epoch=epoch,
        total_epochs=total_epochs,
        fraction=_fraction(said, share),
        eta_seconds=_eta(said),
    )
    return reading if reading != Reading(scope=reading.scope, counter="json") else None


def _numbers(said: Mapping[str, object]) -> "dict[str, float]":
    metrics: dict[str, float] = {}
    for printed, value in said.items():
        if type(value) in (int, float) and len(metrics) < _MOST_METRICS:
            name = _SPELT.get(printed) or metric_name(printed)
            try:
                if name is not None and printed not in _TOTAL_STEPS + _TOTAL_EPOCHS + _EPOCH + _STEP:
                    metrics[name] = float(cast("float", value))
            except OverflowError:
                continue
    return metrics


def _whole(said: Mapping[str, object], names: "tuple[str, ...]") -> int | None:
    for name in names:
        value = said.get(name)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 2**53 - 1:
            return int(value)
    return None


def _fraction(said: Mapping[str, object], share: float | None) -> float | None:
    if said.get("progress") is None:
        return None
    try:
        progress: Progress = parse_progress(said["progress"], said.get("progressUnit"))
    except InvalidReportError:
        return None
    return resolve(progress, in_percent=None, share=share)


def _eta(said: Mapping[str, object]) -> float | None:
    raw = said.get("eta", said.get("eta_seconds"))
    try:
        return None if raw is None else parse_duration(raw, "eta")
    except InvalidReportError:
        return None
