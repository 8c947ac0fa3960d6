"""Train a classifier on scikit-learn's bundled digits and print how it goes: nothing here knows of TrainWatch.

    python examples/plain_digits.py --epochs 10

It is what the template "digits" runs; loss, accuracy and progress are read from the lines that it prints.
"""

import argparse
import sys
import time

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

CLASSES = np.arange(10)


def parsed_arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description="Train on handwritten digits.")
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.003)
    parser.add_argument("--hidden", type=int, default=64, help="units of the hidden layer")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds to rest after each step, for show")
    return parser.parse_args()


def train(wanted: argparse.Namespace) -> None:
    """Train, and print a line a step; the accuracy is that on the quarter that is held out."""
    images, labels = load_digits(return_X_y=True)
    pixels, held_pixels, labels, held_labels = train_test_split(images / 16, labels, random_state=0)
    model = MLPClassifier((wanted.hidden,), learning_rate_init=wanted.learning_rate, random_state=wanted.seed)
    shuffle = np.random.default_rng(wanted.seed)
    steps = wanted.epochs * -(-len(pixels) // wanted.batch_size)
    step = 0
    for epoch in range(1, wanted.epochs + 1):
        order = shuffle.permutation(len(pixels))
        for start in range(0, len(order), wanted.batch_size):
            batch = order[start : start + wanted.batch_size]
            model.partial_fit(pixels[batch], labels[batch], classes=CLASSES)
            step += 1
            loss = log_loss(labels[batch], model.predict_proba(pixels[batch]), labels=CLASSES)
            accuracy = model.score(held_pixels, held_labels)
            done = f"epoch {epoch}/{wanted.epochs} step {step}/{steps}"
            print(f"{done} loss={loss:.4f} accuracy={accuracy:.4f}", flush=True)
            time.sleep(wanted.pause)


if __name__ == "__main__":
    try:
        train(parsed_arguments())
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
