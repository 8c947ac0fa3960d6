"""A backup brings back what was there, keeps what it replaces, and changes nothing where it is refused."""

import shutil
import sqlite3
import sys
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.job import CommandOptions, JobSpec, Runner
from trainwatch.domain.payload import parse
from trainwatch.errors import BackupError, ConflictError, TrainwatchError
from trainwatch.services.backups import LeftOut, back_up_all, left_out, restore
from trainwatch.services.ingest import ingest
from trainwatch.services.jobs import create_job
from trainwatch.store.audit import list_audit
from trainwatch.store.backup import back_up
from trainwatch.store.checkpoint import close_whole
from trainwatch.store.credentials import name_instance
from trainwatch.store.engine import Database, open_database
from trainwatch.store.schema import create_tables
from trainwatch.store.writer import run_once
from trainwatch.supervisor.attempt import Handle
from trainwatch.supervisor.launch import launch
from trainwatch.supervisor.spec import LaunchSpec, new_marker
from trainwatch.supervisor.stop import request_stop

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SPEC = JobSpec(
    name="job", model_name="m", epochs=1, runner=Runner.LOCAL, options=CommandOptions(command=("true",))
)


class Folder:
    """A data directory with a database, templates and logs, as a server leaves it."""

    def __init__(self, path: Path, instance: str = "ours") -> None:
        path.mkdir()
        self.path = path
        self.database = open_database(path / "trainwatch.db")
        create_tables(self.database)
        with self.database.writing() as connection:
            name_instance(connection, instance, now=NOW)
            connection.commit()
        (path / "templates.toml").write_text(f"# of {path.name}")
        (path / "attempts.of-database").write_text(instance)

    def add_job(self, log: str) -> Path:
        task = run_once(self.database, lambda work: create_job(work, CONSOLE, SPEC), now=NOW)
        folder = self.path / "attempts" / f"{task.id}-1"
        (folder / "log").mkdir(parents=True)
        (folder / "log" / "0").write_text(log)
        (folder / "work").mkdir()
        (folder / "work" / "checkpoint").write_text("large")
        return folder

    def report(self, name: str) -> None:
        report = parse({"taskName": name, "loss": 1.0})
        run_once(self.database, lambda work: ingest(work, report), now=NOW)

    def titles(self) -> list[str]:
        return titles_in(self.path / "trainwatch.db")

    def logs(self) -> dict[str, str]:
        attempts = self.path / "attempts"
        return {path.parent.parent.name: path.read_text() for path in attempts.glob("*/log/0")}


