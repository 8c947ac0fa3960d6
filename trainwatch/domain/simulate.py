"""A training that only pretends: losses and accuracies as pure functions of a seed."""

import math
from dataclasses import dataclass
from hashlib import blake2b
from struct import unpack
from typing import TypedDict

LEAST_LOSS = 0.05
"""No simulated loss is below."""

_LOSS_NOISE = 0.1
_CALMED = 0.8
_ACCURACY_NOISE = 0.02
_MANTISSA = 53


class SimulatedPoint(TypedDict):
    """What a simulated training has to tell of one step."""

    step: int
    epoch: int
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class TrainingSimulator:
    """A loss that falls from `initial_loss` towards `final_loss`, and the accuracy that goes with it.

    The noise of a loss depends on the seed and the step alone, that of an accuracy on the seed and the
    loss alone: so a run repeats, and goes on at any step, in any order, in any process.
    """

    initial_loss: float = 2.5
    final_loss: float = 0.3
    decay_rate: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what has no curve.

        Raises:
            ValueError: If a number is not finite, the initial loss not above 0, or another one negative.
        """
        numbers = (self.initial_loss, self.final_loss, self.decay_rate)
        if not all(math.isfinite(number) and number >= 0 for number in numbers) or self.initial_loss == 0:
            raise ValueError(
                "losses and decay rate must be finite and not negative, the initial loss above 0"
            )

    def generate_loss_point(self, step: int, total_steps: int) -> float:
        """Return the loss after `step` of `total_steps`; its noise calms down on the way.

        Raises:
            ValueError: If the step is negative, or there are no steps.
        """
        if step < 0 or total_steps < 1:
            raise ValueError("steps are counted from 0, and there is at least one")
        fall = (self.initial_loss - self.final_loss) * math.exp(-self.decay_rate * step)
        scale = _LOSS_NOISE * (1 - _CALMED * min(step / total_steps, 1))
        return max(LEAST_LOSS, self.final_loss + fall + scale * self._gaussian(f"loss of {step}"))

    def generate_accuracy(self, loss: float) -> float:
        """Return the accuracy, in 0..1, of a model with this finite loss."""
        noise = _ACCURACY_NOISE * self._gaussian(f"accuracy at {float(loss).hex()}")
        return min(max(1 - loss / self.initial_loss + noise, 0.0), 1.0)

    def generate_metrics_batch(
        self, start_step: int, count: int, total_steps: int, steps_per_epoch: int
    ) -> list[SimulatedPoint]:
        """Return the points of `count` steps from `start_step` on, in order.

        Steps are numbered 1 to `total_steps`: there are fewer points where the training ends sooner, and
        step 0 is the model before it. The epochs are those of `epoch_of`.

        Raises:
            ValueError: If the first step is negative, or there are no steps in all or in an epoch.
        """
        points: list[SimulatedPoint] = []
        for step in range(start_step, min(start_step + count, total_steps + 1)):
            loss = self.generate_loss_point(step, total_steps)
            epoch = epoch_of(step, steps_per_epoch, total_steps)
            points.append(
                {"step": step, "epoch": epoch, "loss": loss, "accuracy": self.generate_accuracy(loss)}
            )
        return points

    def _gaussian(self, of: str) -> float:
        """Return the standard normal number of this seed that belongs to `of`; |it| < 8.6."""
        digest = blake2b(f"{self.seed}: {of}".encode(), digest_size=16).digest()
        one, other = (number >> (64 - _MANTISSA) for number in unpack("<QQ", digest))
        above_zero = math.ldexp(one + 1, -_MANTISSA)  # in (0, 1], where a logarithm exists
        return math.sqrt(-2 * math.log(above_zero)) * math.cos(math.tau * math.ldexp(other, -_MANTISSA))


def epoch_of(step: int, steps_per_epoch: int, total_steps: int) -> int:
    """Return the epoch, from 1, that a training is in once `step` is done: `step // steps_per_epoch + 1`.

    With the last step of an epoch the next one begins, but after the very last step none does: it stays
    in the last epoch, so nobody ever reads "11 / 10".

    Raises:
        ValueError: If there are no steps in an epoch.
    """
    if steps_per_epoch < 1:
        raise ValueError("an epoch has at least one step")
    epochs = -(-total_steps // steps_per_epoch)
    return min(step // steps_per_epoch + 1, max(epochs, 1))
