"""What goes wrong around the server is said in one line, and costs nothing that was acknowledged."""

import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.plugins.page_socket import page_socket
from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import get, post

UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run our command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "trainwatch", *words],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **environment},
        cwd=Path(__file__).parent.parent.parent,
    )


def a_file(folder: Path) -> None:
    folder.write_text("I am a file")


def noise(folder: Path) -> None:
    folder.mkdir()
    (folder / "trainwatch.db").write_bytes(b"this is no database" * 1000)


def a_folder(folder: Path) -> None:
    (folder / "trainwatch.db").mkdir(parents=True)


def foreign(folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "trainwatch.db")) as database:
        database.execute("CREATE TABLE somebody_elses (a)")


def newer(folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "trainwatch.db")) as database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        database.execute("INSERT INTO alembic_version VALUES ('9999')")
        database.commit()


UNUSABLE: dict[str, tuple[Callable[[Path], None], str]] = {
    "a file": (a_file, "File exists"),
    "noise": (noise, "file is not a database"),
    "a folder": (a_folder, "unable to open database file"),
    "foreign": (foreign, "not those of TrainWatch"),
    "newer": (newer, "made by a newer TrainWatch"),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_data_that_cannot_be_used_is_named_in_one_line_and_left_alone(
    built_page: Path, tmp_path: Path, case: str
):
    folder = tmp_path / "data"
    make, words = UNUSABLE[case]
    make(folder)
    before = contents(folder)
    refused = command("serve", "--port", "0", "--no-browser", "--data-dir", str(folder))
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: ")
    assert words in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert contents(folder) == before


def contents(folder: Path) -> dict[str, object]:
    """Return what the files say; a database is what it holds, for opening it may change its first page."""
    files = folder.iterdir() if folder.is_dir() else [folder]
    return {path.name: told_by(path) for path in files if path.is_file() and path.name != "trainwatch.lock"}


def told_by(path: Path) -> object:
    if not path.read_bytes().startswith(b"SQLite"):
        return path.read_bytes()
    with closing(sqlite3.connect(path)) as database:
        return list(database.iterdump())


@pytest.mark.parametrize("place", ["/dev/null/data", "/proc/trainwatch"])
def test_a_folder_that_cannot_be_made_is_named_in_one_line(built_page: Path, place: str):
    refused = command("serve", "--port", "0", "--no-browser", "--data-dir", place)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert refused.stderr.startswith(f"Error: cannot use {place}/trainwatch.db: ")


def test_a_port_in_use_is_named_in_one_line_and_no_data_is_made(built_page: Path, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = command("serve", "--port", str(port), "--no-browser", "--data-dir", str(tmp_path / "data"))
    assert refused.stderr == f"Error: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("setting", "words"),
    [("TRAINWATCH_PORT", "port: Input should be"), ("TRAINWATCH_DATABASE", "must be a file")],
)
def test_an_environment_that_makes_no_sense_is_named_in_one_line(tmp_path: Path, setting: str, words: str):
    refused = command("serve", "--data-dir", str(tmp_path), **{setting: "mysql://nonsense"})
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert words in refused.stderr


@pytest.mark.parametrize("make", [noise, a_folder])
@pytest.mark.parametrize("words", [["export", "1"], ["backup", "copy.db"]])
def test_reading_what_is_no_database_is_refused_in_one_line(
    tmp_path: Path, make: Callable[[Path], None], words: list[str]
):
    make(tmp_path / "data")
    refused = command(
        *(str(tmp_path / word) if "." in word else word for word in words),
        "--data-dir",
        str(tmp_path / "data"),
    )
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert not list(tmp_path.glob("copy*"))


def limit_files(server: Server, bytes_each: int) -> None:
    """Let the server's files grow no further, as a full disk does."""
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (bytes_each, resource.RLIM_INFINITY))


def test_a_full_disk_refuses_loses_nothing_and_is_over_when_there_is_space(built_page: Path, tmp_path: Path):
    data_dir = tmp_path / "data"
    acknowledged: set[int] = set()

    def report(url: str, step: int) -> int | None:
        steps = list(range(step, step + 100))
        series = {"loss": {"steps": steps, "values": [0.5] * 100}}
        answer = post(url, {"taskName": "thirsty", "series": series})
        if answer.status == 200:
            acknowledged.update(steps)
        else:
            assert answer.json()["error"]["code"] == "unavailable"
        return answer.status

    with serving(data_dir) as server:
        assert report(server.url, 0) == 200
        limit_files(server, 400_000)
        answers = [report(server.url, step) for step in range(100, 6_000, 100)]
        assert set(answers) == {200, 503}
        assert get(server.url, "/api/tasks").json()["total"] == 1
        assert kept(server.url) == acknowledged
        limit_files(server, resource.RLIM_INFINITY)
        assert report(server.url, 10_000) == 200
        assert kept(server.url) == acknowledged
        limit_files(server, 400_000)
        report(server.url, 20_000)
        server.process.kill()
    with serving(data_dir) as server:
        assert kept(server.url) == acknowledged


