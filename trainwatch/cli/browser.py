"""Opening the page, signed in, without showing the link to everybody on this machine."""

import os
import sys
import webbrowser
from contextlib import ExitStack
from pathlib import Path

SIGN_IN_FILE = "sign-in.html"


def open_page(url: str, stack: ExitStack, data_dir: Path) -> None:
    """Open `url` in the user's browser, if there is a screen, by way of a file that only the user can read.

    Who lists the processes of a machine sees the arguments of a browser that is started, but not
    what is in a file. The file is removed when `stack` ends.
    """
    if not _has_screen():
        return
    path = data_dir / SIGN_IN_FILE
    path.unlink(missing_ok=True)
    stack.callback(path.unlink, missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>TrainWatch</title>'
            f'<meta http-equiv="refresh" content="0;url={url}"><a href="{url}">Open TrainWatch</a></html>'
        )
    webbrowser.open(path.as_uri())


def _has_screen() -> bool:
    is_unix = sys.platform not in ("win32", "darwin")
    return not is_unix or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"))
