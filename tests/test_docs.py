"""What the documents say is so: names are compared with the code, examples are run, links lead somewhere."""

import asyncio
import contextlib
import inspect
import json
import os
import re
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import click
import pytest
from click.testing import CliRunner
from starlette.requests import Request

from tests.plugins.doors import every_operation, make_session
from tests.plugins.server import Server, free_port, serving
from tests.plugins.wire import get
from trainwatch import errors
from trainwatch.api.http import status_of
from trainwatch.api.progress_socket import PATH as PROGRESS
from trainwatch.api.progress_texts import change_text, deleted_text, hello_text, ready_text, snapshot_text
from trainwatch.cli import main
from trainwatch.companion.session import environment as environment_of_a_run
from trainwatch.companion.wanted import Wanted
from trainwatch.domain.events import CredentialChanged, GpuChanged, LogGrown, Notified, TaskChanged
from trainwatch.domain.fields import FIELDS
from trainwatch.domain.reading import GPU_SCHEMA
from trainwatch.domain.status import SYNONYMS, Status
from trainwatch.domain.task import Task
from trainwatch.domain.tracked.fields import FIELDS as CHANGES
from trainwatch.domain.tracked.progress import TaskProgress
from trainwatch.domain.tracked.told import Standing, files_counted
from trainwatch.door.guard import SIGN_IN
from trainwatch.runners.base import AttemptKey
from trainwatch.services.commands import environment_of
from trainwatch.services.views import gpu_view, notification_view, task_view
from trainwatch.settings import Settings
from trainwatch.store.engine import Database
from trainwatch.store.gpus import Gpu
from trainwatch.supervisor.spec import MARKER
from trainwatch.ui import routes
from trainwatch.ui.frames import Frame, Rooms
from trainwatch.ui.rooms import (
    ACCESS,
    EVERYONE,
    OVERVIEW,
    SESSION_PREFIX,
    TASK_PREFIX,
    room_of,
    room_of_session,
)
from trainwatch.ui.site_build import build_if_stale

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PROTOCOL = ROOT / "docs" / "protocol.md"
SECURITY = ROOT / "SECURITY.md"
PAGES = [
    README,
    SECURITY,
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
NO_WAY_THROUGH = {"http_proxy": "http://127.0.0.1:9"}
"""A proxy that is not there: what speaks to this machine must not ask it."""
BY_COMMAND = {"settings", "data_dir_locked", "migration", "backup"}
"""Codes that only the command line tells."""

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


def a_task() -> Task:
    return Task(
        id=7, title="bert", created_at=NOW, last_updated=NOW, revision=1, training_status=Status.RUNNING
    )


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def tables(text: str) -> Iterator[list[list[str]]]:
    """Yield the rows of each table, without its head, cell by cell."""
    for block in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        rows = [
            [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in block.splitlines()
        ]
        yield rows[2:]


def table_after(text: str, words: str) -> list[list[str]]:
    """Return the rows of the first table after `words`."""
    _, found, rest = text.partition(words)
    assert found, f"nothing says {words!r}"
    return next(tables(rest))


def code(cell: str) -> list[str]:
    """Return what is set as code in `cell`."""
    return re.findall(r"`([^`]+)`", cell)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that has heard nothing yet, so that the first task of the documents is its first."""
    build_if_stale(ROOT)
    with serving(tmp_path / "data") as server:
        yield server


def run(command: str, server: Server) -> str:
    """Return what a documented command prints when `server` is the one that it is about."""
    port = server.url.rpartition(":")[2]
    done = subprocess.run(
        ["bash", "-c", command.replace("62222", port)], capture_output=True, text=True, timeout=30, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# The protocol


def test_every_field_of_a_report_is_in_the_protocol_with_its_spellings():
    documented = {code(name)[0]: code(also) for name, also, _ in table_after(read(PROTOCOL), "### Fields")}
    assert documented == {field.name: list(field.spellings[1:]) for field in FIELDS}


def test_every_field_of_a_reading_is_in_the_protocol():
    documented = [code(name)[0] for name, *_ in table_after(read(PROTOCOL), "Within `gpu`")]
    assert documented == list(GPU_SCHEMA["properties"])


def test_every_word_for_a_state_is_in_the_protocol():
    rows = table_after(read(PROTOCOL), "### States")
    documented = {word: code(state)[0] for state, also in rows for word in [*code(state), *code(also)]}
    assert documented == {word: status.value for word, status in SYNONYMS.items()}


def test_every_change_of_a_tracked_task_is_in_the_protocol_with_its_fields():
    rows = table_after(read(PROTOCOL), "## Tracked tasks")
    documented = {code(kind)[0]: code(fields) for kind, fields, _ in rows}
    everywhere = ["at", "eventId"]
    assert {kind: [*fields, *everywhere] for kind, fields in documented.items()} == {
        kind: [field.name for field in fields] for kind, fields in CHANGES.items()
    }


def test_every_error_code_is_in_the_protocol_with_its_status():
    text = read(PROTOCOL).partition("## Errors")[2].partition("### Limits")[0]
    kinds = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, errors.TrainwatchError)
    ]
    documented = {code(name)[0]: int(status) for name, status, _ in next(tables(text))}
    told = {kind.code: status_of(kind.__new__(kind)) for kind in kinds if kind.code not in BY_COMMAND}
    assert documented == told
    assert {kind.code for kind in kinds} <= set(code(text.rpartition("```")[2]))


def test_every_route_is_in_the_protocol_with_its_right(sqlite_database: Database):
    rows = table_after(read(PROTOCOL), "## The API")
    documented = {code(route)[0]: code(right)[0] for route, right, _ in rows}
    offered = {
        f"{operation.method} {re.sub(':[a-z]+}', '}', operation.path)}": operation.right.value
        for operation in every_operation(sqlite_database)
    }
    assert documented == offered


def test_every_page_is_in_the_protocol():
    for route in (
        routes.DASHBOARD,
        routes.TASK.replace("[task_id]", "{id}"),
        routes.JOBS,
        routes.NEW_JOB,
        routes.JOB.replace("[task_id]", "{id}"),
        routes.SETTINGS,
        SIGN_IN,
    ):
        assert f"`{route}`" in read(PROTOCOL)


@pytest.mark.parametrize(
    "view",
    [
        task_view(a_task(), None),
        gpu_view(Gpu(id=1, name="A100"), []),
        notification_view(Notified(1, "info", "hello", None, None, NOW)),
    ],
    ids=["task", "gpu", "notification"],
)
def test_every_value_that_the_api_answers_with_is_in_the_protocol(view: dict[str, object]):
    documented = set(code(read(PROTOCOL).partition("## The API")[2].partition("## Frames")[0]))
    assert set(view) <= documented


def frames() -> Iterator[tuple[str, Frame]]:
    rooms = Rooms(gpus={}, now=lambda: NOW)
    rooms.note(
        [
            TaskChanged(a_task(), 0, None),
            GpuChanged(Gpu(id=1, name="A100")),
            Notified(1, "info", "hi", None, 7, NOW),
            LogGrown(7, 1, 4096),
            CredentialChanged(make_session(id=3, revoked_at=NOW)[0]),
        ],
        lambda room: True,
    )
    of_task = (room_of(7), f"{TASK_PREFIX}<id>")
    of_session = (room_of_session(3), f"{SESSION_PREFIX}<id>")
    others = [(room, room) for room in (OVERVIEW, EVERYONE, ACCESS)]
    for room, name in (of_task, of_task, of_session, *others):
        frame = rooms.take(room)
        assert frame is not None
        yield name, frame
    yield "", rooms.welcome()


def test_every_frame_is_in_the_protocol_with_its_keys():
    documented = {
        code(var)[0]: (code(room), code(keys)) for room, var, keys in table_after(read(PROTOCOL), "## Frames")
    }
    for room, frame in frames():
        rooms, keys = documented.pop(f"Live.{frame.var}")
        assert rooms == ([room] if room else [])
        assert set(frame.content) <= set(keys)
    assert not documented


def test_every_text_about_tracked_tasks_is_in_the_protocol_with_its_keys():
    progress = TaskProgress("a task", "an agent")
    texts = [
        hello_text("s", 1, resumed=True),
        snapshot_text(1, Standing(progress, files_counted(progress))),
        change_text(2, progress),
        deleted_text(3, "a task"),
        ready_text(1),
    ]
    told: dict[str, set[str]] = {}
    for text in map(json.loads, texts):
        told.setdefault(text.pop("type"), set()).update(text)
    rows = table_after(read(PROTOCOL), f"`{PROGRESS}` is a websocket")
    assert {code(kind)[0]: set(code(keys)) for kind, keys, _ in rows} == told


def test_every_figure_for_prometheus_is_in_the_protocol(sqlite_database: Database):
    figures = next(each for each in every_operation(sqlite_database) if each.path == "/metrics")
    request = Request(
        {"type": "http", "method": "GET", "path": "/metrics", "headers": [], "query_string": b""}
    )
    answer = asyncio.run(figures.endpoint(request))
    sent = set(re.findall(r"^([a-z_]+)(?:\{.*\})? \S+$", bytes(answer.body).decode(), re.MULTILINE))
    documented = {code(name)[0] for name, *_ in table_after(read(PROTOCOL), "## Prometheus")}
    assert documented == sent


def test_the_answers_in_the_protocol_are_real(server: Server):
    for example in "".join(blocks(read(PROTOCOL), "console")).split("$ ")[1:]:
        command, _, answer = example.strip().partition("\n")
        assert json.loads(run(command, server)) == json.loads(answer), command


# The README


def test_every_setting_is_in_the_readme_and_every_variable_is_a_setting():
    settings = {f"TRAINWATCH_{name.upper()}" for name in Settings.model_fields}
    rows = table_after(read(README), "## Running it")
    assert {name for row in rows for name in variables(row[1])} == settings
    examples = {name for path in (ROOT / "examples").iterdir() for name in variables(read(path))}
    of_a_job = set(environment_of(AttemptKey(1, 1), url="", secret="")) | {MARKER}
    of_a_run = set(environment_of_a_run(Wanted((), "", ""), {}, buffers=True))
    told = settings | examples | of_a_job | of_a_run
    assert {name for page in PAGES for name in variables(read(page))} <= told


def variables(text: str) -> list[str]:
    return re.findall(r"TRAINWATCH_[A-Z_]+", text)


def commands(group: click.Group = main, above: str = "trainwatch") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with the words that call it, those within groups too."""
    for name, command in group.commands.items():
        words = f"{above} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, words)
        else:
            yield words, command


def test_every_command_and_every_option_is_in_the_readme():
    text = read(README)
    for words, command in commands():
        assert f"`{words}" in text, words
        for option in command.params:
            if isinstance(option, click.Option):
                assert any(spelling in text for spelling in option.opts), f"{words} {option.opts}"


def test_every_command_in_the_documents_is_one():
    known = {words for words, _ in commands()}
    for page in PAGES:
        for first, second in re.findall(
            r"(?:^(?:    )?|`)trainwatch ([a-z-]+)(?: ([a-z-]+))?", read(page), re.MULTILINE
        ):
            is_group = isinstance(main.commands.get(first), click.Group)
            words = f"trainwatch {first} {second}" if is_group and second else f"trainwatch {first}"
            assert words in known or (is_group and not second), f"{page.name}: {words}"


def typed(page: Path) -> Iterator[list[str]]:
    """Yield the words after `trainwatch` of each line that a document says to type, in a container too."""
    prompts = (
        r"(?:    |[$#] )(?:sudo -u \w+ )?(?:/\S+/)?trainwatch (.*)",
        r"\$ docker run .*:/data trainwatch (.*)",
    )
    for line in read(page).splitlines():
        for found in filter(None, (re.fullmatch(prompt, line) for prompt in prompts)):
            yield shlex.split(found[1], comments=True)


def parse(words: list[str]) -> None:
    """Let click read a command, and do nothing of it.

    Raises:
        ClickException: If there is no such command or option, or an argument is none.
    """
    command, context = cast("click.Command", main), None
    name: str | None = "trainwatch"
    while True:
        context = command.make_context(name, list(words), parent=context)
        if not isinstance(command, click.Group):
            return
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found


def test_every_command_that_is_to_be_typed_is_understood():
    count = 0
    for page in PAGES:
        for words in typed(page):
            count += 1
            try:
                parse(words)
            except click.ClickException as error:
                raise AssertionError(f"{page.name}: trainwatch {' '.join(words)}: {error.message}") from error
    assert count > 20


def test_keys_people_and_sessions_are_managed_as_the_documents_say(tmp_path: Path):
    data = ["--data-dir", str(tmp_path / "data")]
    wanted = [words for page in (SECURITY, README) for words in typed(page)]
    managing = [words for words in wanted if words[0] in {"migrate", "key", "user", "session"}]
    assert managing[0] == ["migrate"]
    label = ["key", "create", "--scope", "read", "--label"]
    for words in (managing[0], [*label, "first"], [*label, "second"], *managing[1:]):
        done = CliRunner().invoke(main, [*words, *data], input="correct horse battery\n" * 2)
        assert done.exit_code == 0, (words, done.output)


def test_the_shell_examples_of_the_readme_are_taken(server: Server):
    examples = [block for block in blocks(read(README), "sh") if "curl" in block]
    assert examples
    for block in examples:
        told = run(block, server).replace("}{", "}\n{").splitlines()
        assert len(told) == block.count("curl ")
        assert all(json.loads(line)["ok"] for line in told)


def python_example(url: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the training that the README shows, whose last line says that it got to its end."""
    program = blocks(read(README), "python")[0] + "\nprint('trained to step', step)\n"
    environment = {**os.environ, **NO_WAY_THROUGH, "TRAINWATCH_URL": url, **environment}
    return subprocess.run(
        [sys.executable, "-c", program], timeout=60, env=environment, capture_output=True, text=True
    )


@contextlib.contextmanager
def answering(answer: bytes | None) -> Iterator[str]:
    """Give the address of something that answers every connection so, or (None) takes it and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer_all() -> None:
            with contextlib.suppress(OSError):
                while answer is not None:
                    with listener.accept()[0] as connection:
                        connection.recv(1 << 16)
                        connection.sendall(answer)

        thread = threading.Thread(target=answer_all)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_the_python_example_of_the_readme_trains_on_without_a_server():
    done = python_example(f"http://127.0.0.1:{free_port()}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("trained to step 100\n")
    assert 2 <= done.stdout.count("not reported: ") <= 3


@pytest.mark.parametrize(
    "answer", [None, b"", b"nonsense\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"]
)
def test_the_python_example_of_the_readme_trains_on_whatever_it_is_answered(answer: bytes | None):
    with answering(answer) as url:
        done = python_example(url)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("trained to step 100\n")
    assert 2 <= done.stdout.count("not reported: ") <= 3


def test_the_python_example_of_the_readme_trains_on_where_it_is_refused(server: Server):
    done = python_example(server.url, TRAINWATCH_KEY="tw_ingest_mistyped")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("trained to step 100\n")
    assert "not reported: HTTP Error 401" in done.stdout


def test_the_python_example_of_the_readme_reports_and_stops(server: Server):
    done = python_example(server.url)
    assert (done.returncode, done.stdout, done.stderr) == (0, "trained to step 100\n", "")
    task = get(server.url, "/api/tasks?q=my-run").json()["tasks"][0]
    assert (task["status"], task["progress"], task["currentStep"]) == ("complete", 1.0, task["totalSteps"])


# All of them


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path):
    text = read(page)
    for target in [
        *re.findall(r"\]\(([^)\s]+)\)", text),
        *re.findall(r'(?:src|srcset|href)="([^"]+)"', text),
    ]:
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (page.parent / path).resolve() if path else page
        assert there.exists(), target
        assert not anchor or anchor in anchors(read(there)), target


def anchors(text: str) -> set[str]:
    """Return what the headings of a page can be linked by, as GitHub names them."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


_PATH = re.compile(
    r"`((?:trainwatch(?!/_)|domain|services|store|live|ui|api|door|assets|tests|examples|benchmarks|alembic|docs)/[\w./-]+)`"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_named_exists(page: Path):
    for name in _PATH.findall(read(page)):
        assert (ROOT / name).exists() or (ROOT / "trainwatch" / name).exists(), name


@pytest.mark.parametrize("picture", sorted((ROOT / "docs").glob("*.png")), ids=lambda path: path.name)
def test_every_picture_is_small_and_shown(picture: Path):
    assert picture.stat().st_size < 250_000
    assert any(picture.name in read(page) for page in PAGES)
