"""What of a log is told: bounded answers, from which a reader puts the whole together."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import orjson
import pytest

from trainwatch.errors import UnavailableError
from trainwatch.services import logs as logs_module
from trainwatch.services.log_search import MOST_FOUND
from trainwatch.services.logs import FAR_BEHIND, MOST_LINES, Logs, Look, raw_log
from trainwatch.supervisor.log_writer import LogWriter
from trainwatch.supervisor.spec import LogLimits

PATIENCE_S = 15


@pytest.fixture
def writer(tmp_path: Path) -> LogWriter:
    return LogWriter(str(tmp_path / "log"), LogLimits())


def patiently(ask: Callable[[], Coroutine[Any, Any, dict[str, Any]]]) -> dict[str, Any]:
    """Ask again, as a client does, while a log that is long for a busy machine is being read."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return asyncio.run(ask())
        except UnavailableError:
            assert time.monotonic() < deadline


def look(folder: Path, logs: Logs | None = None, **wanted: Any) -> dict[str, Any]:
    asked = logs or Logs()
    told = patiently(lambda: asked.look(folder, Look(**wanted)))
    written = orjson.dumps(told)
    assert len(written) <= 256_000
    return orjson.loads(written)


def find(folder: Path, text: str, **more: Any) -> dict[str, Any]:
    asked = Logs()
    return patiently(lambda: asked.search(folder, text, before=more.get("before")))


def texts(told: dict[str, Any]) -> list[str]:
    return ["".join(span["t"] for span in line["spans"]) for line in told["lines"]]


def numbers(told: dict[str, Any]) -> list[int]:
    return [line["n"] for line in told["lines"]]


def many(count: int, start: int = 0) -> bytes:
    return b"".join(
        b"step %d loss=0.%04d and so on, as jobs print\n" % (n, n % 10_000) for n in range(start, count)
    )


def test_the_last_lines_come_first_and_those_before_when_asked_for(tmp_path: Path, writer: LogWriter):
    writer.write(many(10_000))
    told = look(tmp_path, most=3)
    assert numbers(told) == [9_997, 9_998, 9_999]
    assert (told["total"], told["next"], told["staleFrom"]) == (10_000, writer.size, None)
    assert numbers(look(tmp_path, end=9_997, most=4)) == [9_993, 9_994, 9_995, 9_996]
    assert numbers(look(tmp_path, start=5_000, most=2)) == [5_000, 5_001]
    assert numbers(look(tmp_path, start=9_999)) == [9_999]
    assert numbers(look(tmp_path, start=10_000)) == []
    assert numbers(look(tmp_path, end=1)) == [0]


def test_what_came_since_is_told_and_nothing_twice(tmp_path: Path, writer: LogWriter):
    logs = Logs()
    writer.write(b"one\ntwo\n")
    first = look(tmp_path, logs)
    assert texts(first) == ["one", "two"]
    assert texts(look(tmp_path, logs, after=first["next"])) == []
    writer.write(b"three\nfo")
    second = look(tmp_path, logs, after=first["next"])
    assert (texts(second), second["total"]) == (["three", "fo"], 4)
    writer.write(b"ur\n")
    third = look(tmp_path, logs, after=second["next"])
    assert (numbers(third), texts(third)) == ([3], ["four"])


@pytest.mark.parametrize("is_same_server", [True, False])
def test_a_line_that_is_written_over_is_told_again_under_its_number(
    tmp_path: Path, writer: LogWriter, is_same_server: bool
):
    logs = Logs()
    writer.write(b"before\n 10%|#     |")
    told = look(tmp_path, logs)
    for percent in (50, 100):
        writer.write(b"\r%3d%%|###   |" % percent)
        told = look(tmp_path, logs if is_same_server else None, after=told["next"])
        assert [(line["n"], line["spans"][0]["t"]) for line in told["lines"]] == [
            (1, f"{percent:3d}%|###   |")
        ]
        assert told["total"] == 2


def test_who_is_far_behind_is_sent_to_the_end_and_told_from_where_it_is_not_up_to_date(
    tmp_path: Path, writer: LogWriter
):
    writer.write(many(5_000))
    told = look(tmp_path)
    writer.write(many(20_000, 5_000))
    assert writer.size - told["next"] > FAR_BEHIND
    later = look(tmp_path, after=told["next"])
    assert later["lines"][-1]["n"] == 19_999
    assert later["lines"][0]["n"] > 5_000
    assert 4_000 < later["staleFrom"] <= 5_000


def test_a_position_beyond_the_end_gets_the_last_lines(tmp_path: Path, writer: LogWriter):
    writer.write(b"one\n")
    assert texts(look(tmp_path, after=10**9)) == ["one"]


