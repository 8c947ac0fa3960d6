from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from trainwatch.errors import SettingsError
from trainwatch.store.engine import open_database, upsert
from trainwatch.store.tables import GPUS, METRIC_POINTS, TASK_EVENTS, TASKS

NOW = datetime(2026, 1, 31, 12, 0, 0, 123456, tzinfo=UTC)
TASK = {
    "title": "t",
    "title_by_user": False,
    "type": "training",
    "source": "webhook",
    "attempt": 1,
    "training_status": "running",
    "revision": 0,
    "created_at": NOW,
    "last_updated": NOW,
}


def point(**facts):
    return {"task_id": 1, "attempt": 1, "name": "loss", "step": 1, "created_at": NOW, **facts}


def write(database, *statements):
    with database.writing() as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def read(database, query):
    with database.reading() as connection:
        return connection.execute(query).all()


def test_a_reader_sees_what_was_committed_and_only_that(database):
    write(database, insert(TASKS).values(TASK))
    with database.writing() as connection:
        connection.execute(TASKS.update().values(title="not yet"))
        assert read(database, select(TASKS.c.title)) == [("t",)]


def test_all_that_a_reader_reads_is_of_one_moment(database):
    write(database, insert(TASKS).values(TASK))
    with database.reading() as reader:
        before = reader.execute(select(TASKS.c.title)).all()
        write(database, TASKS.update().values(title="later"))
        assert reader.execute(select(TASKS.c.title)).all() == before


def test_a_reader_cannot_write(database):
    with database.reading() as connection, pytest.raises(DBAPIError):
        connection.execute(insert(TASKS).values(TASK))


def test_what_is_not_committed_is_gone(database):
    with database.writing() as connection:
        connection.execute(insert(TASKS).values(TASK))
    assert read(database, select(TASKS.c.id)) == []


def test_a_savepoint_undoes_one_row_and_keeps_the_others(database):
    with database.writing() as connection:
        connection.execute(insert(TASKS).values(TASK))
        savepoint = connection.begin_nested()
        connection.execute(insert(TASKS).values({**TASK, "title": "cut out"}))
        savepoint.rollback()
        connection.commit()
    assert read(database, select(TASKS.c.title)) == [("t",)]


@pytest.mark.parametrize("other", [UTC, timezone(timedelta(hours=5, minutes=30))])
def test_times_come_back_in_utc_to_the_microsecond(database, other):
    write(database, insert(TASKS).values({**TASK, "created_at": NOW.astimezone(other)}))
    [(created_at,)] = read(database, select(TASKS.c.created_at))
    assert (created_at, created_at.tzinfo) == (NOW, UTC)


def test_a_time_without_a_zone_is_refused(database):
    with pytest.raises(StatementError, match="without a zone"):
        write(database, insert(TASKS).values({**TASK, "created_at": NOW.replace(tzinfo=None)}))


def test_times_are_compared_and_sorted_as_times(database):
    times = [NOW + timedelta(microseconds=n) for n in (876_544, 0, 5)]
    for at in times:
        write(database, insert(TASKS).values({**TASK, "created_at": at}))
    rows = read(
        database, select(TASKS.c.created_at).where(TASKS.c.created_at > NOW).order_by(TASKS.c.created_at)
    )
    assert [row.created_at for row in rows] == [times[2], times[0]]


@pytest.mark.parametrize("value", [float("inf"), float("-inf")])
def test_no_number_that_is_not_finite_gets_in(database, value):
    write(database, insert(TASKS).values(TASK))
    with pytest.raises(IntegrityError):
        write(database, insert(METRIC_POINTS).values(point(value=value)))


@pytest.mark.parametrize("value", [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, 0.1 + 0.2])
def test_every_finite_number_comes_back_as_it_was(database, value):
    write(database, insert(TASKS).values(TASK), insert(METRIC_POINTS).values(point(value=value)))
    assert read(database, select(METRIC_POINTS.c.value)) == [(value,)]


