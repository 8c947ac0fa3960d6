"""What commands on credentials print can be used as it is, also where no server runs."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from tests.plugins.postgresql import Cluster
from trainwatch.cli import main
from trainwatch.cli.options import open_data, settings_from, utc_now
from trainwatch.domain.secret import read_key
from trainwatch.services.sessions import open_session
from trainwatch.services.users import ensure_owner
from trainwatch.store.work import Work
from trainwatch.store.writer import run_once


def migrated(folder: Path) -> list[str]:
    """Return the options that name a folder with a new database."""
    data = ["--data-dir", str(folder)]
    assert CliRunner().invoke(main, ["migrate", *data]).exit_code == 0
    return data


def test_a_new_key_is_printed_and_nothing_else(tmp_path: Path):
    wanted = ["key", "create", "--scope", "ingest", "--label", "cluster", *migrated(tmp_path / "new")]
    done = CliRunner().invoke(main, wanted)
    assert read_key(done.stdout.rstrip("\n")) is not None


@pytest.mark.parametrize(
    "words", ["key create --scope read --label x", "user add ada --no-password", "key list"]
)
def test_a_command_that_names_the_wrong_folder_makes_no_database_there(tmp_path: Path, words: str):
    done = CliRunner().invoke(main, [*words.split(), "--data-dir", str(tmp_path / "wrong")])
    assert done.exit_code == 1
    assert f"there is no database at {tmp_path / 'wrong' / 'trainwatch.db'}" in done.stderr
    assert "trainwatch migrate --data-dir" in done.stderr
    assert not (tmp_path / "wrong").exists()


def test_a_command_that_names_an_empty_postgresql_database_makes_no_tables_there(
    cluster: Cluster, tmp_path: Path
):
    url = cluster.create("empty_by_mistake")
    words = [
        "key",
        "create",
        "--scope",
        "read",
        "--label",
        "x",
        "--database",
        url,
        "--data-dir",
        str(tmp_path / "d"),
    ]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1
    assert "there is no database at postgresql://" in done.stderr
    with psycopg.connect(url) as connection:
        assert connection.execute(
            "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
        ).fetchone() == (0,)


def test_what_a_browser_calls_itself_does_not_command_the_terminal(tmp_path: Path):
    settings = settings_from(data_dir=tmp_path / "data")
    with ExitStack() as stack:
        database = open_data(settings, stack)

        def sign_in(work: Work) -> None:
            session, _ = open_session(work, ensure_owner(work), address=None, browser=None, way="link")
            # As older versions kept it.
            work.credentials.change(replace(session, browser="\x9b2J\x85gone\ta"))

        run_once(database, sign_in, now=utc_now())
        database.close()
    done = CliRunner().invoke(main, ["session", "list", "--data-dir", str(settings.data_dir)])
    _, line = done.stdout.splitlines()
    assert line.endswith("  \\x9b2J\\x85gone\\ta")


def test_who_made_a_key_is_listed_for_keys_outlive_their_makers(tmp_path: Path):
    data = migrated(tmp_path / "data")
    CliRunner().invoke(main, ["key", "create", "--scope", "read", "--label", "cluster", *data])
    head, line = CliRunner().invoke(main, ["key", "list", *data]).stdout.splitlines()
    assert line[head.index("MADE BY") :].startswith("command line  ")
    assert line[head.index("LABEL") :].startswith("cluster  ")


def test_what_is_made_is_its_owners_alone_wherever_it_is(tmp_path: Path):
    data_dir, copy = tmp_path / "shared", tmp_path / "copy.db"
    data_dir.mkdir(mode=0o755)
    for command in (["migrate"], ["backup", str(copy)]):
        assert CliRunner().invoke(main, [*command, "--data-dir", str(data_dir)]).exit_code == 0
    for path in (copy, *data_dir.iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path
