"""Texts of others, made harmless for terminals, logs, files and the environment of jobs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.factories import make_task
from trainwatch.api.tasks import parse_edit
from trainwatch.domain.edit import edit
from trainwatch.domain.field import Field
from trainwatch.domain.fields import FIELDS as REPORT_FIELDS
from trainwatch.domain.job import JobSpec, placeholders_of
from trainwatch.domain.job_fields import FIELDS as JOB_FIELDS
from trainwatch.domain.job_fields import OPTIONS as JOB_OPTIONS
from trainwatch.domain.metrics import parse_metrics
from trainwatch.domain.payload import parse
from trainwatch.domain.report import Report
from trainwatch.domain.text import (
    as_line,
    clean_line,
    clean_text,
    is_line,
    parse_id,
    parse_message,
    parse_name,
)
from trainwatch.domain.tracked.change import change_of
from trainwatch.domain.tracked.fields import FIELDS as TRACKED_FIELDS
from trainwatch.errors import BadRequestError, InvalidReportError


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("bert-large, 2e-5 (Größe), 模型 👩\u200d🔬 שלום", "bert-large, 2e-5 (Größe), 模型 👩\u200d🔬 שלום"),
        ("one\r\ntwo\rthree\x85four\u2028five\vsix", "one\ntwo\nthree\nfour\nfive\nsix"),
        ("a\tb", "a\tb"),
        ("\x1b[31mred\x1b[0m and \x1b[1;4mbold\x1b[m", "red and bold"),
        ("\x9b31mred", "red"),
        ("\x1b]0;the title\x07text", "text"),
        ("\x1b]8;;http://evil/\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]0;never ended", ""),
        ("\x1bPdevice\x1b\\text", "text"),
        ("\x1b(Btext\x1b7\x1bc", "text"),
        ("\x1b", ""),
        ("bell\x07, back\x08space, delete\x7f, \x90string\x9c", "bell, backspace, delete, "),
    ],
)
def test_a_text_keeps_its_lines_and_loses_what_moves_a_terminal(raw: str, text: str):
    assert clean_text(raw) == text


@pytest.mark.parametrize(
    ("raw", "line"),
    [
        ("one\n\ttwo", "one two"),
        ("\x1b[31ma\nb", "a b"),
        ("a\u00a0b", "a\u00a0b"),
        ("x\u200dy", "x\u200dy"),
    ],
)
def test_a_line_has_blanks_for_line_ends_and_tabs(raw: str, line: str):
    assert clean_line(raw) == line


@given(st.text(st.sampled_from("\x1b\x9b[]0;mPX^_\\\x07\r\n\t \x85\u2028\x00\x7fa") | st.characters()))
def test_whatever_is_cleaned_is_clean_and_stays_so(raw: str):
    line, text = clean_line(raw), clean_text(raw)
    assert is_line(line)
    assert clean_line(line) == line == as_line(line)
    assert is_line(text.replace("\n", "").replace("\t", ""))
    assert clean_text(text) == text


def test_names_and_messages_are_cleaned_before_they_are_measured():
    assert parse_name(" \x1b[31m" + "n" * 200 + "\n", "title") == "n" * 200
    assert parse_name("\x1b[0m\n", "title") is None
    assert parse_message("a\x07\r\nb\n", "message") == "a\nb"


@pytest.mark.parametrize("raw", ["a\nb", "a\x1b[31mb", "a\x7fb", "a\u2028b"])
def test_an_identifier_is_refused_instead_for_two_must_not_become_one(raw: str):
    with pytest.raises(InvalidReportError, match="runId must be one line, without control characters"):
        parse_id(raw, "runId")


def test_blanks_around_an_identifier_do_not_matter():
    assert parse_id("\t slurm-17 \r\n", "runId") == "slurm-17"


EVIL = " \x1b]0;a title\x07one\r\n\x1b[31mtwo\u2028three\x9b0m\x08 "
OF_SEVERAL_LINES = {"message", "error", "summary"}
NO_TEXTS = {"command", "progress"}
"""The arguments of a command may be programs; a progress is understood later, with its unit."""

TEXTS = [
    field
    for fields in (REPORT_FIELDS, JOB_FIELDS, *TRACKED_FIELDS.values(), *JOB_OPTIONS.values())
    for field in fields
    if field.name not in NO_TEXTS
]


@pytest.mark.parametrize("field", TEXTS, ids=lambda field: field.name)
def test_every_text_that_comes_in_is_cleaned_or_refused(field: Field):
    try:
        parsed = field.parse([EVIL], field.name)
    except BadRequestError:
        try:
            parsed = field.parse(EVIL, field.name)
        except BadRequestError:
            return
    texts = [parsed] if isinstance(parsed, str) else list(parsed or ())
    for text in texts:
        lines = text.split("\n") if field.name in OF_SEVERAL_LINES else [text]
        assert lines == (["one", "two", "three"] if len(lines) > 1 else ["one two three"])


@pytest.mark.parametrize("body", [{"title": EVIL}, {"tags": [EVIL]}, {"notes": EVIL}], ids=", ".join)
def test_what_a_person_types_is_cleaned_too(body: dict[str, object]):
    edited, _ = edit(make_task(), parse_edit(body))
    assert edited.title in ("bert", "one two three")
    assert edited.tags in ((), ("one two three",))
    assert edited.notes in (None, "one\ntwo\nthree")
    assert (edited.title, edited.tags, edited.notes) != ("bert", (), None)


def test_metrics_jobs_and_hosts_have_clean_names():
    assert parse_metrics({EVIL: 1}, "metrics") == {"one two three": (1.0, None)}
    said = parse({"taskName": EVIL, "host": EVIL, "gpuName": EVIL, "loss": 1})
    assert isinstance(said, Report)
    assert (said.name, said.host, said.gpu_name) == ("one two three",) * 3
    job = JobSpec(name=EVIL, model_name="m", epochs=1)  # made before names were cleaned
    filled = placeholders_of(job, task_id=1, python="p", data_dir="d", trainwatch_examples="e")
    assert str(filled["job_name"]).strip() == "one two three"


def test_a_tracked_task_is_not_called_by_what_moves_a_terminal():
    with pytest.raises(InvalidReportError, match="taskId must be one line"):
        change_of("start", EVIL, {"agentId": "a"})
