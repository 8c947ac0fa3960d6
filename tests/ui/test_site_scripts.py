import base64
import hashlib

from trainwatch.ui.site_scripts import inline_scripts, script_hashes


def digest_of(script: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def test_only_scripts_without_a_source_are_inline():
    html = '<script src="/a.js"></script><p>x</p><script type="module">\nlet a = "<b>&amp;";\n</script>'
    assert inline_scripts(html) == ['\nlet a = "<b>&amp;";\n']


def test_text_after_a_script_is_not_part_of_it():
    assert inline_scripts("<script>a</script>b<script src=c></script>d") == ["a"]


def test_each_script_below_the_folder_is_named_once_and_in_order(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "index.html").write_text("<script>one</script><script>two</script>")
    (tmp_path / "sub" / "index.html").write_text("<script>one</script><script>drei ß</script>", "utf-8")
    assert script_hashes(tmp_path) == sorted(map(digest_of, ["one", "two", "drei ß"]))
