import json
import re

import pytest

from trainwatch.ui.head_start import HeadStart

TASK, JOB = "/assets/task-a1.js", "/assets/job-a1.js"
EVERYWHERE = ["/assets/entry-a1.js", "/assets/react-a1.js", "/assets/root-a1.js"]
MANIFEST = {
    "entry": {"module": EVERYWHERE[0], "imports": EVERYWHERE[1:2]},
    "routes": {
        "root": {"path": "", "module": EVERYWHERE[2], "imports": EVERYWHERE[1:2]},
        "a": {"path": "tasks/:task_id", "module": TASK, "imports": [EVERYWHERE[1], "/assets/charts-a1.js"]},
        "b": {"path": "training/jobs/:task_id", "module": JOB, "imports": ["/assets/charts-a1.js"]},
        "c": {"path": "settings", "module": "/assets/settings-a1.js", "imports": []},
        "index": {"module": "/assets/index-a1.js", "imports": []},
    },
}
PAGES = ["index.html", "training/jobs.html", "training/jobs/index.html", "__spa-fallback.html"]


def write_manifest(client, manifest):
    text = f"window.__reactRouterManifest={json.dumps(manifest)};"
    (client / "assets" / "manifest-a1.js").write_text(text)


@pytest.fixture
def client(tmp_path):
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "plotly-basic.min-a1.js").touch()
    write_manifest(tmp_path, MANIFEST)
    (tmp_path / "addresses.js").write_text("export const where = 1;\n")
    (tmp_path / "early.js").write_text('import { where } from "./addresses.js";\nask(where);\n')
    (tmp_path / "next_path.js").write_text("export const next = 2;\n")
    (tmp_path / "sign_in.js").write_text('import { next } from "./next_path.js";\ngo(next);\n')
    (tmp_path / "training" / "jobs").mkdir(parents=True)
    for page in PAGES:
        (tmp_path / page).write_text("<html><head><title>x</title></head></html>")
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_the_data_is_asked_for_at_the_very_beginning_of_each_page(client, page):
    HeadStart().post_build(static_dir=client)
    assert (client / page).read_text().startswith('<html><head><script async src="/early.js"></script>')


def test_what_asks_is_one_plain_script(client):
    HeadStart().post_build(static_dir=client)
    assert (client / "early.js").read_text() == "(() => {\nconst where = 1;\nask(where);\n})();\n"


def test_the_sign_in_page_has_one_plain_script_too(client):
    HeadStart().post_build(static_dir=client)
    assert (client / "sign_in.js").read_text() == "(() => {\nconst next = 2;\ngo(next);\n})();\n"


def test_only_the_page_of_a_task_loads_what_draws_its_curve(client):
    HeadStart().post_build(static_dir=client)
    assert not any("plotly" in (client / page).read_text() for page in PAGES[:-1])
    preloaded = re.findall(
        r'rel="modulepreload" href="([^"]+)"', (client / "__spa-fallback.html").read_text()
    )
    assert preloaded == [TASK, "/assets/charts-a1.js", JOB, "/assets/plotly-basic.min-a1.js"]


def without_the_route_of_tasks(client):
    routes = {name: route for name, route in MANIFEST["routes"].items() if name != "a"}
    write_manifest(client, {**MANIFEST, "routes": routes})


def without_the_curve(client):
    (client / "assets" / "plotly-basic.min-a1.js").unlink()


def with_another_manifest(client):
    (client / "assets" / "manifest-a1.js").write_text("export default {}")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (without_the_route_of_tasks, "tasks/:task_id"),
        (without_the_curve, "plotly"),
        (with_another_manifest, "manifest"),
    ],
)
def test_the_build_fails_if_something_is_named_otherwise(client, change, words):
    change(client)
    with pytest.raises(RuntimeError, match=words):
        HeadStart().post_build(static_dir=client)


@pytest.mark.parametrize("script", ["await import('x');", "let a;\n  export { a };"])
def test_what_is_not_plain_enough_fails_the_build(client, script):
    (client / "early.js").write_text(script)
    with pytest.raises(RuntimeError, match="plain"):
        HeadStart().post_build(static_dir=client)
