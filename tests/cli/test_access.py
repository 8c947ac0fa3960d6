"""What commands on credentials print can be used as it is, also where no server has ever run."""

from contextlib import ExitStack
from pathlib import Path

from click.testing import CliRunner

from trainwatch.cli import main
from trainwatch.cli.options import open_data, settings_from, utc_now
from trainwatch.domain.secret import read_key
from trainwatch.services.sessions import open_session
from trainwatch.services.users import ensure_owner
from trainwatch.store.writer import run_once


def test_the_first_command_of_a_new_folder_prints_the_key_and_nothing_else(tmp_path: Path):
    wanted = ["key", "create", "--scope", "ingest", "--label", "cluster", "--data-dir", str(tmp_path / "new")]
    done = CliRunner().invoke(main, wanted)
    assert read_key(done.stdout.rstrip("\n")) is not None


def test_what_a_browser_calls_itself_does_not_command_the_terminal(tmp_path: Path):
    settings = settings_from(data_dir=tmp_path / "data")
    with ExitStack() as stack:
        database = open_data(settings, stack)
        run_once(
            database,
            lambda work: open_session(
                work, ensure_owner(work), address=None, browser="\x9b2J\x85gone\ta", way="link"
            ),
            now=utc_now(),
        )
        database.close()
    done = CliRunner().invoke(main, ["session", "list", "--data-dir", str(settings.data_dir)])
    _, line = done.stdout.splitlines()
    assert line.endswith("  \\x9b2J\\x85gone\\ta")


def test_who_made_a_key_is_listed_for_keys_outlive_their_makers(tmp_path: Path):
    data = ["--data-dir", str(tmp_path / "data")]
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