@pytest.mark.parametrize("facts", [{}, {"value": 1.0, "flag": "nan"}])
def test_a_point_has_a_value_or_a_flag(database, facts):
    write(database, insert(TASKS).values(TASK))
    with pytest.raises(IntegrityError):
        write(database, insert(METRIC_POINTS).values(point(**facts)))


@pytest.mark.parametrize(
    "facts", [{"progress": 1.01}, {"progress": -0.1}, {"eta_seconds": -1}, {"training_status": "?"}]
)
def test_a_task_that_cannot_be_is_refused(database, facts):
    with pytest.raises(IntegrityError):
        write(database, insert(TASKS).values({**TASK, **facts}))


def test_steps_and_bytes_may_be_large(database):
    large = 2**62
    write(database, insert(TASKS).values(TASK), insert(METRIC_POINTS).values(point(step=large, value=1.0)))
    assert read(database, select(METRIC_POINTS.c.step)) == [(large,)]


def test_a_deleted_task_takes_its_points_and_history_along(database):
    line = {"task_id": 1, "attempt": 1, "kind": "created", "message": "m", "created_at": NOW}
    write(
        database,
        insert(TASKS).values(TASK),
        insert(METRIC_POINTS).values(point(value=1.0)),
        insert(TASK_EVENTS).values(line),
        TASKS.delete(),
    )
    assert read(database, select(METRIC_POINTS)) == read(database, select(TASK_EVENTS)) == []


def test_the_id_of_a_deleted_task_is_never_given_again(database):
    write(database, insert(TASKS).values(TASK), TASKS.delete(), insert(TASKS).values(TASK))
    assert read(database, select(TASKS.c.id)) == [(2,)]


def test_an_upsert_replaces_the_named_columns_of_the_row_with_that_key(database):
    statement = upsert(
        database.dialect, METRIC_POINTS, key=("task_id", "attempt", "name", "step"), replace=("value", "flag")
    )
    write(database, insert(TASKS).values(TASK))
    with database.writing() as connection:
        connection.execute(
            statement, [point(value=1.0, flag=None, epoch=1), point(value=2.0, flag=None, epoch=2)]
        )
        connection.commit()
    assert read(database, select(METRIC_POINTS.c.value, METRIC_POINTS.c.epoch)) == [(2.0, 1)]


def test_an_upsert_without_columns_leaves_the_row_that_is_there(database):
    statement = upsert(database.dialect, GPUS, key=("host", "name"), replace=(), where=GPUS.c.uuid.is_(None))
    gpu = {"host": "", "name": "A100", "revision": 0, "created_at": NOW}
    with database.writing() as connection:
        connection.execute(statement, [gpu, {**gpu, "revision": 9}])
        connection.commit()
    assert read(database, select(GPUS.c.revision)) == [(0,)]


def test_two_gpus_of_one_kind_in_one_host_differ_by_their_uuid(database):
    gpu = {"host": "a", "name": "H100", "revision": 0, "created_at": NOW}
    write(database, *(insert(GPUS).values({**gpu, "uuid": uuid}) for uuid in ("GPU-1", "GPU-2", None)))
    with pytest.raises(IntegrityError):
        write(database, insert(GPUS).values({**gpu, "uuid": "GPU-1"}))


def test_sqlite_is_durable_and_lets_readers_be(sqlite_database):
    with sqlite_database.writing() as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        ]
    assert settings == ["wal", 2, 1, 10_000]


def test_a_path_may_hold_any_character(tmp_path):
    database = open_database(tmp_path / "a b?c=%20#ü.db")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
        connection.commit()
    assert read(database, text("SELECT * FROM t")) == []
    database.close()
    assert (tmp_path / "a b?c=%20#ü.db").exists()


@pytest.mark.parametrize("location", ["mysql://localhost/x", "sqlite://", "://"])
def test_another_kind_of_database_is_refused_in_words(location):
    with pytest.raises(SettingsError):
        open_database(location)
