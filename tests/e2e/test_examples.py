"""The examples do what they say, seen by a person."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.plugins.server import Server
from tests.plugins.wire import get, post
from trainwatch.tracking import ProgressTracker

NO_WAY_THROUGH = {"http_proxy": "http://127.0.0.1:9"}
EXAMPLES = Path(__file__).parent.parent.parent / "examples"


@contextlib.contextmanager
def running(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run an example; it is ended at the end if it has not ended by itself."""
    process = subprocess.Popen(
        command,
        env={**os.environ, **NO_WAY_THROUGH, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def digits(
    server: Server, name: str, *, epochs: int, delay: float
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """Run the classifier, reporting to `server` as `name`."""
    script = str(EXAMPLES / "digits.py")
    options = ["--url", server.url, "--name", name, "--epochs", str(epochs), "--delay", str(delay)]
    return running(sys.executable, script, *options)


def task_of(server: Server, name: str) -> dict[str, Any]:
    """Return the one task that is called `name`."""
    tasks = get(server.url, f"/api/tasks?q={quote(name)}").json()["tasks"]
    assert len(tasks) == 1
    return get(server.url, f"/api/tasks/{tasks[0]['id']}").json()


@pytest.mark.browser
def test_the_classifier_is_seen_to_train_to_the_end(page: Page, server: Server) -> None:
    page.goto("/")
    with digits(server, "watched digits", epochs=5, delay=0.03) as training:
        page.get_by_role("link", name="watched digits").click(timeout=60_000)
        expect(page).to_have_url(re.compile(r"/tasks/\d+"))
        bar = page.locator(".progress-bar").first
        expect(bar).to_have_attribute("style", re.compile(r"width: ?[1-9]"))
        expect(page.locator(".js-plotly-plot .js-line").first).to_have_attribute(
            "d", re.compile(r"(L|C).*(L|C)")
        )
        assert training.wait(60) == 0
        expect(bar).to_have_attribute("style", re.compile(r"width: ?100%"))
        expect(page.get_by_text("5/5", exact=False).or_(page.get_by_text("5 / 5")).first).to_be_visible()

    task = task_of(server, "watched digits")
    assert task["status"] == "complete"
    points = {series["name"]: series["points"] for series in task["series"]}
    assert points["loss"] == task["totalSteps"]
    assert task["metrics"]["accuracy"] > 0.8
    assert task["metrics"]["loss"] < 1


def test_the_classifier_obeys_the_stop_button(server: Server) -> None:
    with digits(server, "stopped digits", epochs=100, delay=0.02) as training:
        task = wait_for_task(server, "stopped digits")
        post(server.url, {}, f"/api/tasks/{task['id']}/stop")
        assert training.wait(30) == 0

    assert task_of(server, "stopped digits")["status"] == "stopped"


def test_the_classifier_trains_on_when_nobody_listens() -> None:
    script = str(EXAMPLES / "digits.py")
    with running(
        sys.executable, script, "--url", "http://127.0.0.1:9", "--epochs", "1", "--delay", "0"
    ) as training:
        assert training.wait(60) == 0


def test_the_loop_of_shell_runs_to_its_end(server: Server) -> None:
    with running(
        "sh", str(EXAMPLES / "curl.sh"), "shell-loop", "4", TRAINWATCH_URL=server.url, DELAY="0"
    ) as loop:
        assert loop.wait(30) == 0

    task = task_of(server, "shell-loop")
    assert (task["status"], task["progress"], task["currentStep"]) == ("complete", 1.0, 4)


def test_the_loop_of_shell_obeys_the_stop_button(server: Server) -> None:
    script = str(EXAMPLES / "curl.sh")
    with running("sh", script, "stopped-loop", "100000", TRAINWATCH_URL=server.url, DELAY="0.01") as loop:
        task = wait_for_task(server, "stopped-loop")
        post(server.url, {}, f"/api/tasks/{task['id']}/stop")
        assert loop.wait(30) == 0

    assert task_of(server, "stopped-loop")["status"] == "stopped"


def agent(*options: str) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """Run the agent that repairs a program."""
    return running(sys.executable, str(EXAMPLES / "agent_task.py"), *options)


def test_the_agent_repairs_its_program_and_tells_how(server: Server) -> None:
    with agent("--url", server.url, "--name", "watched agent", "--pause", "0.02") as repairing:
        assert repairing.wait(90) == 0

    task = task_of(server, "watched agent")
    assert (task["type"], task["status"], task["progress"]) == ("agent", "complete", 1.0)
    told = get(server.url, f"/api/progress/{quote(task['runId'], safe='')}").json()
    assert [each["text"].endswith(" passes") for each in told["criteria"]] == [True] * 6
    assert all(each["verifiedAt"] for each in told["criteria"])
    assert (told["filesCreated"], told["filesModified"]) == (
        ["basket.py", "test_basket.py", "money.py"],
        ["basket.py", "money.py"],
    )
    assert 0 < told["iteration"] < told["maxIterations"]
    assert 0 < told["cost"] < told["maxCost"]
    events = get(server.url, f"/api/progress/{quote(task['runId'], safe='')}/events?type=error").json()[
        "events"
    ]
    assert "ModuleNotFoundError" in events[0]["message"]


def test_the_agent_obeys_the_stop_button(server: Server) -> None:
    with agent("--url", server.url, "--name", "stopped agent", "--pause", "1") as repairing:
        task = wait_for_task(server, "stopped agent")
        post(server.url, {}, f"/api/tasks/{task['id']}/stop")
        assert repairing.wait(60) == 1

    assert task_of(server, "stopped agent")["status"] in ("stopped", "failed")


def test_every_example_goes_where_the_environment_says_and_shows_its_key(server: Server) -> None:
    environment = {"TRAINWATCH_URL": server.url, "TRAINWATCH_KEY": "tw_ingest_mistyped", "DELAY": "0"}
    for command in (
        [sys.executable, str(EXAMPLES / "digits.py"), "--epochs", "1", "--delay", "0"],
        [sys.executable, str(EXAMPLES / "agent_task.py"), "--pause", "0"],
        ["sh", str(EXAMPLES / "curl.sh"), "refused", "2"],
    ):
        done = subprocess.run(
            command, env={**os.environ, **NO_WAY_THROUGH, **environment}, capture_output=True, timeout=90
        )
        printed = done.stdout + done.stderr
        assert b"this key is unknown" in printed or command[0] == "sh", printed
    assert get(server.url, "/api/tasks?q=refused").json()["tasks"] == []


def test_the_agent_says_in_few_lines_that_nobody_listens() -> None:
    script = [sys.executable, str(EXAMPLES / "agent_task.py"), "--pause", "0"]
    done = subprocess.run(
        script,
        env={**os.environ, **NO_WAY_THROUGH, "TRAINWATCH_URL": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert done.returncode == 0
    told = done.stderr.splitlines()
    assert told[0].startswith("progress_not_saved waiting=1 reason=http://127.0.0.1:9 does not answer")
    assert told[-1].startswith("progress_lost changes=")
    assert len(told) < 10


def test_the_agent_needs_no_server(tmp_path: Path) -> None:
    with agent("--data-dir", str(tmp_path), "--pause", "0") as repairing:
        assert repairing.wait(90) == 0

    with ProgressTracker(tmp_path) as tracker:
        assert tracker.get_all_active() == []


def wait_for_task(server: Server, name: str) -> dict[str, Any]:
    """Return the task `name` as soon as it is there; fail after many questions."""
    for _ in range(20_000):
        tasks = get(server.url, f"/api/tasks?q={quote(name)}").json()["tasks"]
        if tasks:
            return tasks[0]
    raise AssertionError(f"{name} never reported")
