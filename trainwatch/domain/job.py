"""A job: a task that TrainWatch itself can start, as the strict specification of its launch."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any, Literal

from trainwatch.domain.template_parameter import Value
from trainwatch.domain.text import clean_line

MOST_EPOCHS = 100_000
MOST_STEPS_PER_EPOCH = 10_000_000
MOST_BATCH_SIZE = 1_000_000_000
"""Their product fits an integer that JavaScript keeps exactly, and each fits a column."""

DEFAULT_STEPS_PER_EPOCH = 100
DEFAULT_LEARNING_RATE = 0.001
DEFAULT_BATCH_SIZE = 32

DEFAULT_SPEED = 3.0
"""Points a second of a simulated job: one at least every 1.5 s, a thousand in five and a half minutes."""

SLOWEST = 0.01
FASTEST = 100.0
"""Within these is every speed."""

Gpu = int | Literal["any"] | None
"""The GPU that a job requires: that with this number on its machine, counted from 0, any one, or none."""


class Runner(StrEnum):
    """What executes the attempts of a job."""

    SIMULATED = "simulated"
    LOCAL = "local"
    AGENT = "agent"


OFFERED = (Runner.SIMULATED, Runner.LOCAL)
"""The runners that there are: nothing executes the jobs of an agent yet, so none may be made or started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedOptions:
    """How a job pretends: `speed` is in points a second, a step each; None fails nowhere.

    Without a `seed` every attempt has a curve of its own.
    """

    speed: float = DEFAULT_SPEED
    fail_at: int | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandOptions:
    """What a real job executes: a template with its parameters, or else a free `command`."""

    template: str | None = None
    parameters: Mapping[str, Value] = field(default_factory=dict[str, Value])
    command: tuple[str, ...] = ()
    gpu: Gpu = None


Options = SimulatedOptions | CommandOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSpec:
    """All that is needed to start a job, and to start it again; `options` are those of its `runner`."""

    name: str
    model_name: str
    epochs: int
    steps_per_epoch: int = DEFAULT_STEPS_PER_EPOCH
    learning_rate: float = DEFAULT_LEARNING_RATE
    batch_size: int = DEFAULT_BATCH_SIZE
    runner: Runner = Runner.SIMULATED
    options: Options = SimulatedOptions()

    @property
    def total_steps(self) -> int:
        """How many steps there are in all epochs."""
        return self.epochs * self.steps_per_epoch

    @property
    def known_steps(self) -> int | None:
        """How many steps there will be; None for a real job, which alone knows what it counts, and tells by what it prints."""
        return self.total_steps if isinstance(self.options, SimulatedOptions) else None

    @property
    def simulated(self) -> SimulatedOptions:
        """The options of a simulated job.

        Raises:
            TypeError: If it is a real one.
        """
        if isinstance(self.options, SimulatedOptions):
            return self.options
        raise TypeError("a real job has no options of a simulated one")

    @property
    def command(self) -> CommandOptions:
        """The options of a real job.

        Raises:
            TypeError: If it is a simulated one.
        """
        if isinstance(self.options, CommandOptions):
            return self.options
        raise TypeError("a simulated job has no options of a real one")


def columns_of(spec: JobSpec) -> dict[str, Any]:
    """Return `spec` as the columns of `training_jobs` that it decides."""
    return {
        **{name: getattr(spec, name) for name in _PLAIN},
        "runner": spec.runner.value,
        "options": json.dumps(_given(spec.options), ensure_ascii=False),
    }


def from_columns(columns: Mapping[str, Any]) -> JobSpec:
    """Return the specification that `columns_of` gave these `columns`, among which may be others.

    Nothing is checked again: limits that were tightened since do not hide a job that is there.
    """
    runner = Runner(columns["runner"])
    kind = SimulatedOptions if runner is Runner.SIMULATED else CommandOptions
    stored: dict[str, Any] = json.loads(columns["options"])
    known = {each.name: stored[each.name] for each in fields(kind) if each.name in stored}
    if "command" in known:
        known["command"] = tuple(known["command"])
    return JobSpec(**{name: columns[name] for name in _PLAIN}, runner=runner, options=kind(**known))


def placeholders_of(
    spec: JobSpec, *, task_id: int, python: str, data_dir: str, trainwatch_examples: str
) -> dict[str, Value]:
    """Return a value for every placeholder that is no parameter of a template."""
    return {
        "job_name": clean_line(spec.name),  # a job of before may be called anything
        "epochs": spec.epochs,
        "steps_per_epoch": spec.steps_per_epoch,
        "learning_rate": spec.learning_rate,
        "batch_size": spec.batch_size,
        "task_id": task_id,
        "python": python,
        "data_dir": data_dir,
        "trainwatch_examples": trainwatch_examples,
    }


def _given(options: Options) -> dict[str, Any]:
    """Return what of `options` is neither nothing nor empty."""
    return {name: value for name, value in asdict(options).items() if value not in (None, {}, ())}


_PLAIN = tuple(each.name for each in fields(JobSpec) if each.name not in ("runner", "options"))
