"""A real job of a server whose environment holds secrets: what it inherits, and what its own key is good for."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_jobs_kill import until
from tests.plugins.job_operator import Operator
from tests.plugins.server import Server, serving
from tests.plugins.wire import get
from trainwatch.supervisor.log_reader import LogReader

OF_THE_SERVER = {
    "TRAINWATCH_LOG_MEGABYTES": "17",
    "TRAINWATCH_SERVICE_HOST": "of-the-server",
    "PGPASSWORD": "of-the-server",
    "REFLEX_ANYTHING": "of-the-server",
    "NOTIFY_SOCKET": "/of-the-server",
}
OF_THE_USER = {"HF_HOME": "/of/the/user", "CUDA_VISIBLE_DEVICES": "3"}

GIVEN = {
    *("TRAINWATCH_URL", "TRAINWATCH_KEY", "TRAINWATCH_TASK_ID", "TRAINWATCH_ATTEMPT"),
    *("TRAINWATCH_ATTEMPT_MARKER", "PYTHONUNBUFFERED"),
}
"""What the runner sets, whatever there was before."""

TELL = """
import json, os
supervisor = open(f"/proc/{os.getppid()}/environ").read().split("\\0")
print(json.dumps({"job": dict(os.environ), "supervisor": dict(each.split("=", 1) for each in supervisor if each)}))
"""


@pytest.fixture(scope="module")
def server(built_page: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with secrets in its environment and a umask that forbids nothing, which allows free commands."""
    data = tmp_path_factory.mktemp("environment") / "data"
    data.mkdir(mode=0o700)
    (data / "templates.toml").touch(0o600)
    (data / "templates.toml").write_text("[free]\nenabled = true\n")
    before = os.umask(0)
    with serving(data, "--require-sign-in", environment=OF_THE_SERVER | OF_THE_USER) as server:
        os.umask(before)
        yield server


@pytest.fixture(scope="module")
def operator(server: Server) -> Operator:
    return Operator(server)


def printed_by(server: Server, operator: Operator, program: str) -> Any:
    """Return what a job of its own printed, which is JSON, after it has ended well."""
    job = {"name": "job", "modelName": "m", "epochs": 1, "runner": "local"}
    made = operator.post(
        server, "/api/training/jobs", {**job, "options": {"command": [sys.executable, "-c", program]}}
    )
    operator.post(server, f"/api/training/jobs/{made['id']}/start")

    def has_ended() -> bool:
        found = get(server.url, f"/api/tasks/{made['id']}", cookie=operator.cookie).json()
        return found["status"] in ("complete", "failed")

    until(has_ended)
    return json.loads(LogReader(server.data_dir / "attempts" / f"{made['id']}-1").read(0).data)


def test_nothing_of_the_server_reaches_a_job_or_its_supervisor(server: Server, operator: Operator):
    ours = {name for name in os.environ if name not in GIVEN}
    told = printed_by(server, operator, TELL)
    for environment, given in ((told["job"], GIVEN), (told["supervisor"], set[str]())):
        assert "of-the-server" not in str(environment)
        assert {name for name in environment if "TRAINWATCH" in name or "REFLEX" in name} <= given
        assert environment.keys() - GIVEN == (ours | OF_THE_USER.keys()) - {
            name for name in ours if name.startswith(("TRAINWATCH_", "REFLEX_", "PG"))
        }
        assert environment["HF_HOME"] == "/of/the/user"
    assert told["job"]["CUDA_VISIBLE_DEVICES"] == "3"
    assert told["job"].keys() >= GIVEN


def test_whatever_the_umask_is_no_file_of_the_server_is_for_others(server: Server, operator: Operator):
    printed_by(server, operator, "print(1)")
    paths = [server.data_dir, *server.data_dir.rglob("*")]
    assert {path.name for path in paths} >= {"trainwatch.db", "exit.json", "state.json"}
    assert [str(path) for path in paths if path.lstat().st_mode & 0o077] == []


