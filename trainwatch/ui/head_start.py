"""A build plugin for what runs before the page's own scripts, which lets it ask for its data and its heavy scripts early."""

import json
import re
from pathlib import Path

from reflex.plugins import Plugin

# React takes an inline script for one of its own, and stumbles; a module would wait for the end of the page.
_EARLY = '<script async src="/early.js"></script>'
_OF_A_TASK = ("tasks/:task_id", "training/jobs/:task_id")
"""The routes of a task and a job, which would load their scripts one after another; every address with an id gets the fallback."""

_CURVE = "plotly-*.js"
_MANIFEST = "window.__reactRouterManifest="

_LISTS = ("index.html", "training/jobs.html", "training/jobs/index.html")


class HeadStart(Plugin):
    """Adds to the heads of the built pages; runs before they are compressed."""

    def post_build(self, **context: object) -> None:
        """Finish early.js and sign_in.js, and name early.js and the heavy scripts in the built pages.

        Raises:
            RuntimeError: If something is not named as expected, for the page would be slow without a word.
        """
        client = Path(str(context["static_dir"]))
        (client / "early.js").write_text(joined(client / "addresses.js", client / "early.js"), "utf-8")
        (client / "sign_in.js").write_text(joined(client / "next_path.js", client / "sign_in.js"), "utf-8")
        chunks = [*_scripts_of_a_task(client), f"/assets/{_only(client, _CURVE)}"]
        links = "".join(f'<link rel="modulepreload" href="{chunk}"/>' for chunk in chunks)
        for page in _LISTS:
            _add_to_head(client / page, _EARLY)
        _add_to_head(client / "__spa-fallback.html", _EARLY + links)


def joined(*modules: Path) -> str:
    """Return a classic script, of one request, from modules that import one another and nothing else.

    Raises:
        RuntimeError: If they do more than that.
    """
    text = "".join(module.read_text("utf-8") for module in modules)
    script = re.sub(r"^(import .*\n|export )", "", text, flags=re.MULTILINE)
    if re.search(r"\bimport\b|\bexport\b", script):
        raise RuntimeError("an early script must be plain: one line an import, a word an export")
    return f"(() => {{\n{script}}})();\n"


def _scripts_of_a_task(client: Path) -> list[str]:
    """Return the addresses of what the pages of tasks and jobs load beside what every page does.

    React Router writes down which scripts each route imports; how the bundler cuts and names them is its own affair.
    """
    text = (client / "assets" / _only(client, "manifest-*.js")).read_text("utf-8")
    if not text.startswith(_MANIFEST):
        raise RuntimeError("the manifest of the built routes does not begin as expected")
    manifest = json.loads(text.removeprefix(_MANIFEST).rstrip().rstrip(";"))
    routes = {route.get("path"): route for route in manifest["routes"].values()}
    if missing := [path for path in _OF_A_TASK if path not in routes]:
        raise RuntimeError(f"no {missing[0]} among the built routes")
    everywhere = {
        each for part in (manifest["entry"], routes[""]) for each in (part["module"], *part["imports"])
    }
    wanted = (each for path in _OF_A_TASK for each in (routes[path]["module"], *routes[path]["imports"]))
    return [each for each in dict.fromkeys(wanted) if each not in everywhere]


def _only(client: Path, pattern: str) -> str:
    found = [chunk.name for chunk in (client / "assets").glob(pattern)]
    if len(found) != 1:
        raise RuntimeError(f"expected one {pattern} among the built scripts, found {found}")
    return found[0]


def _add_to_head(page: Path, tags: str) -> None:
    html = page.read_text("utf-8")
    if "<head>" not in html:
        raise RuntimeError(f"{page.name} has no head")
    page.write_text(html.replace("<head>", f"<head>{tags}", 1), "utf-8")
