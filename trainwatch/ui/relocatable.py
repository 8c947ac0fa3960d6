"""A build plugin that lets one built page be served from any address."""

import re
from pathlib import Path

from reflex.plugins import Plugin

_BAKED = re.compile(r"`(http|ws)://[^/`]+")


class Relocatable(Plugin):
    """Replaces the backend address, which Reflex bakes in at build time, by the page's own origin.

    Runs before the files are compressed. Reflex keeps the address in a chunk of its own.
    """

    def post_build(self, **context: object) -> None:
        """Rewrite the address in the built files.

        Raises:
            RuntimeError: If Reflex no longer writes what this expects, for the page would be dead elsewhere.
        """
        assets = Path(str(context["static_dir"]), "assets")
        changed = [chunk for chunk in assets.glob("reflex-env-*.js") if _relocate(chunk)]
        if not changed:
            raise RuntimeError(f"no backend address found in {assets}/reflex-env-*.js")


def _relocate(chunk: Path) -> bool:
    script = chunk.read_text(encoding="utf-8")
    # "http" + "://host" or "s://host": slice(4) keeps the s of https, and so makes wss of ws.
    relocated = _BAKED.sub(r"`\1${location.origin.slice(4)}", script)
    chunk.write_text(relocated, encoding="utf-8")
    return relocated != script
