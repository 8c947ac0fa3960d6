import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, select, text, update

from trainwatch.domain.liveness import Rhythm, lost_after
from trainwatch.domain.payload import parse
from trainwatch.domain.repeat import scope_of_tracked
from trainwatch.errors import MigrationError
from trainwatch.services.ingest import Answer, ingest
from trainwatch.store import migrate
from trainwatch.store.engine import open_database
from trainwatch.store.remains import mark_deleted
from trainwatch.store.schema import (
    HEAD,
    bring_up_to_date,
    current_revision,
    known_revisions,
    migrations_folder,
)
from trainwatch.store.tables import METADATA, METRIC_SERIES, TASKS
from trainwatch.store.work import Work

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


def read(database, query):
    with database.reading() as connection:
        return connection.execute(query).all()


def counts(database):
    with database.reading() as connection:
        names = inspect(connection).get_table_names()
        return {name: connection.scalar(text(f'SELECT count(*) FROM "{name}"')) for name in names}


def schema_of(database):
    """Return everything that the database says of its tables, in no particular order."""
    if database.dialect == "sqlite":
        rows = read(database, text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {name: sorted(parts_of(sql)) for name, sql in rows if "alembic" not in name}
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint",
        "SELECT indexdef FROM pg_indexes",
        "SELECT viewname, definition FROM pg_views",
    )
    return {query: sorted(map(tuple, read(database, text(query)))) for query in queries}


def parts_of(sql):
    """Return what stands between the commas of a statement; a column that was added stands last."""
    head, _, body = " ".join(sql.split()).partition("(")
    parts, depth = [""], 0
    for sign in body.rstrip(") "):
        depth += (sign == "(") - (sign == ")")
        if sign == "," and not depth:
            parts.append("")
        else:
            parts[-1] += sign
    return [head, *(part.strip().rstrip(")") for part in parts)]


def test_all_migrations_in_a_row_leave_what_the_tables_say(database):
    created = schema_of(database)
    migrate.downgrade(database, migrations_folder(), "base")
    assert [name for name in counts(database) if name != "sqlite_sequence"] == ["alembic_version"]
    migrate.upgrade(database, migrations_folder(), HEAD)
    assert schema_of(database) == created


def test_alembic_finds_no_difference_to_the_tables(database):
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_revision_of_the_tables_is_the_last_in_one_line_of_migrations():
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [HEAD]
    assert [each.revision for each in script.walk_revisions()][::-1] == known_revisions(migrations_folder())


def test_an_empty_database_gets_its_tables_and_needs_nothing_the_next_time(tmp_path):
    database = open_database(tmp_path / "trainwatch.db")
    assert bring_up_to_date(database, tmp_path, now=NOW) is None
    before = (tmp_path / "trainwatch.db").read_bytes()
    assert bring_up_to_date(database, tmp_path, now=NOW) is None
    assert (tmp_path / "trainwatch.db").read_bytes() == before
    assert current_revision(database) == HEAD


