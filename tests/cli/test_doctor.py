"""`trainwatch doctor`, on real folders, servers and databases."""

import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner

from tests.plugins.doors import make_user
from tests.plugins.server import Server, free_port, serving
from trainwatch.cli import main
from trainwatch.cli.checks.access import check_access
from trainwatch.cli.checks.database import check_rights
from trainwatch.cli.checks.finding import Mark
from trainwatch.cli.checks.folder import about_file_system, file_system_of
from trainwatch.cli.checks.machine import about_clock, about_gpus
from trainwatch.cli.options import settings_from
from trainwatch.gpu.driver import Card, Driver, NoDriver
from trainwatch.settings import Settings
from trainwatch.store.credentials import add_credential
from trainwatch.store.engine import Database, open_database
from trainwatch.store.examination import Examination, examine
from trainwatch.store.lock import owning
from trainwatch.ui.site_build import build_if_stale

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)


@pytest.fixture(scope="module", autouse=True)
def _built_page() -> None:
    build_if_stale(ROOT)


@pytest.fixture
def folder(tmp_path: Path, _sqlite_template: Path) -> Path:
    """A data folder with a database, as a server that ended well leaves it."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    shutil.copyfile(_sqlite_template, folder / "trainwatch.db")
    return folder


def examined(*options: str | Path | int) -> tuple[int, dict[str, dict[str, str]]]:
    """Return how doctor ends, and what it found by the name of the check."""
    done = CliRunner().invoke(main, ["doctor", "--json", *map(str, options)])
    told = json.loads(done.stdout)
    assert told["ok"] is (done.exit_code == 0)
    return done.exit_code, {each["name"]: each for each in told["checks"]}


def contents(folder: Path) -> dict[str, tuple[int, float]]:
    return {path.name: (path.stat().st_size, path.stat().st_mtime) for path in folder.iterdir()}


# Where no server runs


def test_a_healthy_folder_has_no_problem_and_stays_as_it_was(folder: Path):
    before = contents(folder)
    code, checks = examined("--data-dir", folder, "--port", free_port())
    assert code == 0
    assert {name for name, each in checks.items() if each["mark"] != "ok"} <= {"space", "open files"}
    assert contents(folder) == before


def test_where_nothing_is_yet_nothing_is_made(tmp_path: Path):
    code, checks = examined("--data-dir", tmp_path / "new", "--port", free_port())
    assert code == 0
    assert "first start" in checks["data folder"]["found"]
    assert "first start" in checks["database"]["found"]
    assert list(tmp_path.iterdir()) == []


def test_people_get_a_line_each_and_an_advice_below(tmp_path: Path):
    tmp_path.chmod(0o755)
    done = CliRunner().invoke(main, ["doctor", "--data-dir", str(tmp_path), "--port", str(free_port())])
    line, advice, *_ = done.output[done.output.index("note     privacy") :].splitlines()
    assert line.endswith("others on this machine may look into it (mode 755)")
    assert advice.strip() == f"→ chmod 700 {tmp_path}"
    assert "\x1b" not in done.output


def test_a_folder_that_others_may_write_is_a_problem(folder: Path):
    folder.chmod(0o777)
    code, checks = examined("--data-dir", folder)
    assert code == 1
    assert checks["privacy"]["advice"] == f"chmod go-w {folder}"


@pytest.mark.parametrize("name", ["templates.toml", "attempts", "trainwatch.db"])
def test_what_others_may_write_in_the_folder_is_a_problem(folder: Path, name: str):
    path = folder / name
    path.mkdir() if name == "attempts" else path.touch()
    path.chmod(0o722)
    code, checks = examined("--data-dir", folder)
    assert (code, checks["privacy"]["mark"]) == (1, "problem")
    assert checks["privacy"]["advice"] == f"chmod go-w {path}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_a_problem(folder: Path):
    os.chown(folder, 12345, 12345)
    code, checks = examined("--data-dir", folder)
    assert code == 1
    assert "belongs to user 12345" in checks["data folder"]["found"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away, and become somebody else")
def test_a_database_that_we_may_not_open_is_not_called_damaged():
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders cannot be entered by others
        Path(folder).chmod(0o755)
        path = Path(folder) / "trainwatch.db"
        path.touch(mode=0o600)
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
        try:
            refused = check_rights(path)
        finally:
            os.seteuid(0)
    assert refused is not None
    assert refused.found == f"{path} belongs to root, and nobody may not read and write it"
    assert refused.advice == f"chown nobody {path}, or run trainwatch as root"


def test_a_file_in_place_of_the_folder_is_a_problem(tmp_path: Path):
    (tmp_path / "data").touch()
    code, checks = examined("--data-dir", tmp_path / "data")
    assert code == 1
    assert checks["data folder"]["mark"] == "problem"


def test_what_a_killed_server_left_is_named_with_the_command_that_removes_it(folder: Path):
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind(str(folder / "trainwatch.sock"))
    (folder / "sign-in.html").touch()
    _, checks = examined("--data-dir", folder)
    assert checks["server"]["found"] == "none runs on this data"
    assert checks["leftovers"]["advice"] == f"rm {folder / 'trainwatch.sock'} {folder / 'sign-in.html'}"


def test_an_empty_database_is_a_problem_with_a_way_out(folder: Path):
    (folder / "trainwatch.db").write_bytes(b"")
    code, checks = examined("--data-dir", folder)
    assert (code, checks["database"]["mark"]) == (1, "problem")
    assert checks["database"]["found"] == f"{folder / 'trainwatch.db'} is empty (0 bytes), by some accident"
    assert checks["database"]["advice"].startswith("restore a backup with `trainwatch restore FILE`")


def test_many_backups_are_noted(folder: Path):
    for number in range(5):
        (folder / f"trainwatch.db.backup-0002-{number}").write_bytes(b"x" * 1000)
    _, checks = examined("--data-dir", folder)
    assert checks["backups"]["mark"] == "note"
    assert checks["backups"]["found"] == "5, together 5.0 kB"


def test_a_database_of_an_older_version_is_noted(folder: Path):
    with closing(sqlite3.connect(folder / "trainwatch.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    code, checks = examined("--data-dir", folder, "--port", free_port())
    assert code == 0
    assert checks["database"]["mark"] == "note"
    assert "trainwatch migrate" in checks["database"]["advice"]


def test_a_database_of_a_newer_version_is_a_problem(folder: Path):
    with closing(sqlite3.connect(folder / "trainwatch.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    code, checks = examined("--data-dir", folder)
    assert code == 1
    assert "newer" in checks["database"]["found"]


def test_users_whose_names_differ_in_case_only_are_noted(folder: Path):
    database = open_database(folder / "trainwatch.db")
    with database.writing() as connection:
        for name in ("anna", "bob", "Anna"):
            add_credential(connection, make_user(name=name))
        connection.commit()
    database.close()
    _, checks = examined("--data-dir", folder)
    assert checks["users"]["found"] == "names that differ in case only: anna, Anna"


def test_a_damaged_database_is_a_problem(folder: Path):
    with (folder / "trainwatch.db").open("r+b") as file:
        file.seek(20_000)
        file.write(b"\xa5" * 20_000)
    code, checks = examined("--data-dir", folder)
    assert code == 1
    assert "damaged" in checks["contents"]["found"]


def test_a_file_that_is_no_database_is_a_problem(folder: Path):
    (folder / "trainwatch.db").write_text("not a database, but long enough to be taken for one" * 100)
    code, checks = examined("--data-dir", folder)
    assert code == 1
    assert "not a database" in checks["database"]["found"]


def test_a_port_of_another_program_is_a_problem(folder: Path):
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        Thread(target=other.handle_request).start()
        code, checks = examined("--data-dir", folder, "--port", str(other.server_port))
    assert code == 1
    assert "another program" in checks["port"]["found"]


def test_an_address_of_another_machine_is_a_problem(folder: Path):
    code, checks = examined("--data-dir", folder, "--port", free_port(), "--host", "192.0.2.1")
    assert code == 1
    assert "cannot listen on 192.0.2.1" in checks["port"]["found"]


def test_settings_of_the_environment_count(folder: Path):
    done = CliRunner().invoke(
        main,
        ["doctor", "--json"],
        env={"TRAINWATCH_DATA_DIR": str(folder), "TRAINWATCH_REQUIRE_SIGN_IN": "1", "TRAINWATCH_PORT": "0"},
    )
    found = {each["name"]: each["found"] for each in json.loads(done.stdout)["checks"]}
    assert found["data folder"] == str(folder)
    assert "everybody must sign in" in found["access"]


# Where one runs


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("doctor") / "data") as server:
        yield server


def port_of(server: Server) -> str:
    return server.url.rpartition(":")[2]


def test_a_server_that_runs_is_well_and_has_its_port(server: Server):
    server.data_dir.chmod(0o700)
    code, checks = examined("--data-dir", server.data_dir, "--port", port_of(server))
    assert code == 0
    assert "runs and answers" in checks["server"]["found"]
    assert checks["port"]["found"].endswith("is this server's")
    assert checks["contents"]["mark"] == "ok"


def test_a_server_on_other_data_is_told_from_this_one(server: Server, folder: Path):
    code, checks = examined("--data-dir", folder, "--port", port_of(server))
    assert code == 1
    assert "another TrainWatch, on other data" in checks["port"]["found"]


def test_a_server_on_another_port_than_is_asked_about_is_a_note(server: Server):
    with serving(server.data_dir.with_name("other")) as other:
        code, checks = examined("--data-dir", server.data_dir, "--port", port_of(other))
    assert code == 0
    assert checks["port"]["mark"] == "note"


def test_a_server_that_hangs_is_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("trainwatch.cli.checks.server._PATIENCE_S", 0.5)
    with serving(tmp_path / "data") as server:
        server.process.send_signal(signal.SIGSTOP)
        try:
            code, checks = examined("--data-dir", server.data_dir, "--port", free_port())
        finally:
            server.process.send_signal(signal.SIGCONT)
    assert code == 1
    assert "does not answer" in checks["server"]["found"]


def test_whoever_owns_the_data_without_answering_is_named(folder: Path, sqlite_database: Database):
    with owning(sqlite_database, folder):
        _, checks = examined("--data-dir", folder)
    assert checks["server"]["found"].startswith(f"process {os.getpid()} owns the data")


# PostgreSQL


def test_postgresql_is_asked_too(folder: Path, postgresql_database: Database):
    code, checks = examined(
        "--data-dir", folder, "--database", postgresql_database.url, "--port", free_port()
    )
    assert code == 0
    assert checks["database"]["found"].startswith("PostgreSQL ")
    assert "file system" not in checks
    assert "contents" not in checks


def test_a_postgresql_that_does_not_answer_is_a_problem_and_its_password_stays_secret(folder: Path):
    url = f"postgresql://me:secret@127.0.0.1:{free_port()}/none"
    code, checks = examined("--data-dir", folder, "--database", url)
    assert code == 1
    assert checks["database"]["mark"] == "problem"
    assert "secret" not in json.dumps(checks)


def test_a_search_for_damage_ends_in_time(sqlite_database: Database):
    with sqlite_database.writing() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)"
            " INSERT INTO report_receipts (event_id, scope, created_at) SELECT i, '', '2026-01-01' FROM n"
        )
        connection.commit()
    with sqlite_database.reading() as connection:
        assert not examine(connection, patience_s=0).is_thorough
        assert examine(connection, patience_s=60).is_thorough


# Words


def access(**settings: object) -> dict[str, Mark]:
    found = check_access(Settings(**settings), has_credential=False)  # type: ignore[arg-type]
    return {each.name: each.mark for each in found}


def test_this_machine_alone_needs_no_credential():
    assert access() == {"access": "ok"}


@pytest.mark.parametrize("settings", [{"host": "0.0.0.0"}, {"allow_host": "box.example.org"}])
def test_others_need_a_credential(settings: dict[str, object]):
    assert access(**settings)["access"] == "problem"
    (found, *_) = check_access(Settings(**settings), has_credential=True)  # type: ignore[arg-type]
    assert found.mark == "ok"


def test_behind_a_proxy_nobody_is_said_to_be_let_in():
    found = [
        next(check_access(Settings(trust_proxy=proxies), has_credential=False)).found  # type: ignore[arg-type]
        for proxies in ("", "127.0.0.1")
    ]
    assert ["anyone on it" in each for each in found] == [True, False]


def test_an_advice_names_the_data_that_it_is_about(tmp_path: Path):
    settings = settings_from(host="0.0.0.0", data_dir=tmp_path / "the data")
    advice = str(next(check_access(settings, has_credential=False)).advice)
    assert advice.count(f"--data-dir '{tmp_path / 'the data'}'") == 2
    assert "--data-dir" not in str(
        next(check_access(settings_from(host="0.0.0.0"), has_credential=False)).advice
    )


def test_plain_http_on_a_network_is_noted():
    assert access(host="192.0.2.1")["encryption"] == "note"


@pytest.mark.parametrize(
    ("settings", "mark"),
    [
        ({"trust_proxy": "127.0.0.1"}, "note"),
        ({"allow_host": "box.example.org"}, "note"),
        ({"allow_host": "box.example.org", "trust_proxy": "0.0.0.0/0"}, "problem"),
        ({"allow_host": "box.example.org", "trust_proxy": "127.0.0.1"}, None),
    ],
)
def test_a_proxy_and_the_names_belong_together(settings: dict[str, object], mark: str | None):
    assert access(**settings).get("proxy") == mark


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/me/my\\040disk xfs rw 0 0
server:/over /home/me/my\\040disk/over cifs rw 0 0
tmpfs /home/me/my\\040disk/over tmpfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/var/lib", "ext4"),
        ("/homes/me", "ext4"),
        ("/home/me/data", "nfs4"),
        ("/home/me/my disk/data", "xfs"),
        ("/home/me/my disk/over", "tmpfs"),
    ],
)
def test_the_file_system_is_that_of_the_nearest_mount(path: str, kind: str):
    assert file_system_of(Path(path), MOUNTS) == kind


def test_a_file_system_over_a_network_is_a_problem():
    assert about_file_system("nfs4").mark == "problem"
    assert about_file_system("ext4").mark == "ok"


def test_gpus_are_named_with_their_driver():
    driver = Driver("575.57", (Card("H100", is_split=True), Card("A100", is_split=None)))
    assert about_gpus(driver).found == "H100 (split: MIG mode), A100; NVIDIA driver 575.57"


def test_no_driver_is_well_and_a_broken_one_is_noted():
    assert about_gpus(NoDriver("no NVIDIA driver", is_broken=False)).mark == "ok"
    assert about_gpus(NoDriver("Driver/library version mismatch", is_broken=True)).mark == "note"


def an_examination(**changes: datetime) -> Examination:
    unknown = Examination(
        kind="SQLite 3", revision="0003", damage=None, is_thorough=True, latest_at=None, clock_at=None
    )
    return replace(unknown, **changes)


def test_a_clock_before_the_newest_row_is_a_problem():
    assert about_clock(NOW, an_examination(latest_at=NOW + timedelta(hours=1))).mark == "problem"
    assert about_clock(NOW, an_examination(latest_at=NOW - timedelta(hours=1))).mark == "ok"
    assert about_clock(NOW, None).mark == "ok"


def test_a_clock_unlike_that_of_the_database_is_noted():
    assert about_clock(NOW, an_examination(clock_at=NOW - timedelta(minutes=1))).mark == "note"
