"""The same server on PostgreSQL, for those who have one."""

import json
import signal
import subprocess
import sys
import threading
import time
import uuid
from functools import partial
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, expect
from psycopg.sql import SQL, Identifier

from tests.plugins.postgresql import Cluster
from tests.plugins.server import Server, serving
from tests.plugins.wire import get, post
from trainwatch.cli.ask import ask
from trainwatch.cli.options import settings_from

SECRET = "correct-horse-battery"


@pytest.fixture
def url(cluster: Cluster, built_page: Path) -> str:
    """An empty database, with a password in its URL."""
    return cluster.create(f"served_{uuid.uuid4().hex}").replace("trainwatch@", f"trainwatch:{SECRET}@")


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def curl(server: Server, *words: str) -> dict[str, object]:
    """Run curl and return what it was answered."""
    done = subprocess.run(["curl", "-sS", *words], capture_output=True, text=True, timeout=20, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.browser
def test_a_newcomers_reports_land_and_are_there_after_a_restart(browser: Browser, url: str, data_dir: Path):
    with serving(data_dir, "--database", url) as server:
        hook = f"{server.url}/hook"
        assert curl(server, hook, "-d", "taskName=first&progress=45&loss=0.5")["ok"] is True
        assert curl(
            server, hook, "-d", '{"taskName": "second", "gpuName": "RTX 4090", "loss": 2, "step": 1}'
        )["ok"]
        assert curl(server, hook, "-d", '{"title": "hello", "message": "there"}')["taskId"] is None
        assert curl(server, f"{hook}/third/start", "-X", "POST")["taskId"] == 3
        page = browser.new_page()
        page.goto(server.url)
        for title in ("first", "second", "third"):
            expect(page.locator("li.row").filter(has=page.get_by_text(title, exact=True))).to_be_visible()
        post(server.url, {"taskName": "first", "progress": 62})
        expect(page.locator("li.row").filter(has_text="first")).to_contain_text("62%")
        page.close()
        before = get(server.url, "/api/tasks").json()["tasks"]
    with serving(data_dir, "--database", url) as server:
        assert get(server.url, "/api/tasks").json()["tasks"] == before
        assert post(server.url, {"taskName": "first", "progress": 70}).json()["taskId"] == 1


def test_a_mixed_batch_means_the_same_as_on_sqlite(url: str, tmp_path: Path):
    bodies: list[bytes] = [
        (
            b'[{"taskName": "a", "loss": 2, "step": 2}, {"taskName": "a", "loss": 3, "step": 2}, {"taskName": "a", "loss": NaN, "step": 3},'
            b' {"taskName": "b", "gpuName": "G", "gpu": {"utilization": 50}, "series": {"loss": {"steps": [5, 1, 5], "values": [1, 2, 3]}}},'
            b' {"title": "note"}, {"taskName": "a", "eventId": "e", "loss": 9, "step": 9}, {"taskName": "a", "eventId": "e", "loss": 8, "step": 9},'
            b' {"taskName": "", "loss": 1}, 7]'
        ),
        b'{"taskName": "a", "loss": 1.5, "step": 1}\n{"taskName": "a", "acc": 0.5, "step": 2}\nnonsense\n{"taskName": "a", "loss": -Infinity, "step": 4}',
        json.dumps(
            {"taskName": "a", "series": {"loss": {"values": [1 / n for n in range(1, 2_000)]}}}
        ).encode(),
        '{"taskName": "ünï😀", "message": "…", "loss": -1e308, "progress": 1}'.encode(),
        b'{"taskName": "b", "status": "failed", "message": "exit code 1"}',
        b'{"taskName": "b", "status": "running", "step": 1, "loss": 4}',
    ]
    heard: list[list[object]] = []
    for options in ((), ("--database", url)):
        with serving(tmp_path / f"data{len(options)}", *options) as server:
            answers = [post(server.url, body) for body in bodies]
            assert all(answer.status is not None and answer.status < 500 for answer in answers)
            told: list[object] = [(answer.status, answer.json()) for answer in answers]
            for task in (1, 2, 3):
                told.append(get(server.url, f"/api/training/{task}/metrics").json())
                curve = get(server.url, f"/api/training/{task}/metrics?name=loss&points=100").json()
                told.append({name: curve[name] for name in ("steps", "values", "flags", "level", "lastStep")})
                whole = get(server.url, f"/api/tasks/{task}").json()
                told.append(
                    [
                        whole[name]
                        for name in ("title", "status", "attempt", "progress", "metrics", "currentStep")
                    ]
                )
                told.append([(each["name"], each["attempt"], each["points"]) for each in whole["series"]])
            heard.append(told)
    assert heard[1] == heard[0]


def test_a_second_server_on_the_same_database_is_refused_in_words(url: str, data_dir: Path, tmp_path: Path):
    with serving(data_dir, "--database", url):
        refused = start(url, tmp_path / "another")
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1)
    assert "another TrainWatch server is using this PostgreSQL database" in refused.stderr


