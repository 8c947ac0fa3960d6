"""Train a small convolutional network with PyTorch and print how it goes: nothing here knows of TrainWatch.

    python examples/plain_torch.py --epochs 5 --device cpu

It is what the template "torch" runs. The pictures are made up, ten shapes that are shifted and full of noise, so
nothing is downloaded. A GPU is used where there is one.
"""

import argparse
import sys
import time

import torch
from torch import Tensor, nn

CLASSES = 10
SIDE = 28


def parsed_arguments() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description="Train on made-up pictures.")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--steps-per-epoch", type=int, default=100)
    parser.add_argument("--batch-size", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=0.001)
    parser.add_argument(
        "--channels", type=int, default=16, help="of the first layer; the second has twice as many"
    )
    parser.add_argument("--noise", type=float, default=1.0, help="the more, the harder")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda"], default="auto")
    parser.add_argument("--amp", action="store_true", help="compute in mixed precision")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds to rest after each step, for show")
    return parser.parse_args()


class Pictures:
    """An endless supply of pictures, each one of ten shapes under noise."""

    def __init__(self, noise: float, device: str) -> None:
        coarse = torch.rand(CLASSES, 1, SIDE // 4, SIDE // 4)
        self.shapes = nn.functional.interpolate(coarse, SIDE, mode="bilinear").round().to(device)
        self.noise = noise

    def batch(self, size: int) -> tuple[Tensor, Tensor]:
        """Return so many pictures and what they show."""
        labels = torch.randint(CLASSES, (size,), device=self.shapes.device)
        down, right = (int(shift) for shift in torch.randint(-3, 4, (2,)))
        pictures = self.shapes[labels].roll((down, right), (2, 3))
        return pictures + self.noise * torch.randn_like(pictures), labels


def network(channels: int) -> nn.Module:
    """Return two convolutions and a layer that decides."""
    return nn.Sequential(
        nn.Conv2d(1, channels, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(channels, 2 * channels, 3, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(2 * channels * (SIDE // 4) ** 2, CLASSES),
    )


def train(wanted: argparse.Namespace) -> None:
    """Train, and print a line a step; the accuracy is that on pictures which were put aside."""
    torch.manual_seed(wanted.seed)
    found = "cuda" if torch.cuda.is_available() else "cpu"
    device = found if wanted.device == "auto" else wanted.device
    print(f"training on {torch.cuda.get_device_name() if device == 'cuda' else 'the CPU'}", flush=True)
    pictures = Pictures(wanted.noise, device)
    held, held_labels = pictures.batch(500)
    model = network(wanted.channels).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=wanted.learning_rate)
    steps = wanted.epochs * wanted.steps_per_epoch
    accuracy = 0.0
    for step in range(1, steps + 1):
        batch, labels = pictures.batch(wanted.batch_size)
        with torch.autocast(device, torch.bfloat16, enabled=wanted.amp):
            loss = nn.functional.cross_entropy(model(batch), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0 or step in (1, steps):
            with torch.no_grad():
                accuracy = float((model(held).argmax(1) == held_labels).float().mean())
        epoch = (step - 1) // wanted.steps_per_epoch + 1
        print(
            f"epoch {epoch}/{wanted.epochs} step {step}/{steps} loss={loss.item():.4f} accuracy={accuracy:.4f}",
            flush=True,
        )
        time.sleep(wanted.pause)


if __name__ == "__main__":
    try:
        train(parsed_arguments())
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
