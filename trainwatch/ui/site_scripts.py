"""What the Content-Security-Policy must allow: the inline scripts of the built page.

Standard library only: it runs inside the wheel's build environment.
"""

import base64
import hashlib
from html.parser import HTMLParser
from pathlib import Path


def script_hashes(client: Path) -> list[str]:
    """Return what a Content-Security-Policy must allow: a hash of each inline script below `client`, sorted."""
    found = {
        _digest_of(script)
        for page in client.rglob("*.html")
        for script in inline_scripts(page.read_text("utf-8"))
    }
    return sorted(found)


def _digest_of(script: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def inline_scripts(html: str) -> list[str]:
    """Return the text of every script element of `html` that has no `src`."""
    reader = _ScriptReader()
    reader.feed(html)
    reader.close()
    return ["".join(parts) for parts in reader.scripts]


class _ScriptReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[list[str]] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside = tag == "script" and "src" not in dict(attrs)
        if self._inside:
            self.scripts.append([])

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts[-1].append(data)
