"""Where a tracker may write, and who shares it."""

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.tracking.keepers import lines_of, program
from trainwatch.errors import DataDirLockedError, MigrationError, SettingsError, UnavailableError
from trainwatch.store.engine import Database, open_database
from trainwatch.store.writer import Writer
from trainwatch.tracking import ProgressTracker

HOLDS = """
import sys
from trainwatch.tracking import ProgressTracker
tracker = ProgressTracker(sys.argv[1])
tracker.start_task("theirs", "other", 1)
print("ready")
sys.stdin.read()
"""


def titles(path: Path) -> list[str]:
    with ProgressTracker(path) as tracker:
        return [each.task_id for each in tracker.get_all_active()]


def test_a_folder_and_the_file_in_it_are_the_same_place(tmp_path: Path):
    with ProgressTracker(str(tmp_path / "new" / "data")) as tracker:
        tracker.start_task("t", "claude", 1)
    assert (tmp_path / "new" / "data" / "trainwatch.db").exists()
    assert titles(tmp_path / "new" / "data" / "trainwatch.db") == ["t"]


def test_a_path_may_be_relative_and_the_program_may_go_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").mkdir()
    with ProgressTracker("data") as tracker:
        monkeypatch.chdir("elsewhere")
        tracker.start_task("t", "claude", 1)
    assert titles(tmp_path / "data") == ["t"]


def test_files_of_other_names_in_one_folder_are_places_of_their_own(tmp_path: Path):
    with ProgressTracker(tmp_path / "one.db") as one, ProgressTracker(tmp_path / "two.db") as two:
        one.start_task("t", "one", 1)
        two.start_task("t", "two", 1)
        assert [each.agent_id for each in one.get_all_active()] == ["one"]
    with ProgressTracker(tmp_path / "two.db") as two:
        assert [each.agent_id for each in two.get_all_active()] == ["two"]


def test_two_trackers_of_one_process_share_a_file_but_not_their_listeners(tmp_path: Path):
    heard: list[str] = []
    first, second = ProgressTracker(tmp_path), ProgressTracker(tmp_path / "trainwatch.db")
    first.add_listener(lambda progress: heard.append("first"))
    second.add_listener(lambda progress: heard.append("second"))
    first.start_task("t", "claude", 2)
    assert second.verify_criterion("t", 0).criteria_verified == 1
    assert first.verify_criterion("t", 1).criteria_verified == 2
    assert heard == ["first", "second", "first"]
    first.close()
    second.complete_task("t", True)
    second.close()
    with ProgressTracker(tmp_path) as tracker:
        progress = tracker.get_progress("t")
        assert progress is not None
        assert (progress.status, len(progress.events)) == ("complete", 4)


def test_a_second_program_is_told_who_owns_the_file(tmp_path: Path):
    with program(HOLDS, tmp_path) as other:
        assert next(lines_of(other)) == "ready"
        with pytest.raises(DataDirLockedError, match=rf"pid {other.pid}\b.*while a server runs there"):
            ProgressTracker(tmp_path)
        other.kill()
        other.wait()
        assert titles(tmp_path) == ["theirs"]


def test_a_server_does_not_start_on_what_a_tracker_owns(tmp_path: Path):
    with ProgressTracker(tmp_path):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "trainwatch",
                "serve",
                "--port",
                "0",
                "--no-browser",
                "--data-dir",
                str(tmp_path),
            ],
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert f"pid {os.getpid()}" in done.stderr


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_after_a_fork_the_child_is_told_to_make_its_own(tmp_path: Path):
    with ProgressTracker(tmp_path) as tracker:
        tracker.start_task("t", "claude", 1)
        child = os.fork()
        if not child:
            try:
                tracker.update_iteration("t", 1)
            except UnavailableError:
                os._exit(7)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        assert tracker.update_iteration("t", 2).iteration == 2


def test_an_open_database_is_a_place(database: Database):
    with ProgressTracker(database) as tracker, ProgressTracker(database) as other:
        tracker.start_task("t", "claude", 1)
        assert other.verify_criterion("t", 0).progress_percent == 100.0
    with ProgressTracker(database) as tracker:
        progress = tracker.get_progress("t")
        assert progress is not None
        assert [event.event_type for event in progress.events] == ["start", "progress"]


def test_an_empty_database_gets_its_tables(tmp_path: Path):
    database = open_database(tmp_path / "empty.db")
    with ProgressTracker(database) as tracker:
        tracker.start_task("t", "claude", 1)
    database.close()


def test_a_writer_is_a_place_for_other_threads_than_its_own(sqlite_database: Database):
    async def scenario() -> None:
        writer = Writer(sqlite_database, clock=lambda: datetime.now(UTC), publish=lambda events: None)
        writer.start()
        with ProgressTracker(writer) as tracker:
            await asyncio.to_thread(tracker.start_task, "t", "claude", 1)
            progress = await asyncio.to_thread(tracker.verify_criterion, "t", 0)
            assert progress.progress_percent == 100.0
            assert await asyncio.to_thread(tracker.should_stop, "t") is False
            with pytest.raises(RuntimeError, match="to_thread"):
                tracker.update_iteration("t", 1)
        await writer.close()

    asyncio.run(scenario())
    with ProgressTracker(sqlite_database) as tracker:
        assert [each.iteration for each in tracker.get_all_active()] == [0]


def test_a_writer_without_its_loop_is_refused(sqlite_database: Database):
    writer = Writer(sqlite_database, clock=lambda: datetime.now(UTC), publish=lambda events: None)
    with pytest.raises(SettingsError, match="event loop"):
        ProgressTracker(writer)


@pytest.mark.parametrize("where", ["ftp://host", "postgresql://host/name", "http://", 7, None])
def test_what_is_no_place_is_said(where):
    with pytest.raises(SettingsError):
        ProgressTracker(where)


def test_what_is_no_database_of_ours_is_left_alone(tmp_path: Path):
    path = tmp_path / "trainwatch.db"
    path.write_bytes(b"these are not the tables you are looking for" * 100)
    with pytest.raises((MigrationError, SettingsError)):
        ProgressTracker(tmp_path)
    assert path.read_bytes().startswith(b"these are not")
    path.unlink()
    assert titles(tmp_path) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="file"):
        ProgressTracker(tmp_path / "file" / "data")
