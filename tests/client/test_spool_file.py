"""A file of what waits is replaced as a whole, is one owner's at a time, and does not grow for ever."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.plugins.disk import file_limit
from trainwatch.client import spool_file
from trainwatch.client.spool_file import SpoolFile, SpoolFolder, Unsent, address_of

REPORTS: list[dict[str, Any]] = [
    {"runId": "r", "eventId": "run-1", "status": "started"},
    {"runId": "r", "eventId": "run-2", "series": {"loss": {"steps": [1, 2], "values": [0.5, float("inf")]}}},
]
UNSENT = Unsent("http://server", "train", REPORTS, (7, bytes(range(256))))


@pytest.fixture
def folder(tmp_path: Path) -> SpoolFolder:
    return SpoolFolder(tmp_path / "state" / "unsent")


def kept(folder: SpoolFolder) -> list[Unsent | None]:
    found: list[Unsent | None] = []
    for file in folder.waiting():
        found.append(file.read())
        file.close()
    return found


def test_what_is_kept_is_read_again(folder: SpoolFolder):
    file = folder.new("r")
    file.write(UNSENT)
    file.close()
    assert kept(folder) == [UNSENT]
    assert UNSENT.points == 2


def test_who_has_it_open_has_it_alone(folder: SpoolFolder):
    file = folder.new("r")
    file.write(UNSENT)
    assert kept(folder) == []
    file.write(UNSENT._replace(reports=REPORTS[1:]))
    assert kept(folder) == []
    file.close()
    (other,) = list(folder.waiting())
    assert SpoolFile.open(other.path) is None
    other.remove()
    assert list(folder.folder.iterdir()) == []


def test_who_opened_it_before_it_was_replaced_does_not_get_the_old_one(folder: SpoolFolder):
    file = folder.new("r")
    file.write(UNSENT)
    old = os.open(file.path, os.O_RDWR)
    file.write(UNSENT._replace(reports=[]))
    file.close()
    opened = SpoolFile.open(file.path)
    assert opened is not None
    assert opened.read() == UNSENT._replace(reports=[])
    opened.close()
    os.close(old)


def test_a_disk_that_is_full_leaves_what_was_there(folder: SpoolFolder):
    file = folder.new("r")
    file.write(UNSENT)
    with file_limit(64), pytest.raises(OSError, match="too large"):
        file.write(UNSENT._replace(name="x" * 4096))
    file.close()
    assert kept(folder) == [UNSENT]
    assert [path.name for path in folder.folder.iterdir()] == ["r.jsonl"]


def test_what_a_killed_owner_had_begun_is_in_nobodys_way(folder: SpoolFolder):
    folder.folder.mkdir(parents=True)
    (folder.folder / "r.partial").write_text("half a li")
    file = folder.new("r")
    file.write(UNSENT)
    file.close()
    assert kept(folder) == [UNSENT]


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"trainwatch": 99, "url": "http://server"}', b"null\n"],
)
def test_what_is_no_such_file_is_known_as_none(folder: SpoolFolder, content: bytes):
    folder.folder.mkdir(parents=True)
    (folder.folder / "r.jsonl").write_bytes(content)
    assert kept(folder) == [None]


def test_lines_that_make_no_sense_are_passed_over(folder: SpoolFolder):
    file = folder.new("r")
    file.write(UNSENT)
    file.close()
    with file.path.open("ab") as end:
        end.write(b'{"report": 7}\n[]\n{"log": 3, "offset": "x"}\nno JSON\n')
    assert kept(folder) == [UNSENT]


def test_a_link_is_not_followed(folder: SpoolFolder, tmp_path: Path):
    folder.folder.mkdir(parents=True)
    (tmp_path / "elsewhere").write_text("precious")
    for name in ("r.jsonl", "r.partial"):
        (folder.folder / name).symlink_to(tmp_path / "elsewhere")
    assert kept(folder) == []
    file = folder.new("r")
    file.write(UNSENT)
    file.close()
    assert (tmp_path / "elsewhere").read_text() == "precious"
    assert kept(folder) == [UNSENT]


def test_the_oldest_give_way_and_the_newest_stays(folder: SpoolFolder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spool_file, "MOST_FILES", 3)
    for number in range(5):
        file = folder.new(f"r{number}")
        file.write(UNSENT)
        os.utime(file.path, (number, number))
        file.close()
    folder.make_room(folder.folder / "r4.jsonl")
    assert sorted(path.name for path in folder.folder.iterdir()) == ["r2.jsonl", "r3.jsonl", "r4.jsonl"]
    monkeypatch.setattr(spool_file, "MOST_BYTES", 10)
    folder.make_room(folder.folder / "r4.jsonl")
    assert [path.name for path in folder.folder.iterdir()] == ["r4.jsonl"]


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("http://user:word@host:1/path/", "http://host:1/path"),
        ("https://host", "https://host"),
        ("http://[::1]:5/", "http://[::1]:5"),
    ],
)
def test_an_address_is_written_without_a_password(url: str, written: str):
    assert address_of(url) == written
