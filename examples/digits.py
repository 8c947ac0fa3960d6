"""Train a classifier on scikit-learn's bundled digits and show it live in TrainWatch.

    trainwatch serve                      # in one terminal
    python examples/digits.py             # in another; then open http://localhost:62222

The training is real; only the pause after each mini-batch is for show. Reporting needs nothing but the
standard library: `report()` below is all of it, so copy it into your own script.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from time import sleep
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

BATCH = 64
DIRECTLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # whatever http_proxy says
CLASSES = np.arange(10)


def report(url: str, **fields: object) -> bool:
    """Tell TrainWatch how the training is going; return whether somebody asked it to stop.

    A server that is away or refuses never disturbs the training: it is said on stderr, no more.
    """
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get("TRAINWATCH_KEY"):
        headers["X-API-Key"] = key
    request = urllib.request.Request(f"{url}/hook", json.dumps(fields).encode(), headers)
    try:
        with DIRECTLY.open(request, timeout=2) as answer:
            return bool(json.load(answer).get("stop"))
    except urllib.error.HTTPError as error:
        sys.stderr.write(f"not taken: {error.code} {error.read(300).decode(errors='replace')}\n")
    except (OSError, ValueError, HTTPException) as error:
        sys.stderr.write(f"not reported: {error}\n")
    return False


@dataclass(frozen=True)
class Progress:
    """Where the training is after a mini-batch; `accuracy` is that on the held-out digits."""

    epoch: int
    step: int
    loss: float
    accuracy: float | None


class Digits:
    """The images as rows of brightness in 0..1; a quarter of them is held out for the accuracy."""

    def __init__(self) -> None:
        images, labels = load_digits(return_X_y=True)
        split = train_test_split(images / 16.0, labels, random_state=0)
        self.pixels, self.held_pixels, self.labels, self.held_labels = split
        self.batches = -(-len(self.pixels) // BATCH)


def train(digits: Digits, epochs: int) -> Iterator[Progress]:
    """Train mini-batch by mini-batch, and yield after each one."""
    model = MLPClassifier(hidden_layer_sizes=(64,), learning_rate_init=0.003, random_state=0)
    shuffle = np.random.default_rng(0)
    order = shuffle.permutation(len(digits.pixels))
    for step in range(1, epochs * digits.batches + 1):
        epoch, place = divmod(step - 1, digits.batches)
        if place == 0 and epoch:
            order = shuffle.permutation(len(digits.pixels))
        batch = order[place * BATCH : (place + 1) * BATCH]
        model.partial_fit(digits.pixels[batch], digits.labels[batch], classes=CLASSES)
        loss = float(
            log_loss(digits.labels[batch], model.predict_proba(digits.pixels[batch]), labels=CLASSES)
        )
        often = step % 5 == 0 or place == digits.batches - 1
        accuracy = float(model.score(digits.held_pixels, digits.held_labels)) if often else None
        yield Progress(epoch + 1, step, loss, accuracy)


def fields_of(progress: Progress, *, epochs: int, steps: int) -> dict[str, Any]:
    """Return what is reported after a mini-batch."""
    fields: dict[str, Any] = {
        "progress": progress.step / steps,
        "currentEpoch": progress.epoch,
        "totalEpochs": epochs,
        "step": progress.step,
        "totalSteps": steps,
        "loss": round(progress.loss, 6),
    }
    if progress.accuracy is not None:
        fields["accuracy"] = round(progress.accuracy, 6)
    return fields


def main() -> int:
    """Train, report as it goes, and say how it ended."""
    parser = argparse.ArgumentParser(description="Train on digits, watched by TrainWatch.")
    url = os.environ.get("TRAINWATCH_URL", "http://127.0.0.1:62222")
    parser.add_argument("--url", default=url, help="where TrainWatch is, unless TRAINWATCH_URL says so")
    parser.add_argument("--name", default="digits", help="the name of the task")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--delay", type=float, default=0.18, help="seconds to pause after each mini-batch")
    wanted = parser.parse_args()
    task = {"taskName": wanted.name, "runId": f"{wanted.name}-{uuid.uuid4().hex[:8]}"}
    digits = Digits()
    steps = wanted.epochs * digits.batches
    try:
        report(wanted.url, **task, status="running", totalEpochs=wanted.epochs, totalSteps=steps)
        for progress in train(digits, wanted.epochs):
            sys.stdout.write(
                f"epoch {progress.epoch} step {progress.step}/{steps} loss {progress.loss:.4f}\n"
            )
            if report(wanted.url, **task, **fields_of(progress, epochs=wanted.epochs, steps=steps)):
                report(wanted.url, **task, status="stopped", message="Stopped from the page")
                return 0
            sleep(wanted.delay)
    except KeyboardInterrupt:
        report(wanted.url, **task, status="stopped", message="Stopped by Ctrl-C")
        return 130
    except Exception as error:
        report(wanted.url, **task, status="failed", message=f"{type(error).__name__}: {error}")
        raise
    report(wanted.url, **task, status="complete")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
