"""What a real job executes on this machine, by the templates of its owner."""

import sys
from pathlib import Path

from trainwatch.domain.job import JobSpec, placeholders_of
from trainwatch.domain.template_command import Command, fill, free_command
from trainwatch.errors import ConflictError
from trainwatch.runners.base import AttemptKey
from trainwatch.services.templates import examples_folder, missing_modules, read_templates


def command_of(spec: JobSpec, task_id: int, data_dir: Path) -> Command:
    """Return what the job of a task executes; the file of templates is read anew.

    Raises:
        InvalidJobError: If there is no such template, or its parameters are not as it wants them.
        ConflictError: If a Python module that the template needs is not installed.
        ForbiddenError: If it is a free command, and the owner of this machine allows none.
    """
    templates = read_templates(data_dir)
    builtins = placeholders_of(
        spec,
        task_id=task_id,
        python=sys.executable,
        data_dir=str(data_dir),
        trainwatch_examples=str(examples_folder()),
    )
    options = spec.command
    if options.template is None:
        return free_command(templates.free, options.command, builtins)
    template = templates.named(options.template)
    if missing := missing_modules(template):
        raise ConflictError(
            f"the template {template.name} needs {', '.join(missing)}, which is not installed"
        )
    return fill(template, options.parameters, builtins)


def environment_of(key: AttemptKey, *, url: str, secret: str) -> dict[str, str]:
    """Return the variables by which a script knows its attempt, and where and with which key it may report."""
    return {
        "TRAINWATCH_URL": url,
        "TRAINWATCH_TASK_ID": str(key.task_id),
        "TRAINWATCH_ATTEMPT": str(key.attempt),
        "TRAINWATCH_KEY": secret,
    }