def titles_in(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM tasks ORDER BY id")]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(each.relative_to(folder)): each.read_bytes() for each in folder.rglob("*") if each.is_file()}


@pytest.fixture
def ours(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data")


def test_an_archive_has_everything_but_what_jobs_saved(ours: Folder, tmp_path: Path):
    ours.add_job("epoch 1")
    assert left_out(ours.path) == LeftOut(logs=1, templates=True)
    archive = tmp_path / "all.tar"
    assert back_up_all(ours.database, ours.path, archive) == 1
    assert archive.stat().st_mode & 0o777 == 0o600
    with tarfile.open(archive) as opened:
        names = set(opened.getnames())
    assert names == {"trainwatch.db", "templates.toml", "attempts.of-database", "attempts/1-1/log/0"}
    assert {each.name for each in tmp_path.iterdir()} == {"all.tar", "data"}


def test_an_archive_brings_everything_back_on_a_new_machine(ours: Folder, tmp_path: Path):
    ours.add_job("epoch 1")
    ours.report("a run")
    archive, there = tmp_path / "all.tar", tmp_path / "there"
    back_up_all(ours.database, ours.path, archive)
    done = restore(archive, there, now=LATER)
    assert (done.tasks, done.logs, done.templates, done.aside) == (2, 1, True, None)
    assert titles_in(there / "trainwatch.db") == ["job", "a run"]
    assert (there / "attempts/1-1/log/0").read_text() == "epoch 1"
    assert (there / "templates.toml").read_text() == "# of data"
    assert (there / "attempts.of-database").read_text() == "ours"
    with open_database(there / "trainwatch.db").reading() as connection:
        assert list_audit(connection, limit=1)[0].action == "restored backup"


def test_what_was_there_is_kept_whole_also_where_a_server_was_killed(ours: Folder, tmp_path: Path):
    ours.report("monday")
    back_up(ours.database, tmp_path / "monday.db")
    with ours.database.reading() as reader, ours.database.writing() as writer:
        reader.exec_driver_sql("SELECT 1 FROM tasks")
        ours.report("tuesday")
        killed = tmp_path / "killed"
        shutil.copytree(ours.path, killed)  # as a killed server leaves it
        writer.rollback()
    assert (killed / "trainwatch.db-wal").stat().st_size > 0
    done = restore(tmp_path / "monday.db", killed, now=LATER)
    assert titles_in(killed / "trainwatch.db") == ["monday"]
    assert not (killed / "trainwatch.db-wal").exists()
    assert done.aside == killed / "replaced-20260201T120000Z"
    assert titles_in(killed / "replaced-20260201T120000Z" / "trainwatch.db") == ["monday", "tuesday"]


def test_logs_that_the_backup_does_not_know_make_room_for_the_ids_to_come(ours: Folder, tmp_path: Path):
    ours.add_job("of monday")
    back_up(ours.database, tmp_path / "monday.db")
    ours.add_job("of tuesday")
    done = restore(tmp_path / "monday.db", ours.path, now=LATER)
    assert done.aside is not None
    assert ours.logs() == {"1-1": "of monday"}
    assert (done.aside / "attempts/2-1/log/0").read_text() == "of tuesday"
    assert (done.aside / "attempts/2-1/work/checkpoint").read_text() == "large"


def test_logs_of_another_database_are_not_taken_for_those_of_the_same_ids(ours: Folder, tmp_path: Path):
    other = Folder(tmp_path / "other", instance="other")
    other.add_job("of the other")
    back_up(other.database, tmp_path / "other.db")
    ours.add_job("ours")
    restore(tmp_path / "other.db", ours.path, now=LATER)
    assert ours.logs() == {}
    assert (ours.path / "attempts.of-database").read_text() == "other"


def test_an_attempt_that_began_after_the_backup_is_not_taken_for_an_earlier_one(ours: Folder, tmp_path: Path):
    folder = ours.add_job("of an id that was given again")
    (folder / "launch.json").write_text("{}")  # written now, long after the newest change in the backup
    back_up(ours.database, tmp_path / "monday.db")
    restore(tmp_path / "monday.db", ours.path, now=LATER)
    assert ours.logs() == {}


def test_a_job_that_runs_and_is_not_in_the_backup_is_not_lost_sight_of(ours: Folder, tmp_path: Path):
    back_up(ours.database, tmp_path / "empty.db")
    folder = ours.add_job("")
    shutil.rmtree(folder)
    wait = (sys.executable, "-c", "import time; time.sleep(600)")
    launch(folder, LaunchSpec(argv=wait, cwd=str(tmp_path), marker=new_marker()))
    before = contents(ours.path)
    try:
        with pytest.raises(ConflictError, match="job 1 runs"):
            restore(tmp_path / "empty.db", ours.path, now=LATER)
        assert contents(ours.path).keys() >= before.keys()
        assert ours.titles() == ["job"]
    finally:
        while isinstance(request_stop(folder, "the test", at=NOW.timestamp(), now=True), Handle):
            pass


def a_torn_one(folder: Folder, path: Path) -> None:
    folder.report("x" * 100)
    back_up(folder.database, path)
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * 8192 + whole[16384:])


def a_newer_one(folder: Folder, path: Path) -> None:
    back_up(folder.database, path)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()


def a_foreign_one(folder: Folder, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE a (b)")


def an_empty_one(folder: Folder, path: Path) -> None:
    path.touch()


def a_text(folder: Folder, path: Path) -> None:
    path.write_text("this is no database" * 100)


def a_foreign_archive(folder: Folder, path: Path) -> None:
    with tarfile.open(path, "w") as archive:
        archive.add(folder.path / "templates.toml", arcname="../templates.toml")


def a_cut_archive(folder: Folder, path: Path) -> None:
    back_up_all(folder.database, folder.path, path)
    path.write_bytes(path.read_bytes()[:50_000])


def nothing(folder: Folder, path: Path) -> None:
    """Leave out the file."""


@pytest.mark.parametrize(
    "make",
    [a_torn_one, a_newer_one, a_foreign_one, an_empty_one, a_text, a_foreign_archive, a_cut_archive, nothing],
)
def test_what_is_no_sound_backup_is_refused_and_changes_nothing(
    ours: Folder, tmp_path: Path, make: Callable[[Folder, Path], None]
):
    ours.report("kept")
    backup = tmp_path / "backup"
    make(ours, backup)
    close_whole(ours.database)
    before = contents(ours.path)
    with pytest.raises(BackupError) as refusal:
        restore(backup, ours.path, now=LATER)
    assert str(backup) in refusal.value.message
    assert contents(ours.path) == before


def test_postgresql_is_left_to_its_own_tools(postgresql_database: Database, tmp_path: Path):
    with pytest.raises(TrainwatchError, match="pg_dump"):
        back_up_all(postgresql_database, tmp_path, tmp_path / "all.tar")
