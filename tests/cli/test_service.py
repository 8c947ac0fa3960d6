"""What the doctor says of the service that the server runs as."""

from collections.abc import Callable
from pathlib import Path

import pytest

from trainwatch.cli.checks import service
from trainwatch.cli.checks.service import Unit, check_service, unit_in
from trainwatch.settings import Settings

SYSTEM = "0::/system.slice/trainwatch.service\n"
OLD = "12:pids:/user.slice\n1:name=systemd:/system.slice/trainwatch.service\n"
USERS = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/tw.service\n"
SHELL = "0::/user.slice/user-1000.slice/session-3.scope\n"
USERS_SHELL = "0::/user.slice/user-1000.slice/user@1000.service\n"
CONTAINER = "0::/\n"


@pytest.mark.parametrize(
    ("groups", "unit"),
    [
        (SYSTEM, Unit("trainwatch.service", is_users=False)),
        (OLD, Unit("trainwatch.service", is_users=False)),
        (USERS, Unit("tw.service", is_users=True)),
        (SHELL, None),
        (USERS_SHELL, None),
        (CONTAINER, None),
        ("", None),
    ],
)
def test_the_unit_is_the_innermost_group_if_that_is_a_service(groups: str, unit: Unit | None):
    assert unit_in(groups) == unit


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], list[tuple[str, str]]]:
    """Return a function that returns the findings of a server in `groups`, whose systemctl does as `script` says."""

    def check(groups: str, script: str) -> list[tuple[str, str]]:
        program = tmp_path / "bin" / "systemctl"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/bin")
        monkeypatch.setattr(service, "owner_of", lambda _: "7")
        monkeypatch.setattr(service, "_groups_of", lambda _: groups)
        return [
            (each.mark, each.found) for each in check_service(Settings.model_validate({"data_dir": tmp_path}))
        ]

    return check


@pytest.mark.parametrize("mode", ["control-group", "mixed"])
def test_a_service_that_takes_its_jobs_along_is_noted(
    check: Callable[[str, str], list[tuple[str, str]]], mode: str
):
    asked = '[ "$*" = "show --property=KillMode --value trainwatch.service" ] || exit 1'
    found = f"trainwatch.service has KillMode={mode}: a restart of it ends the jobs that run"
    assert check(SYSTEM, f"{asked}; echo {mode}") == [("note", found)]


def test_a_users_own_service_is_asked_of_the_users_own_systemd(
    check: Callable[[str, str], list[tuple[str, str]]],
):
    found = check(USERS, '[ "$1" = --user ] && echo process')
    assert found == [("ok", "tw.service, and jobs live through its restart (KillMode=process)")]


@pytest.mark.parametrize(("groups", "script"), [(SYSTEM, "exit 1"), (SYSTEM, ":"), (SHELL, "echo mixed")])
def test_what_nobody_knows_is_not_said(
    check: Callable[[str, str], list[tuple[str, str]]], groups: str, script: str
):
    assert check(groups, script) == []