def cut_everybody_off(url: str) -> None:
    """End every connection, as a restart of PostgreSQL does."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_restarted_database_is_still_owned_by_the_server_that_used_it(
    url: str, data_dir: Path, tmp_path: Path
):
    with serving(data_dir, "--database", url) as server:
        cut_everybody_off(url)
        deadline = time.monotonic() + 15
        while post(server.url, {"taskName": "first", "loss": 1, "step": 1}).status != 200:
            assert time.monotonic() < deadline
        refused = start(url, tmp_path / "another")
        assert refused.returncode == 1
        assert "another TrainWatch server is using this PostgreSQL database" in refused.stderr
        assert post(server.url, {"taskName": "first", "loss": 1, "step": 2}).status == 200


def test_a_server_whose_database_was_taken_over_ends_in_a_line(url: str, data_dir: Path, tmp_path: Path):
    with serving(data_dir, "--database", url) as first:
        post(first.url, {"taskName": "ours", "loss": 1, "step": 1})
        first.process.send_signal(signal.SIGSTOP)  # so that the other one is there before it notices
        cut_everybody_off(url)
        with serving(tmp_path / "another", "--database", url) as second:
            assert post(second.url, {"taskName": "ours", "loss": 1, "step": 2}).status == 200
            first.process.send_signal(signal.SIGCONT)
            assert first.process.wait(timeout=20) == 1
            log = first.log_file.read_text()
            assert "database_lost" in log
            assert log.splitlines()[-1].startswith("Error: another TrainWatch server is using")
            assert post(second.url, {"taskName": "ours", "loss": 1, "step": 3}).status == 200


def start(url: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    """Start a server that is expected to refuse."""
    words = ["serve", "--port", "0", "--no-browser", "--data-dir", str(data_dir), "--database", url]
    root = Path(__file__).parent.parent.parent
    return subprocess.run(
        [sys.executable, "-m", "trainwatch", *words], capture_output=True, text=True, timeout=30, cwd=root
    )


@pytest.mark.parametrize(
    "wrong",
    [
        "postgresql://u:{secret}@127.0.0.1:1/x",
        "postgresql://u:{secret}@127.0.0.1:port/x",
        "postgresql+nonsense://u:{secret}@h/x",
        "mysql://u:{secret}@h/x",
        "{url}_that_is_not_there",
    ],
)
def test_a_database_that_cannot_be_reached_is_named_in_one_line_without_its_password(
    url: str, data_dir: Path, wrong: str
):
    head, _, query = url.partition("?")
    address = wrong.format(secret=SECRET, url=head) + (f"?{query}" if "{url}" in wrong else "")
    refused = start(address, data_dir)
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1), refused.stderr
    assert SECRET not in refused.stderr + refused.stdout


def test_the_password_is_never_printed(url: str, data_dir: Path):
    with serving(data_dir, "--database", url) as server:
        post(server.url, {"taskName": "quiet", "loss": 1})
    assert SECRET not in server.log_file.read_text()
    assert "***" in server.log_file.read_text()
    assert not [
        path for path in data_dir.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()
    ]


def test_a_kill_under_load_loses_nothing_that_was_acknowledged(url: str, data_dir: Path):
    acknowledged: set[tuple[str, int]] = set()
    enough = threading.Event()

    def client(name: str, server: Server) -> None:
        step = 0
        while True:
            reports = [{"taskName": name, "step": step + offset, "loss": 0.5} for offset in range(5)]
            try:
                if post(server.url, reports).status != 200:
                    return
            except OSError:
                return
            acknowledged.update((name, step + offset) for offset in range(5))
            step += 5
            if len(acknowledged) > 500:
                enough.set()

    for attempt in range(3):
        enough.clear()
        with serving(data_dir, "--database", url) as server:
            names = [f"{attempt} {number}" for number in range(4)]
            threads = [threading.Thread(target=client, args=(name, server)) for name in names]
            for thread in threads:
                thread.start()
            assert enough.wait(30)
            server.process.kill()
            for thread in threads:
                thread.join()
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT t.reported_name, p.step FROM metric_points p JOIN tasks t ON t.id = p.task_id"
        )
        stored = {(str(name), int(step)) for name, step in rows}
    assert acknowledged - stored == set()


def test_a_database_that_goes_away_is_told_and_is_used_again_when_it_is_back(url: str, data_dir: Path):
    with serving(data_dir, "--database", url) as server:
        assert post(server.url, {"taskName": "patient", "loss": 1, "step": 1}).status == 200
        cut_everybody_off(url)
        answers = [post(server.url, {"taskName": "patient", "loss": 1, "step": 2}) for _ in range(3)]
        assert {answer.status for answer in answers} <= {200, 503}
        assert answers[-1].status == 200
        reads = [get(server.url, "/api/tasks").status for _ in range(3)]
        assert set(reads) <= {200, 503}
        assert reads[-1] == 200
        assert [row["step"] for row in get(server.url, "/api/training/1/metrics").json()] == [1, 2]


def test_where_the_database_is_and_why_it_is_away_is_told_to_readers_only(
    cluster: Cluster, url: str, data_dir: Path
):
    name = url.partition("@/")[2].partition("?")[0]
    with serving(data_dir, "--database", url, "--require-sign-in") as server:
        owner = partial(ask, settings_from(data_dir=data_dir))
        key = owner("POST", "/api/keys", {"scope": "read", "label": "health"})["key"]
        assert get(server.url, "/healthz").json() == {"ok": True}
        assert get(server.url, "/healthz", x_api_key=key).json()["error"] is None
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as admin:
            admin.execute(SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(Identifier(name)))
            admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        deadline = time.monotonic() + 15
        while (told := get(server.url, "/healthz", x_api_key=key)).status != 503:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert name in told.json()["error"]["message"]
        stranger = get(server.url, "/healthz")
        assert (stranger.status, stranger.json()) == (503, {"ok": False})
