import os
from pathlib import Path

import pytest

from trainwatch.errors import SettingsError
from trainwatch.ui import site


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr(site, "_SITE", tmp_path)
    return tmp_path


def test_a_page_that_is_not_built_is_said_so(place):
    with pytest.raises(SettingsError, match="make build"):
        site.site_dir()


def test_the_working_directory_is_put_back(place):
    (place / "csp.json").touch()
    before = Path.cwd()
    with site.serving_site() as there:
        assert Path.cwd() == there == place
    assert Path.cwd() == before
