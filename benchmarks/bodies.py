"""What the load generators send: reports of a training run, in each form that the hook takes."""

import itertools
import json
import math
from collections.abc import Iterator

BODY_LIMIT = 1024 * 1024


def loss(step: int) -> float:
    """Return a curve that falls, with a ripple, so that no two values are the same."""
    return round(0.3 + 2.2 / (1 + step / 5000) + 0.05 * math.sin(step * 1.7), 6)


def singles(tasks: int, prefix: str) -> Iterator[bytes]:
    """Yield reports of 3 metrics for ever, to each of `tasks` tasks in turn, each with its own steps."""
    for step in itertools.count():
        value = loss(step)
        for task in range(tasks):
            yield (
                f'{{"taskName":"{prefix} {task}","gpuName":"GPU {task}","step":{step},'
                f'"metrics":{{"loss":{value},"accuracy":{1 - value / 3:.6f},"learning_rate":0.001}}}}'
            ).encode()


def columnar(task: str, points: int, *, start: int = 0, per_body: int = 45_000) -> Iterator[bytes]:
    """Yield `points` points of one series, `per_body` a body (45,000 make about 0.9 MiB)."""
    for first in range(start, start + points, per_body):
        steps = list(range(first, min(first + per_body, start + points)))
        column = {"steps": steps, "values": [loss(step) for step in steps]}
        yield json.dumps({"taskName": task, "series": {"loss": column}}, separators=(",", ":")).encode()


def report_lists(task: str, reports: int, *, per_body: int = 6_000) -> Iterator[bytes]:
    """Yield `reports` reports of 3 metrics, `per_body` a list (6,000 make about 0.8 MiB)."""
    for first in range(0, reports, per_body):
        steps = range(first, min(first + per_body, reports))
        batch = [
            {
                "taskName": task,
                "step": step,
                "metrics": {
                    "loss": loss(step),
                    "accuracy": round(1 - loss(step) / 3, 6),
                    "learning_rate": 0.001,
                },
            }
            for step in steps
        ]
        yield json.dumps(batch, separators=(",", ":")).encode()