def test_colours_are_data(tmp_path: Path, writer: LogWriter):
    writer.write(b"\x1b[1;31mred\x1b[0m <b>plain</b> \x1b[38;5;208;4mpalette\x1b[48;2;1;2;3;7mtrue\n")
    assert look(tmp_path)["lines"] == [
        {
            "n": 0,
            "spans": [
                {"t": "red", "bold": True, "fg": 1},
                {"t": " <b>plain</b> "},
                {"t": "palette", "underline": True, "fg": 208},
                {"t": "true", "underline": True, "inverse": True, "fg": 208, "bg": "#010203"},
            ],
        }
    ]


def test_an_answer_fits_however_long_the_lines_are(tmp_path: Path, writer: LogWriter):
    writer.write(b'\x01"\\' * 30_000 + b"\n" + ("ü€😀" * 20_000 + "\n").encode() + b"x" * 300_000 + b"\n")
    writer.write(b"".join(b"\x1b[3%dm%c" % (n % 8, 65 + n % 26) for n in range(20_000)) + b"\n")
    for _ in range(40):
        writer.write(b"y" * 20_000 + b"\n")
    told = look(tmp_path, most=MOST_LINES)
    assert told["lines"][-1]["n"] == told["total"] - 1
    assert len(told["lines"]) < 40
    for n in range(4):
        only = look(tmp_path, start=n, most=1)
        assert numbers(only) == [n]
        assert texts(only)[0].endswith("(cut)")


def test_a_job_that_only_draws_its_bar_has_one_line(tmp_path: Path, writer: LogWriter):
    for n in range(40_000):
        writer.write(b"\r%5d/40000 [00:10<00:20, 10.0it/s, loss=0.1234]" % n)
    told = look(tmp_path)
    assert texts(told) == ["39999/40000 [00:10<00:20, 10.0it/s, loss=0.1234]"]


def test_a_text_is_found_in_what_is_shown_the_newest_first(tmp_path: Path, writer: LogWriter):
    writer.write(b"A Needle\n" + many(30_000) + b"\x1b[31mnee\x1b[1mdle\x1b[0m again\n" + many(30_000))
    found = find(tmp_path, "NEEDLE")
    assert [match["n"] for match in found["matches"]] == [30_001, 0]
    assert found["matches"][0]["excerpt"] == "needle again"
    assert found["before"] is None
    assert find(tmp_path, "needle", before=30_001)["matches"][0]["n"] == 0
    assert find(tmp_path, "no such thing")["matches"] == []


def test_what_was_written_over_is_not_found_and_what_stands_there_is(tmp_path: Path, writer: LogWriter):
    writer.write(b"\r 10%|#   \r100%|####\n")
    assert find(tmp_path, " 10%")["matches"] == []
    assert len(find(tmp_path, "100%")["matches"]) == 1


def test_many_matches_are_told_in_parts_that_leave_none_out(tmp_path: Path, writer: LogWriter):
    writer.write(many(2 * MOST_FOUND + 10))
    found: list[int] = []
    before = None
    while True:
        part = find(tmp_path, "loss", before=before)
        found += [match["n"] for match in part["matches"]]
        before = part["before"]
        if before is None:
            break
    assert found == list(range(2 * MOST_FOUND + 9, -1, -1))


def test_a_search_ends_in_time_and_says_where_to_go_on(
    tmp_path: Path, writer: LogWriter, monkeypatch: pytest.MonkeyPatch
):
    writer.write(b"needle\n" + many(60_000))
    monkeypatch.setattr(logs_module, "_SEARCHING_S", 0.0)
    parts, before = 0, None
    while True:
        found = find(tmp_path, "needle", before=before)
        parts, before = parts + 1, found["before"]
        if before is None:
            break
    assert [match["n"] for match in found["matches"]] == [0]
    assert parts > 2


def test_too_many_readers_are_told_to_come_again(tmp_path: Path, writer: LogWriter):
    writer.write(many(100))

    async def crowd() -> list[object]:
        logs = Logs()
        return await asyncio.gather(
            *(logs.look(tmp_path, Look()) for _ in range(100)), return_exceptions=True
        )

    answers = asyncio.run(crowd())
    refused = [answer for answer in answers if isinstance(answer, UnavailableError)]
    assert 0 < len(refused) < 100
    assert all(isinstance(answer, dict | UnavailableError) for answer in answers)


def test_logs_that_nobody_looks_at_are_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(logs_module, "_MOST_INDEXED", 1_000)
    logs = Logs()
    for name in map(str, range(20)):
        LogWriter(str(tmp_path / name / "log"), LogLimits()).write(b"hello\n")
        assert texts(look(tmp_path / name, logs)) == ["hello"]
    assert texts(look(tmp_path / "0", logs)) == ["hello"]
    assert len(logs._indexes) < 10


def test_the_file_is_what_was_printed_and_names_what_is_not_kept(tmp_path: Path):
    small = LogWriter(str(tmp_path / "log"), LogLimits(segment_bytes=100, total_bytes=300))
    data = bytes(range(33, 127)) * 10
    small.write(data)
    gap = b"\n[700 bytes of the log are not kept]\n"
    assert b"".join(raw_log(tmp_path)) == data[:100] + gap + data[800:]
