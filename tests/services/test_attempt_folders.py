"""What a deleted task leaves on the disk is taken away, and nothing else is."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.job import CommandOptions, JobSpec, Runner
from trainwatch.live.hub import Hub
from trainwatch.services.attempt_folders import AttemptFolderCleanup, sweep
from trainwatch.services.background import BackgroundLoops
from trainwatch.services.edit import delete_task
from trainwatch.services.jobs import create_job
from trainwatch.store.credentials import name_instance
from trainwatch.store.engine import Database
from trainwatch.store.writer import Writer, run_once
from trainwatch.supervisor.attempt import Ended, Handle, adopt
from trainwatch.supervisor.launch import launch
from trainwatch.supervisor.spec import LaunchSpec, new_marker

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PATIENCE_S = 20.0
SPEC = JobSpec(
    name="job", model_name="m", epochs=1, runner=Runner.LOCAL, options=CommandOptions(command=("true",))
)


@pytest.fixture
def attempts(tmp_path: Path) -> Path:
    folder = tmp_path / "attempts"
    folder.mkdir()
    return folder


def make_job(database: Database) -> int:
    return run_once(database, lambda work: create_job(work, CONSOLE, SPEC), now=NOW).id


def delete(database: Database, task_id: int) -> None:
    run_once(database, lambda work: delete_task(work, CONSOLE, task_id), now=NOW)


def leave(attempts: Path, name: str) -> Path:
    """Make a folder as an attempt leaves it, with what cannot be deleted just so."""
    folder = attempts / name
    (folder / "work" / "locked").mkdir(parents=True)
    (folder / "work" / "file").write_text("a checkpoint")
    (folder / "work" / "elsewhere").symlink_to(attempts.parent)
    return folder


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_folders_of_a_deleted_task_go_and_those_of_others_stay(database: Database, attempts: Path):
    gone, kept = make_job(database), make_job(database)
    going = [leave(attempts, f"{gone}-1"), leave(attempts, f"{gone}-2")]
    staying = [leave(attempts, f"{kept}-1"), leave(attempts, "notes"), leave(attempts, f"{gone}-1.bak")]
    assert sweep(attempts, database) == 0
    assert all(folder.exists() for folder in (*going, *staying))
    delete(database, gone)
    assert sweep(attempts, database) == 0
    assert not any(folder.exists() for folder in going)
    assert all(folder.exists() for folder in staying)
    assert attempts.parent.exists()


def test_a_file_with_the_name_of_an_attempt_stops_no_sweep(sqlite_database: Database, attempts: Path):
    (attempts / "998-1").write_text("no folder")
    going = leave(attempts, "999-1")
    assert sweep(attempts, sqlite_database) == 0
    assert not going.exists()


def test_nothing_to_sweep_is_no_trouble(sqlite_database: Database, tmp_path: Path, attempts: Path):
    assert sweep(tmp_path / "not there", sqlite_database) == 0
    assert sweep(attempts, sqlite_database) == 0


def test_the_attempts_of_another_database_are_left_alone(sqlite_database: Database, attempts: Path):
    sweep(attempts, sqlite_database)  # says whose they are
    folder = leave(attempts, "17-1")
    with sqlite_database.writing() as connection:
        name_instance(connection, "another", now=NOW)
        connection.commit()
    assert sweep(attempts, sqlite_database) == 0
    assert folder.exists()


def test_a_job_that_still_runs_is_stopped_and_its_folder_goes_with_it(
    sqlite_database: Database, attempts: Path
):
    task_id = make_job(sqlite_database)
    folder = attempts / f"{task_id}-1"
    spec = LaunchSpec(
        argv=(sys.executable, "-c", "import time; time.sleep(600)"), cwd=str(attempts), marker=new_marker()
    )
    launch(folder, spec)
    assert sweep(attempts, sqlite_database) == 0
    assert isinstance(adopt(folder), Handle)
    delete(sqlite_database, task_id)
    assert sweep(attempts, sqlite_database) == 1
    until(lambda: isinstance(adopt(folder), Ended))
    assert sweep(attempts, sqlite_database) == 0
    assert not folder.exists()


def test_a_running_server_sweeps_at_its_start_and_after_each_deletion(
    sqlite_database: Database, attempts: Path
):
    first, second = make_job(sqlite_database), make_job(sqlite_database)
    folders = [leave(attempts, f"{first}-1"), leave(attempts, f"{second}-1")]
    delete(sqlite_database, first)

    async def serve() -> None:
        hub = Hub()
        writer = Writer(sqlite_database, clock=lambda: NOW, publish=hub.publish)
        writer.start()
        loops = BackgroundLoops(clock=lambda: NOW)
        loops.add("attempt folders", AttemptFolderCleanup(attempts, sqlite_database, hub).step)
        async with loops.running(), asyncio.timeout(PATIENCE_S):
            while folders[0].exists():  # noqa: ASYNC110 - what is awaited is a file
                await asyncio.sleep(0.01)
            assert folders[1].exists()
            await writer.submit(lambda work: delete_task(work, CONSOLE, second))
            while folders[1].exists():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await writer.close()

    asyncio.run(serve())


def test_what_says_whose_attempts_these_are_is_for_its_owner_alone(sqlite_database: Database, attempts: Path):
    leave(attempts, "1-1")
    before = os.umask(0)
    try:
        sweep(attempts, sqlite_database)
    finally:
        os.umask(before)
    assert attempts.with_name("attempts.of-database").stat().st_mode & 0o777 == 0o600
