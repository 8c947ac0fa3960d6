"""What commands on credentials print can be used as it is, also where no server has ever run."""

from pathlib import Path

from click.testing import CliRunner

from trainwatch.cli import main
from trainwatch.domain.secret import read_key


def test_the_first_command_of_a_new_folder_prints_the_key_and_nothing_else(tmp_path: Path):
    wanted = ["key", "create", "--scope", "ingest", "--label", "cluster", "--data-dir", str(tmp_path / "new")]
    done = CliRunner().invoke(main, wanted)
    assert read_key(done.stdout.rstrip("\n")) is not None
