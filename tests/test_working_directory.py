"""Working in another folder for a moment, wherever one has been before."""

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from trainwatch.working_directory import working_in

IN_THE_SHOES_OF_ANOTHER = """
import os, sys
from pathlib import Path
from trainwatch.console import Console, listening
from trainwatch.working_directory import working_in
os.chdir(sys.argv[1])
os.seteuid(int(sys.argv[3]))
with listening(Path(sys.argv[2])) as listener:
    listener.listen()
    console = Console(Path(sys.argv[2]))
    console.connect()
    console.close()
with working_in(Path(sys.argv[2])):
    print(os.getcwd())
print(os.getcwd())
"""


def test_the_way_back_leads_to_where_one_was_though_it_is_called_otherwise(tmp_path: Path):
    before = Path.cwd()
    (tmp_path / "here").mkdir()
    os.chdir(tmp_path / "here")
    try:
        with working_in(tmp_path):
            (tmp_path / "here").rename(tmp_path / "there")
            assert Path.cwd() == tmp_path
        assert Path.cwd() == tmp_path / "there"
    finally:
        os.chdir(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_folder_that_we_may_not_enter_is_left_for_the_root(tmp_path: Path):
    nobody = pwd.getpwnam("nobody")
    for each in (tmp_path, *tmp_path.parents):
        if each.stat().st_mode & 0o111 != 0o111:
            each.chmod(0o711)
    private, data = tmp_path / "private", tmp_path / "data"
    private.mkdir(mode=0o700)
    data.mkdir(mode=0o700)
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    done = subprocess.run(
        [sys.executable, "-c", IN_THE_SHOES_OF_ANOTHER, private, data, str(nobody.pw_uid)],
        capture_output=True,
        text=True,
    )
    assert (done.stdout.split(), done.stderr) == ([str(data), "/"], "")
