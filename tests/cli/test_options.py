"""What every command that owns the data does before it touches it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.plugins.server import free_port
from trainwatch.cli import main


def refusal(command: str, folder: Path) -> str:
    done = CliRunner().invoke(main, [command, "--data-dir", str(folder)])
    assert done.exit_code == 1, done.output
    return done.output


def test_a_folder_that_others_may_write_is_refused_with_the_chmod(tmp_path: Path):
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o777)
    assert refusal("migrate", folder) == (
        f"Error: refusing to use the data directory: {folder} may be changed by others (mode 777): "
        f"chmod go-w {folder}\n"
    )
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("name", ["templates.toml", "attempts", "trainwatch.db"])
def test_what_others_may_write_in_the_folder_is_refused(tmp_path: Path, name: str):
    path = tmp_path / name
    path.mkdir() if name == "attempts" else path.touch()
    path.chmod(0o702)
    assert f"chmod o-w {path}\n" in refusal("migrate", tmp_path)


def test_a_link_to_what_others_may_write_is_refused(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere").chmod(0o777)
    data = tmp_path / "data"
    data.mkdir()
    (data / "attempts").symlink_to(tmp_path / "elsewhere")
    assert f"chmod go-w {tmp_path / 'elsewhere'}\n" in refusal("migrate", data)


def test_serve_says_so_in_one_line_before_it_serves(tmp_path: Path):
    (tmp_path / "templates.toml").touch()
    (tmp_path / "templates.toml").chmod(0o666)
    command = [sys.executable, "-m", "trainwatch", "serve", "--no-browser", "--data-dir", str(tmp_path)]
    done = subprocess.run([*command, "--port", str(free_port())], capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert f"chmod go-w {tmp_path / 'templates.toml'}" in done.stderr


def test_folders_that_are_made_on_the_way_are_for_their_owner_alone(tmp_path: Path):
    before = os.umask(0)
    try:
        done = CliRunner().invoke(main, ["migrate", "--data-dir", str(tmp_path / "a" / "b")])
    finally:
        os.umask(before)
    assert done.exit_code == 0, done.output
    assert [oct(path.stat().st_mode & 0o777) for path in (tmp_path / "a", tmp_path / "a" / "b")] == [
        "0o700"
    ] * 2


def test_a_variable_that_is_no_setting_is_refused_before_anything_is_made(tmp_path: Path):
    done = CliRunner().invoke(
        main, ["migrate", "--data-dir", str(tmp_path / "data")], env={"TRAINWATCH_REQUIRE_SIGNIN": "true"}
    )
    assert (done.exit_code, done.output) == (
        1,
        "Error: there is no setting TRAINWATCH_REQUIRE_SIGNIN: did you mean TRAINWATCH_REQUIRE_SIGN_IN?\n",
    )
    assert not (tmp_path / "data").exists()


def test_a_port_of_kubernetes_is_told_from_ours(tmp_path: Path):
    environment = {"TRAINWATCH_PORT": "tcp://10.0.0.7:62222", "TRAINWATCH_SERVICE_HOST": "10.0.0.7"}
    done = CliRunner().invoke(main, ["migrate", "--data-dir", str(tmp_path / "data")], env=environment)
    assert done.exit_code == 1
    assert "enableServiceLinks: false" in done.output
