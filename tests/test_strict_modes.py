"""Files and folders that others own or may write are not obeyed, and the line says what to do."""

import grp
import os
import pwd
from pathlib import Path

import pytest

from trainwatch.strict_modes import distrust

NOBODY = pwd.getpwnam("nobody")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of ours in a folder of ours."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    path = folder / "templates.toml"
    path.touch(mode=0o600)
    return path


def found(path: Path) -> str:
    why = distrust(path)
    return "" if why is None else str(why)


def test_what_is_ours_alone_is_obeyed_below_a_sticky_folder(tmp_path: Path, file: Path):
    tmp_path.chmod(0o1777)
    assert distrust(file) is None


def test_what_is_not_there_is_nobodys(tmp_path: Path):
    assert distrust(tmp_path / "absent" / "file") is None


def test_what_others_may_read_is_obeyed(file: Path):
    file.chmod(0o644)
    file.parent.chmod(0o755)
    assert distrust(file) is None


def test_a_file_that_others_may_write_is_not_obeyed(file: Path):
    file.chmod(0o646)
    assert found(file) == f"the file {file} may be changed by others (mode 646): chmod o-w {file}"


def test_a_folder_that_others_may_write_is_not_obeyed(file: Path):
    file.parent.chmod(0o777)
    told = f"{file.parent} may be changed by others (mode 777): chmod go-w {file.parent}"
    assert (found(file), found(file.parent)) == (told, told)


def test_a_folder_further_up_counts_as_well(tmp_path: Path, file: Path):
    tmp_path.chmod(0o707)
    assert found(file) == f"{tmp_path} may be changed by others (mode 707): chmod o-w {tmp_path}"


def test_a_sticky_folder_is_no_place_to_obey_itself(file: Path):
    file.parent.chmod(0o1777)
    assert distrust(file) is None
    assert "may be changed by others" in found(file.parent)


def test_a_link_is_obeyed_if_what_it_leads_to_is(tmp_path: Path, file: Path):
    link = tmp_path / "link"
    link.symlink_to("data/../data/templates.toml")
    assert distrust(link) is None
    file.chmod(0o666)
    assert found(link).startswith(f"the file {file} may be changed by others")


def test_a_folder_behind_a_link_counts(tmp_path: Path, file: Path):
    (tmp_path / "elsewhere").symlink_to(file.parent)
    file.parent.chmod(0o777)
    assert found(tmp_path / "elsewhere" / "templates.toml").startswith(f"{file.parent} may be changed by")


def test_links_in_a_circle_come_to_an_end(tmp_path: Path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert distrust(tmp_path / "a") is None


@as_root
def test_what_belongs_to_another_is_not_obeyed(file: Path):
    os.chown(file, NOBODY.pw_uid, -1)
    assert found(file) == (
        f"{file} belongs to nobody, and you are root: chown root {file}, or run trainwatch as nobody"
    )
    os.chown(file, 0, -1)
    os.chown(file.parent, NOBODY.pw_uid, -1)
    assert found(file).startswith(f"{file.parent} belongs to nobody")


@as_root
def test_a_link_of_another_is_not_followed(tmp_path: Path, file: Path):
    link = tmp_path / "link"
    link.symlink_to(file)
    os.chown(link, NOBODY.pw_uid, -1, follow_symlinks=False)
    assert found(link).startswith(f"{link} is a link that belongs to nobody, and you are root: chown -h root")


@as_root
def test_a_group_that_is_its_owners_alone_may_write_and_no_other(file: Path):
    file.chmod(0o660)
    assert not grp.getgrgid(0).gr_mem
    assert distrust(file) is None
    os.chown(file, -1, NOBODY.pw_gid)
    assert found(file) == f"the file {file} may be changed by others (mode 660): chmod g-w {file}"
