"""Job templates: named commands, which belong to whoever owns a machine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from trainwatch.domain.template_parameter import Parameter
from trainwatch.errors import InvalidJobError

GRACE_INTERRUPT_S = 10.0
"""How long a command may take to end after SIGINT, unless its template says otherwise."""

GRACE_TERMINATE_S = 5.0
"""How long it may take after SIGTERM."""

MACHINE: Mapping[str, str] = {
    "python": "The interpreter that TrainWatch runs in.",
    "data_dir": "The data directory of the server, or of the training agent.",
    "trainwatch_examples": "The folder of the scripts that ship with TrainWatch.",
    "task_id": "The number of the task, as in the address of its page.",
}
"""The placeholders that only the machine fills; these may stand anywhere."""

JOB: Mapping[str, str] = {
    "job_name": "The name of the job.",
    "epochs": "Its epochs.",
    "steps_per_epoch": "Its steps an epoch.",
    "learning_rate": "Its learning rate.",
    "batch_size": "Its batch size.",
}
"""The placeholders that a job fills whatever its template."""

SHARED: Mapping[str, Literal["int", "float"]] = {
    "epochs": "int",
    "steps_per_epoch": "int",
    "learning_rate": "float",
    "batch_size": "int",
}
"""Fields that every job has. A parameter called so is not asked for again: it limits that field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A command with placeholders; `requires` names the Python modules that it cannot do without."""

    name: str
    title: str
    argv: tuple[str, ...]
    help: str | None = None
    cwd: str | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    grace_interrupt_s: float = GRACE_INTERRUPT_S
    grace_terminate_s: float = GRACE_TERMINATE_S
    parameters: Mapping[str, Parameter] = field(default_factory=dict[str, Parameter])
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Free:
    """Whether commands that no template names may be started on this machine, and how they are stopped."""

    enabled: bool = False
    cwd: str | None = None
    grace_interrupt_s: float = GRACE_INTERRUPT_S
    grace_terminate_s: float = GRACE_TERMINATE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """What a `templates.toml` offers.

    `broken` says of each template that is left out why, and `problems` what else is wrong with the file.
    """

    templates: Mapping[str, Template] = field(default_factory=dict[str, Template])
    broken: Mapping[str, str] = field(default_factory=dict[str, str])
    free: Free = Free()
    problems: tuple[str, ...] = ()

    def named(self, name: str) -> Template:
        """Return the template called `name`.

        Raises:
            InvalidJobError: If none is, or it is broken.
        """
        template = self.templates.get(name)
        if template is not None:
            return template
        if name in self.broken:
            raise InvalidJobError({"template": f"is broken: {self.broken[name]}"})
        if not self.templates and self.problems:
            raise InvalidJobError({"template": f"cannot be had: {self.problems[0]}"})
        known = ", ".join(self.templates) or "none at all"
        raise InvalidJobError({"template": f"is none of this machine's: {known}"})


def public_view(template: Template, *, missing: Iterable[str] = ()) -> dict[str, Any]:
    """Return what a browser may know of `template`: how to fill it in, never what is executed.

    `missing` are those of the required modules that this machine does not have.
    """
    return {
        "name": template.name,
        "title": template.title,
        "help": template.help,
        "missing": list(missing),
        "parameters": [_parameter_view(each) for each in template.parameters.values()],
    }


def _parameter_view(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type.value,
        "default": parameter.default,
        "optional": parameter.optional,
        "min": parameter.min,
        "max": parameter.max,
        "choices": list(parameter.choices),
        "pattern": parameter.pattern,
        "help": parameter.help,
    }
