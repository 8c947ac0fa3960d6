import os
import subprocess
import sys
from pathlib import Path

import pytest

from trainwatch.errors import DataDirLockedError
from trainwatch.store.engine import open_database
from trainwatch.store.lock import owning

HOLD = """
import sys
from pathlib import Path
from trainwatch.store.engine import open_database
from trainwatch.store.lock import owning

with owning(open_database(sys.argv[2]), Path(sys.argv[1])):
    print("owned", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def other_server(database, tmp_path):
    """Another process that owns the data until its input ends or it is killed."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path), database.url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "owned\n"
        yield process
        process.kill()


def test_a_second_server_on_the_same_folder_is_refused_with_the_pid_of_the_first(
    database, tmp_path, other_server
):
    with pytest.raises(DataDirLockedError, match=rf"pid {other_server.pid}\b"), owning(database, tmp_path):
        pass


def test_a_killed_server_leaves_the_data_free(database, tmp_path, other_server):
    other_server.kill()
    other_server.wait()
    with owning(database, tmp_path):
        assert (tmp_path / "trainwatch.lock").read_text() == f"{os.getpid()}\n"


def test_the_data_is_free_again_after_use(database, tmp_path):
    for _ in range(2):
        with owning(database, tmp_path):
            pass


def test_a_missing_data_directory_is_made_for_its_owner_only(database, tmp_path):
    with owning(database, tmp_path / "a" / "b"):
        assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_two_servers_with_folders_of_their_own_cannot_share_one_postgresql_database(
    postgresql_database, tmp_path
):
    other = open_database(postgresql_database.url)
    with (
        owning(postgresql_database, tmp_path / "one"),
        pytest.raises(DataDirLockedError, match="PostgreSQL"),
        owning(other, tmp_path / "two"),
    ):
        pass
