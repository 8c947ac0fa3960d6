import pytest

from trainwatch.ui.relocatable import Relocatable


@pytest.fixture
def chunk(tmp_path):
    (tmp_path / "assets").mkdir()
    return tmp_path / "assets" / "reflex-env-abc.js"


def test_the_addresses_of_the_build_become_those_of_the_page(tmp_path, chunk):
    chunk.write_text("var e={PING:`http://localhost:62222/ping`,EVENT:`ws://localhost:62222/_event`}")
    Relocatable().post_build(static_dir=tmp_path)
    assert chunk.read_text() == (
        "var e={PING:`http${location.origin.slice(4)}/ping`,EVENT:`ws${location.origin.slice(4)}/_event`}"
    )


def test_the_build_fails_if_there_is_nothing_to_replace(tmp_path, chunk):
    chunk.write_text("var e={}")
    with pytest.raises(RuntimeError, match="no backend address"):
        Relocatable().post_build(static_dir=tmp_path)
