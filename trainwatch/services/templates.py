"""The templates of this machine: the file in the data directory, and what of it can run here."""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from trainwatch.domain.template import Template, Templates, public_view
from trainwatch.domain.template_file import FILE_NAME, parse_templates
from trainwatch.strict_modes import distrust

LARGEST_FILE_BYTES = 1 << 20

_PACKAGE = Path(__file__).parent.parent


def examples_folder() -> Path:
    """Return where the scripts that ship are: inside the package if installed, beside it in a checkout."""
    installed = _PACKAGE / "_examples"
    return installed if installed.is_dir() else _PACKAGE.parent / "examples"


def provide_templates(data_dir: Path) -> Path:
    """Return where the file of templates is; where there is none it is made, with the templates that ship.

    It is the owner's from then on: nothing here changes it or makes it again while it is there.
    """
    path = data_dir / FILE_NAME
    if not path.exists():
        shipped = (examples_folder() / FILE_NAME).read_bytes()
        draft = path.with_name(f".{FILE_NAME}.new")
        draft.touch(mode=0o600)  # it may come to hold secrets, in the environment of a job
        draft.write_bytes(shipped)
        draft.replace(path)  # never half a file under its name
    return path


def read_templates(data_dir: Path) -> Templates:
    """Return what the file of templates offers now; a file that cannot be read offers nothing and says why."""
    path = data_dir / FILE_NAME
    if (why := distrust(data_dir) or distrust(path)) is not None:
        return Templates(problems=(f"{FILE_NAME} is not obeyed: {why}",))
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            text = file.read(LARGEST_FILE_BYTES + 1)
        if len(text) > LARGEST_FILE_BYTES:
            return Templates(problems=(f"{FILE_NAME} is larger than 1 MiB",))
        return parse_templates(text.decode())
    except FileNotFoundError:
        return Templates(problems=(f"there is no {FILE_NAME} in the data directory",))
    except OSError as error:
        return Templates(problems=(f"{FILE_NAME} cannot be read: {error.strerror}",))
    except UnicodeDecodeError as error:
        return Templates(problems=(f"{FILE_NAME} is no UTF-8, from byte {error.start} on",))


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)  # a named pipe would wait for somebody who writes into it


def offer_of(data_dir: Path) -> dict[str, Any]:
    """Return what a browser may know of the templates of this machine, and what is wrong with their file.

    A broken template is named with the reason; what any of them executes is not told.
    """
    found = read_templates(data_dir)
    return {
        "templates": [public_view(each, missing=missing_modules(each)) for each in found.templates.values()],
        "broken": [{"name": name, "reason": reason} for name, reason in found.broken.items()],
        "problems": list(found.problems),
        "free": found.free.enabled,
    }


def missing_modules(template: Template) -> list[str]:
    """Return those of the modules that `template` requires which this Python does not have.

    Nothing is imported: what is looked for is the package that a module is in.
    """
    return [module for module in template.requires if find_spec(module.partition(".")[0]) is None]