def test_a_log_on_the_full_disk_does_not_stop_the_writer(built_page: Path, tmp_path: Path):
    with serving(tmp_path / "data") as server:
        assert post(server.url, {"taskName": "a", "loss": 1, "step": 1}).status == 200
        limit_files(server, 4096)
        answers = [post(server.url, {"taskName": "a", "loss": 1, "step": step}) for step in range(2, 12)]
        assert {answer.status for answer in answers} == {503}
        limit_files(server, resource.RLIM_INFINITY)
        assert post(server.url, {"taskName": "a", "loss": 1, "step": 20}).status == 200
        assert kept(server.url) == {1, 20}


def test_it_serves_on_when_nobody_reads_what_it_prints(built_page: Path, tmp_path: Path):
    port = free_port()
    serve = f"serve --port {port} --no-browser --data-dir {tmp_path / 'data'}"
    process = subprocess.Popen(
        [sys.executable, "-m", "trainwatch", *serve.split()],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=Path(__file__).parent.parent.parent,
    )
    assert process.stdout is not None
    while "page" not in process.stdout.readline():
        pass
    process.stdout.close()
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url)
        with page_socket(url) as page:
            page.emit("nonsense that is worth a line in the log")
            page.open_page("/")
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        assert post(url, {"taskName": "a", "loss": 1}).status == 503
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, UNLIMITED)
        assert post(url, {"taskName": "a", "loss": 1}).status == 200
    finally:
        process.terminate()
        assert process.wait(timeout=10) in {0, 120}


def wait_for(url: str) -> None:
    """Wait until a server answers there."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with suppress(OSError):
            get(url, "/healthz")
            return
    raise AssertionError("the server does not answer")


def kept(url: str) -> set[int]:
    """Return the steps of the only task."""
    return {row["step"] for row in get(url, "/api/training/1/metrics").json()}


def test_a_full_disk_at_start_is_named_in_one_line(built_page: Path, tmp_path: Path):
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096));"
        "from trainwatch.cli import main; main()"
    )
    refused = subprocess.run(
        [
            sys.executable,
            "-c",
            script,
            "serve",
            "--port",
            "0",
            "--no-browser",
            "--data-dir",
            str(tmp_path / "data"),
        ],
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert refused.stderr.startswith("Error: ")


@pytest.mark.parametrize("ask", [signal.SIGTERM, signal.SIGINT])
def test_an_end_that_was_asked_for_is_no_failure(built_page: Path, tmp_path: Path, ask: signal.Signals):
    with serving(tmp_path / "data") as server:
        post(server.url, {"taskName": "last words", "loss": 1})
        server.process.send_signal(ask)
        assert server.process.wait(timeout=5) == 0
        assert "Traceback" not in server.log_file.read_text()
        assert "Aborted" not in server.log_file.read_text()


def test_asked_twice_it_ends_at_once(built_page: Path, tmp_path: Path):
    with serving(tmp_path / "data") as server:
        os.kill(server.process.pid, signal.SIGSTOP)
        server.process.send_signal(signal.SIGINT)
        server.process.send_signal(signal.SIGTERM)
        server.process.send_signal(signal.SIGCONT)
        assert server.process.wait(timeout=5) in {128 + signal.SIGINT, 128 + signal.SIGTERM}
        assert "Traceback" not in server.log_file.read_text()


def test_a_reader_that_has_seen_enough_is_no_failure(built_page: Path, tmp_path: Path):
    with serving(tmp_path / "data") as server:
        steps = list(range(4_000))
        post(server.url, {"taskName": "long", "series": {"loss": {"steps": steps, "values": [0.5] * 4_000}}})
        shutil.copytree(server.data_dir, tmp_path / "copy", ignore=shutil.ignore_patterns("*.sock"))
    export = f"{sys.executable} -m trainwatch export 1 --data-dir {tmp_path / 'copy'} | head -1"
    done = subprocess.run(
        ["bash", "-c", export], capture_output=True, text=True, timeout=30, cwd=tmp_path.parents[0]
    )
    assert done.stdout.startswith("attempt,name,step")
    assert done.stderr == ""
