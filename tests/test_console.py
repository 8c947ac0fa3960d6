"""The socket file: only the server's own user can open it, and one that was left behind is in nobody's way."""

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from trainwatch.console import FILE, Console, listening
from trainwatch.errors import SettingsError


@pytest.fixture(params=["short", "long"])
def data_dir(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A data directory, also one whose path is too long for the address of a socket file."""
    folder = tmp_path if request.param == "short" else tmp_path / ("long" * 20) / ("longer" * 30)
    folder.mkdir(parents=True, exist_ok=True)
    assert request.param == "short" or len(str(folder / FILE)) > 108
    return folder


@contextmanager
def answering(listener: socket.socket, name: str) -> Iterator[None]:
    """Answer one connection of `listener` with `name`."""
    listener.listen()

    def answer() -> None:
        with listener.accept()[0] as connection:
            connection.recv(65536)
            body = json.dumps(name).encode()
            head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            connection.sendall(head.encode() + body)

    thread = threading.Thread(target=answer)
    thread.start()
    yield
    thread.join()


def ask(data_dir: Path) -> str:
    """Return what the server of `data_dir` answers."""
    with closing(Console(data_dir)) as console:
        console.request("GET", "/")
        return str(json.loads(console.getresponse().read()))


def test_who_speaks_into_the_file_is_heard(data_dir: Path):
    before = Path.cwd()
    with listening(data_dir) as listener, answering(listener, "here"):
        assert ask(data_dir) == "here"
    assert Path.cwd() == before


def test_the_file_is_for_its_user_alone_whatever_the_umask_and_gone_at_the_end(data_dir: Path):
    before = os.umask(0)
    try:
        with listening(data_dir):
            mode = (data_dir / FILE).stat().st_mode
            assert stat.S_ISSOCK(mode)
            assert stat.S_IMODE(mode) == 0o600
        assert os.umask(0) == 0
    finally:
        os.umask(before)
    assert not (data_dir / FILE).exists()


def test_the_file_is_gone_as_well_where_the_server_fails(data_dir: Path):
    with pytest.raises(ValueError, match="a mistake"), listening(data_dir):
        raise ValueError("a mistake")
    assert not (data_dir / FILE).exists()


@pytest.mark.parametrize("kind", ["socket", "file", "link"])
def test_what_was_left_behind_is_replaced(data_dir: Path, kind: str, tmp_path: Path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("kept")
    if kind == "socket":
        with socket.socket(socket.AF_UNIX) as left, listening(tmp_path) as other:
            assert other.fileno() != left.fileno()
            (tmp_path / FILE).rename(tmp_path / "left")
        (tmp_path / "left").rename(data_dir / FILE)
    elif kind == "file":
        (data_dir / FILE).write_text("left")
    else:
        (data_dir / FILE).symlink_to(elsewhere)
    with listening(data_dir) as listener, answering(listener, "new"):
        assert ask(data_dir) == "new"
    assert elsewhere.read_text() == "kept"


def test_a_folder_of_that_name_is_refused_in_words(tmp_path: Path):
    (tmp_path / FILE / "something").mkdir(parents=True)
    with pytest.raises(SettingsError) as refused, listening(tmp_path):
        pass
    assert refused.value.message.startswith(f"{tmp_path / FILE} is a folder, where the socket belongs")
    assert refused.value.message.endswith("move it away")


def test_two_servers_have_a_file_each(tmp_path: Path):
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    with (
        listening(folders[0]) as first,
        listening(folders[1]) as second,
        answering(first, "first"),
        answering(second, "second"),
    ):
        assert [ask(folder) for folder in folders] == ["first", "second"]


@pytest.mark.parametrize("state", ["no folder", "nothing", "left behind", "no socket"])
def test_where_no_server_listens_connecting_fails_at_once(tmp_path: Path, state: str):
    folder = tmp_path / "data"
    if state != "no folder":
        folder.mkdir()
    if state == "no socket":
        (folder / FILE).write_text("x")
    if state == "left behind":
        with listening(folder):
            (folder / FILE).rename(folder / "left")
        (folder / "left").rename(folder / FILE)
    before = Path.cwd()
    with pytest.raises(OSError), closing(Console(folder)) as console:  # noqa: PT011 - whichever it is
        console.connect()
    assert Path.cwd() == before


def test_connecting_works_from_a_folder_that_is_gone(data_dir: Path, tmp_path: Path):
    here = Path.cwd()
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        with listening(data_dir) as listener, answering(listener, "here"):
            assert ask(data_dir) == "here"
    finally:
        os.chdir(here)
