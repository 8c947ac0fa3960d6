"""A file that is no whole database any more is refused with its path, where backups are, and what to do."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from trainwatch.errors import MigrationError
from trainwatch.store.backup import back_up
from trainwatch.store.engine import open_database
from trainwatch.store.schema import bring_up_to_date

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A database that a start has made."""
    path = tmp_path / "trainwatch.db"
    started(path)
    return path


def started(path: Path) -> str | None:
    database = open_database(path)
    try:
        return bring_up_to_date(database, path.parent, now=NOW)
    finally:
        database.close()


def refusal(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(MigrationError) as refused:
        started(path)
    assert path.read_bytes() == before
    return refused.value.message


def test_a_database_is_made_for_its_owner_alone_and_leaves_nothing_beside_it(path: Path):
    assert [each.name for each in path.parent.iterdir()] == ["trainwatch.db"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_a_start_left_that_was_killed_while_it_made_the_database_is_in_nobodys_way(tmp_path: Path):
    (tmp_path / "trainwatch.db.new").write_bytes(b"half of it")
    (tmp_path / "trainwatch.db.new-journal").write_bytes(b"of a transaction")
    assert started(tmp_path / "trainwatch.db") is None
    assert [each.name for each in tmp_path.iterdir()] == ["trainwatch.db"]


def test_an_empty_file_is_an_accident_and_no_new_database(tmp_path: Path):
    path = tmp_path / "trainwatch.db"
    path.touch()
    assert refusal(path) == (
        f"{path} is empty (0 bytes), by some accident: restore a backup with `trainwatch restore FILE` (there is"
        " none beside it), or move the file away to begin with an empty one"
    )


@pytest.mark.parametrize("damage", ["no database", "cut off", "overwritten", "torn"])
def test_a_damaged_file_is_refused_with_the_newest_backup(path: Path, damage: str):
    for number in (6, 7):
        back_up(open_database(path), path.with_name(f"trainwatch.db.backup-000{number}-20260131T120000Z"))
    (path.parent / "trainwatch.db.backup-0008-20260131T120000Z.partial").write_bytes(b"half")
    whole = path.read_bytes()
    path.write_bytes(
        {
            "no database": b"not a database at all" * 1000,
            "cut off": whole[: len(whole) // 2],
            "overwritten": whole[:4096] + b"\xff" * (len(whole) - 4096),
            "torn": whole[:8192] + bytes(8192) + whole[16384:],
        }[damage]
    )
    told = refusal(path)
    assert told.startswith(f"{path} is damaged (")
    newest = path.with_name("trainwatch.db.backup-0007-20260131T120000Z")
    assert f"`trainwatch restore FILE` ({newest} is the newest beside it)" in told
