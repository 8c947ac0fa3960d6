"""Keys are made, shown once and revoked, and each time the audit log says so."""

from datetime import timedelta

import pytest

from tests.plugins.doors import NOW
from tests.plugins.office import BOSS, Office, work_in
from trainwatch.domain.audit import CONSOLE
from trainwatch.domain.credential import Scope
from trainwatch.domain.events import CredentialChanged
from trainwatch.domain.secret import KeyName, digest_of, read_key
from trainwatch.errors import BadRequestError, NotFoundError
from trainwatch.services.keys import (
    LONGEST_DAYS,
    LONGEST_LABEL,
    create_key,
    give_job_key,
    revoke_key,
    take_job_key,
)
from trainwatch.store.engine import Database


@pytest.mark.parametrize("scope", Scope)
def test_a_new_key_opens_the_door_at_once_and_only_its_digest_is_kept(
    sqlite_database: Database, scope: Scope
):
    async def scene(office: Office) -> None:
        key, text = await office.do(lambda work: create_key(work, BOSS, scope=scope, label="  cluster  "))
        assert office.door.keyring.key_of(text, office.now) == key
        assert read_key(text) == KeyName(scope, key.prefix)
        assert (key.digest, key.label, key.created_by) == (digest_of(text), "cluster", "session 77 (boss)")
        assert (key.created_at, key.expires_at, key.last_used_at, key.revoked_at) == (NOW, None, None, None)
        assert office.lines() == [
            ("session 77 (boss)", "created key", f"key {key.id} (cluster), scope {scope}")
        ]
        assert office.events == [CredentialChanged(key)]
        assert text not in repr(office.rows())
        assert text.rpartition("_")[2][:20] not in repr(office.rows())

    work_in(sqlite_database, scene)


def test_no_two_keys_are_alike(sqlite_database: Database):
    async def scene(office: Office) -> None:
        made = [
            await office.do(lambda work: create_key(work, CONSOLE, scope=Scope.READ, label="same"))
            for _ in range(20)
        ]
        assert len({text for _, text in made}) == len({key.prefix for key, _ in made}) == 20

    work_in(sqlite_database, scene)


@pytest.mark.parametrize("days", [1, LONGEST_DAYS])
def test_a_key_lasts_as_long_as_was_asked(sqlite_database: Database, days: int):
    async def scene(office: Office) -> None:
        key, text = await office.do(
            lambda work: create_key(work, BOSS, scope=Scope.READ, label="x", expires_in_days=days)
        )
        assert key.expires_at == NOW + timedelta(days=days)
        office.pass_time(days=days, microseconds=-1)
        assert office.door.keyring.key_of(text, office.now)
        office.pass_time(microseconds=1)
        assert office.door.keyring.key_of(text, office.now) is None

    work_in(sqlite_database, scene)


@pytest.mark.parametrize(
    ("label", "days", "field"),
    [
        ("", None, "label"),
        ("   ", None, "label"),
        ("x" * (LONGEST_LABEL + 1), None, "label"),
        ("a\0b", None, "label"),
        ("two\nlines", None, "label"),
        ("\x1b[2Jgone", None, "label"),
        ("\x9b2Jgone", None, "label"),
        ("\ud800", None, "label"),
        ("fine", 0, "expiresInDays"),
        ("fine", -1, "expiresInDays"),
        ("fine", LONGEST_DAYS + 1, "expiresInDays"),
        ("fine", 10**30, "expiresInDays"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(database: Database, label: str, days: int | None, field: str):
    async def scene(office: Office) -> None:
        before = office.rows()
        with pytest.raises(BadRequestError) as refused:
            await office.do(
                lambda work: create_key(work, BOSS, scope=Scope.READ, label=label, expires_in_days=days)
            )
        assert refused.value.field == field
        assert (office.rows(), office.lines(), office.events) == (before, [], [])

    work_in(database, scene)


def test_a_revoked_key_opens_nothing_from_the_commit_on(database: Database):
    async def scene(office: Office) -> None:
        key, text = await office.do(lambda work: create_key(work, BOSS, scope=Scope.READ, label="cluster"))
        other, other_text = await office.do(
            lambda work: create_key(work, BOSS, scope=Scope.READ, label="other")
        )
        office.pass_time(hours=1)
        revoked = await office.do(lambda work: revoke_key(work, CONSOLE, key.id))
        assert revoked.revoked_at == office.now
        assert office.door.keyring.key_of(text, office.now) is None
        assert office.door.has_ended.is_set()
        assert office.door.keyring.key_of(other_text, office.now) == other
        assert office.lines()[2:] == [("command line", "revoked key", f"key {key.id} (cluster)")]

    work_in(database, scene)


def test_a_key_ends_once(sqlite_database: Database):
    async def scene(office: Office) -> None:
        key, _ = await office.do(lambda work: create_key(work, BOSS, scope=Scope.READ, label="cluster"))
        first = await office.do(lambda work: revoke_key(work, BOSS, key.id))
        lines = office.lines()
        office.pass_time(hours=1)
        assert await office.do(lambda work: revoke_key(work, BOSS, key.id)) == first
        assert office.lines() == lines

    work_in(sqlite_database, scene)


@pytest.mark.parametrize("key_id", [0, -1, 5, 2**63, 10**30])
def test_a_key_that_is_not_there_cannot_be_revoked(database: Database, key_id: int):
    async def scene(office: Office) -> None:
        with pytest.raises(NotFoundError):
            await office.do(lambda work: revoke_key(work, BOSS, key_id))
        assert office.lines() == []

    work_in(database, scene)


def test_nothing_is_left_of_the_key_of_a_job_that_ended(database: Database):
    async def scene(office: Office) -> None:
        mine, _ = await office.do(
            lambda work: create_key(work, BOSS, scope=Scope.INGEST, label="job 7, attempt 1")
        )
        texts = [await office.do(lambda work, n=n: give_job_key(work, 7, n)) for n in (1, 2)]
        assert all(office.door.keyring.key_of(text, office.now) for text in texts)
        own = [office.door.identify(office.peer(x_api_key=text)).own_task for text in texts]
        assert own == [7, 7]
        await office.do(lambda work: take_job_key(work, 7, 1))
        assert [bool(office.door.keyring.key_of(text, office.now)) for text in texts] == [False, True]
        assert office.door.has_ended.is_set()
        labels = [key.label for key in office.door.keyring.all_keys()]
        assert labels == [mine.label, "job 7, attempt 2"]
        assert len(office.rows()["api_keys"]) == 2

    work_in(database, scene)