REPORT = """
import json, os, urllib.error, urllib.request

OWN = int(os.environ["TRAINWATCH_TASK_ID"])

def post(path, payload):
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    headers = {"Authorization": "Bearer " + os.environ["TRAINWATCH_KEY"]}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(os.environ["TRAINWATCH_URL"] + path, body, headers)
        ) as answer:
            return [answer.status, json.load(answer)]
    except urllib.error.HTTPError as error:
        return [error.code, json.load(error)]
"""


def test_a_jobs_key_reports_about_the_jobs_own_task_whatever_it_is_called(server: Server, operator: Operator):
    program = f"""{REPORT}
print(json.dumps([OWN, [
    post("/hook", {{"taskId": OWN, "step": 1, "loss": 0.5}}),
    post("/hook", {{"taskName": "my-run", "runId": "my-run-1", "attempt": 9, "step": 2, "loss": 0.4}}),
    post("/hook?taskName=my-run&step=3&loss=0.3", b""),
    post("/hook/my-run/start", b""),
    post("/hook", [{{"taskName": "one", "step": 4, "loss": 0.2}}, {{"runId": "two", "step": 5, "loss": 0.1}}]),
    post("/hook", {{"taskName": "my-run", "series": {{"accuracy": {{"steps": [1, 2], "values": [0.1, 0.2]}}}}}}),
    post("/hook", {{"title": "Halfway", "message": "of the job"}}),
]]))"""
    own, answers = printed_by(server, operator, program)
    assert [status for status, _ in answers] == [200] * 7, answers
    assert {task for _, answer in answers[:4] for task in [answer["taskId"]]} == {own}
    assert answers[4][1]["taskIds"] == [own]
    listed = get(server.url, "/api/tasks?limit=1000", cookie=operator.cookie).json()
    assert not {task["title"] for task in listed["tasks"]} & {"my-run", "one", "two"}
    curve = get(server.url, f"/api/training/{own}/metrics?name=loss", cookie=operator.cookie).json()
    assert (curve["steps"], curve["values"]) == ([1, 2, 3, 4, 5], [0.5, 0.4, 0.3, 0.2, 0.1])
    (halfway,) = [each for each in listed["notifications"] if each["title"] == "Halfway"]
    assert halfway["taskId"] == own


def test_a_jobs_key_is_refused_for_any_other_task_and_for_all_else(server: Server, operator: Operator):
    other = operator.post(server, "/hook", {"taskName": "somebody else's", "runId": "r-1"})["taskId"]
    api = get(server.url, "/openapi.json", cookie=operator.cookie).json()["paths"]
    reporting = [
        path.format(id=other, task="r-1", end="start")
        for path, methods in api.items()
        for method, about in methods.items()
        if method == "post" and "`ingest`" in about["description"] and not path.startswith("/hook")
    ]
    assert len(reporting) >= 10
    program = f"""{REPORT}
print(json.dumps([
    [post("/hook", {{"taskId": {other}, "loss": 0.5}}), post("/hook", {{"taskId": 999999, "loss": 0.5}})],
    post("/hook", [{{"taskId": OWN, "loss": 0.5}}, {{"taskId": {other}, "loss": 0.5}}]),
    [post(path, {{}}) for path in {reporting!r}],
    [post("/api/tasks/{other}/stop", {{}}), post("/api/keys", {{"scope": "admin", "label": "x"}})],
]))"""
    single, (batch_status, batch), others, rights = printed_by(server, operator, program)
    assert [(status, answer["error"]["code"]) for status, answer in [*single, *others, *rights]] == [
        (403, "forbidden")
    ] * (len(others) + 4)
    assert all("reports about that task only" in answer["error"]["message"] for _, answer in single + others)
    assert (batch_status, batch["accepted"], batch["errors"][0]["code"]) == (207, 1, "forbidden")
    assert get(server.url, f"/api/tasks/{other}", cookie=operator.cookie).json()["currentStep"] is None
