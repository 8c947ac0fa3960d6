import pytest

from trainwatch.ui.head_start import HeadStart

CHUNKS = [
    "_tasks_.__task_id_._index-a1.js",
    "_training_._jobs_.__task_id_._index-a1.js",
    "charts-a1.js",
    "clock-a1.js",
    "sight-a1.js",
    "toasts-a1.js",
    "plotly-basic.min-a1.js",
]
PAGES = ["index.html", "training/jobs.html", "training/jobs/index.html", "__spa-fallback.html"]


@pytest.fixture
def client(tmp_path):
    (tmp_path / "assets").mkdir()
    for chunk in CHUNKS:
        (tmp_path / "assets" / chunk).touch()
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
    assert all(f'href="/assets/{chunk}"' in (client / "__spa-fallback.html").read_text() for chunk in CHUNKS)


def test_the_build_fails_if_a_script_is_named_otherwise(client):
    (client / "assets" / CHUNKS[0]).unlink()
    with pytest.raises(RuntimeError, match="_tasks_"):
        HeadStart().post_build(static_dir=client)


@pytest.mark.parametrize("script", ["await import('x');", "let a;\n  export { a };"])
def test_what_is_not_plain_enough_fails_the_build(client, script):
    (client / "early.js").write_text(script)
    with pytest.raises(RuntimeError, match="plain"):
        HeadStart().post_build(static_dir=client)