def test_a_start_with_nothing_pending_does_not_import_alembic(tmp_path):
    program = f"""
import sys
from datetime import UTC, datetime
from pathlib import Path
from trainwatch.store.engine import open_database
from trainwatch.store.schema import bring_up_to_date
for _ in range(2):
    bring_up_to_date(open_database("{tmp_path}/t.db"), Path("{tmp_path}"), now=datetime.now(UTC))
print([name for name in sys.modules if name.startswith("alembic")])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


def test_parents_and_children_survive_a_rebuild_forwards_and_backwards(
    database, tmp_path, two_revisions, fill
):
    fill(database)
    before = counts(database)
    assert bring_up_to_date(database, tmp_path, now=NOW, migrations=two_revisions, head="9999") == HEAD
    assert counts(database) == {**before, "colours": 3}
    assert read(database, text("SELECT DISTINCT colour, remarks FROM tasks")) == [("grey", "n")]
    migrate.downgrade(database, two_revisions, HEAD)
    assert counts(database) == before
    assert read(database, select(TASKS.c.notes).distinct()) == [("n",)]


def test_a_database_of_the_first_release_keeps_its_rows(database, tmp_path, fill):
    fill(database)
    migrate.downgrade(database, migrations_folder(), "0001")
    before = counts(database)
    assert bring_up_to_date(database, tmp_path, now=NOW) == "0001"
    after = counts(database)
    assert {name: after[name] for name in before} == before
    assert not any(after[name] for name in after.keys() - before.keys())


def test_running_tasks_of_a_database_without_deadlines_are_lost_when_they_would_be(database, tmp_path, fill):
    fill(database)
    rhythms = {1: None, 2: "[60.0000,1.0000,60.0000]", 3: "[300.0000,1.0000,500.0000]"}
    with database.writing() as connection:
        for task_id, rhythm in rhythms.items():
            connection.execute(update(TASKS).where(TASKS.c.id == task_id).values(rhythm=rhythm))
        connection.execute(update(TASKS).where(TASKS.c.id == 3).values(training_status="failed"))
        connection.commit()
    migrate.downgrade(database, migrations_folder(), "0007")
    bring_up_to_date(database, tmp_path, now=NOW)
    deadlines = dict(map(tuple, read(database, select(TASKS.c.id, TASKS.c.lost_after_at))))
    assert deadlines == {
        task_id: None if task_id == 3 else lost_after(NOW, Rhythm.from_json(rhythm))
        for task_id, rhythm in rhythms.items()
    }


def test_the_keys_of_jobs_that_run_are_confined_to_their_tasks(database, tmp_path, fill):
    fill(database)
    migrate.downgrade(database, migrations_folder(), "0008")
    with database.writing() as connection:
        for number, (label, by) in enumerate(
            [
                ("job 12, attempt 2", "the server"),
                ("job 12, attempt 2", "session ada"),
                ("jobs", "the server"),
            ]
        ):
            connection.execute(
                text(
                    "INSERT INTO api_keys (prefix, digest, scope, label, created_at, created_by)"
                    f" VALUES ('p{number}', 'd', 'ingest', :label, '2026-01-01 00:00:00.000000', :by)"
                ),
                {"label": label, "by": by},
            )
        connection.commit()
    bring_up_to_date(database, tmp_path, now=NOW)
    query = text("SELECT task_id FROM api_keys WHERE prefix IN ('p0', 'p1', 'p2') ORDER BY prefix")
    assert read(database, query) == [(12,), (None,), (None,)]


def test_a_deleted_task_does_not_come_back_to_life_on_the_way_back(database, fill):
    fill(database)
    with database.writing() as connection:
        mark_deleted(connection, 2, now=NOW)
        connection.commit()
    migrate.downgrade(database, migrations_folder(), "0002")
    assert read(database, text("SELECT id FROM tasks ORDER BY id")) == [(1,), (3,)]
    assert read(database, text("SELECT count(*) FROM metric_points")) == [(100,)]


def test_receipts_are_kept_and_found_where_event_ids_count_within_their_tasks(database, tmp_path, fill):
    fill(database)
    migrate.downgrade(database, migrations_folder(), "0009")
    receipts = [("1", 1, None), ("run\n1", 2, None), ("n", None, 1), ("gpu", None, None), ("gone", 99, None)]
    with database.writing() as connection:
        connection.execute(text("UPDATE tasks SET external_id = 'run' WHERE id = 2"))
        for event_id, task_id, note_id in receipts:
            values = {"event": event_id, "task": task_id, "note": note_id}
            at = "2026-01-31 12:00:00.000000"
            connection.execute(
                text(f"INSERT INTO report_receipts VALUES (:event, :task, :note, '{at}')"), values
            )
        connection.commit()
    before = sorted(receipts), schema_of(database)
    bring_up_to_date(database, tmp_path, now=NOW)
    with database.writing() as connection:
        work = Work(connection, database)
        work.begin(NOW)
        repeats = [{"taskId": 1, "loss": 1, "eventId": "1"}, {"title": "n", "eventId": "n"}]
        assert [ingest(work, parse(each)) for each in repeats] == [Answer(1), Answer(notification_id=1)]
        assert ingest(work, parse({"taskId": 2, "loss": 1, "eventId": "1"})) == Answer(2)
        (found,) = work.receipts.find("1", scope_of_tracked("run"), "task 99").values()
        assert found.task_id == 2
        connection.rollback()
    migrate.downgrade(database, migrations_folder(), "0009")
    rows = read(database, text("SELECT event_id, task_id, notification_id FROM report_receipts"))
    assert (sorted(map(tuple, rows)), schema_of(database)) == before


def test_series_that_lack_late_points_still_do_in_both_directions(database, tmp_path, fill):
    fill(database)
    with database.writing() as connection:
        key = {"task_id": 1, "attempt": 1, "name": "loss"}
        connection.execute(insert(METRIC_SERIES).values(key | {"stride": 10, "reduced_to": 2559}))
        connection.execute(insert(METRIC_SERIES).values(key | {"name": "acc"}))
        connection.execute(update(METRIC_SERIES).where(METRIC_SERIES.c.stride == 10).values(stale="[2, 3]"))
        connection.commit()
    migrate.downgrade(database, migrations_folder(), "0011")
    assert read(database, text("SELECT name, stale_from FROM metric_series ORDER BY 1")) == [
        ("acc", None),
        ("loss", 1280),
    ]
    bring_up_to_date(database, tmp_path, now=NOW)
    assert read(database, text("SELECT name, stale FROM metric_series ORDER BY 1")) == [
        ("acc", None),
        ("loss", "[2, 3]"),
    ]


def test_children_still_go_with_their_parent_after_a_rebuild(database, tmp_path, two_revisions, fill):
    fill(database)
    bring_up_to_date(database, tmp_path, now=NOW, migrations=two_revisions, head="9999")
    with database.writing() as connection:
        connection.execute(text("DELETE FROM colours"))
        connection.execute(text("DELETE FROM tasks WHERE id = 1"))
        connection.commit()
    assert read(database, text("SELECT count(*) FROM metric_points WHERE task_id = 1")) == [(0,)]
    assert read(database, text("SELECT count(*) FROM metric_points")) == [(100,)]


def test_the_file_is_backed_up_before_and_three_backups_are_kept(
    sqlite_database, tmp_path, two_revisions, fill
):
    fill(sqlite_database)
    for hours in range(5):
        now = NOW + timedelta(hours=hours)
        bring_up_to_date(sqlite_database, tmp_path, now=now, migrations=two_revisions, head="9999")
        migrate.downgrade(sqlite_database, two_revisions, HEAD)
    backups = sorted(path.name for path in tmp_path.glob("*.backup-*"))
    assert backups == [f"trainwatch.db.backup-{HEAD}-20260131T1{hour}0000Z" for hour in (4, 5, 6)]
    assert counts(open_database(tmp_path / backups[0])) == counts(sqlite_database)


def test_half_a_backup_of_a_start_that_was_killed_is_removed_and_none_of_the_three(
    sqlite_database, tmp_path, two_revisions
):
    others = [tmp_path / f"trainwatch.db.backup-0001-2025010{day}T000000Z" for day in range(1, 4)]
    halves = [tmp_path / f"trainwatch.db.backup-0001-2026010{day}T000000Z.partial" for day in range(1, 5)]
    for each in (*others, *halves):
        each.write_bytes(b"x")
    bring_up_to_date(sqlite_database, tmp_path, now=NOW, migrations=two_revisions, head="9999")
    made = tmp_path / f"trainwatch.db.backup-{HEAD}-{NOW:%Y%m%dT%H%M%SZ}"
    assert sorted(tmp_path.glob("*.backup-*")) == [*others[1:], made]


def test_rows_that_would_refer_to_nothing_undo_the_migration(sqlite_database, two_revisions, fill):
    fill(sqlite_database)
    revision = two_revisions / "versions" / "9999_rebuild.py"
    revision.write_text(
        revision.read_text().replace("INSERT INTO colours SELECT id", "INSERT INTO colours SELECT id + 9")
    )
    before = counts(sqlite_database), schema_of(sqlite_database)
    with pytest.raises(MigrationError, match="colours → tasks"):
        migrate.upgrade(sqlite_database, two_revisions, "9999")
    assert (counts(sqlite_database), schema_of(sqlite_database)) == before


def test_a_migration_that_fails_leaves_the_database_as_it_was(database, tmp_path, two_revisions, fill):
    fill(database)
    revision = two_revisions / "versions" / "9999_rebuild.py"
    revision.write_text(revision.read_text().replace("INSERT INTO colours", "INSERT INTO nowhere"))
    before = counts(database), schema_of(database)
    with pytest.raises(MigrationError, match="it is as it was"):
        bring_up_to_date(database, tmp_path, now=NOW, migrations=two_revisions, head="9999")
    assert (counts(database), schema_of(database)) == before


def test_a_migration_that_is_killed_anywhere_leaves_the_old_or_the_new_and_the_next_start_succeeds(
    database, tmp_path, two_revisions, fill
):
    fill(database)
    before = counts(database)
    script = [sys.executable, Path(__file__).with_name("kill.py"), database.url, tmp_path, two_revisions]
    done = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    kills = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert len(kills) > 5
    for changes, after_kill, after_start, after_way_back in kills:
        rows = {**before, "colours": 3} if after_kill["revision"] == "9999" else before
        assert after_kill["rows"] == rows, changes
        assert ("colour" in after_kill["columns"]) == (after_kill["revision"] == "9999"), changes
        assert after_start["rows"] == {**before, "colours": 3}, changes
        assert after_way_back["rows"] == before, changes


def test_a_database_of_a_newer_program_is_refused_in_words_and_left_alone(database, tmp_path):
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0815'"))
        connection.commit()
    with pytest.raises(MigrationError, match=r"made by a newer TrainWatch.*0815"):
        bring_up_to_date(database, tmp_path, now=NOW)
    assert current_revision(database) == "0815"


def test_a_database_that_is_not_ours_is_refused_and_left_alone(tmp_path):
    database = open_database(tmp_path / "songs.db")
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE songs (title TEXT)"))
        connection.commit()
    with pytest.raises(MigrationError, match="not those of TrainWatch"):
        bring_up_to_date(database, tmp_path, now=NOW)
    assert counts(database) == {"songs": 0}


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path):
    (tmp_path / "trainwatch.db").write_text("this is not a database, it is a letter" * 40)
    with pytest.raises(MigrationError, match="not a database"):
        bring_up_to_date(open_database(tmp_path / "trainwatch.db"), tmp_path, now=NOW)
