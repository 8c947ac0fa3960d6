from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from trainwatch.store.receipts import Receipt, find_receipt, forget_receipts
from trainwatch.store.tables import REPORT_RECEIPTS

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def test_a_receipt_is_found_by_its_event_until_it_is_forgotten(database):
    old = Receipt("old", 7, None, NOW - timedelta(days=8))
    new = Receipt("new", None, 3, NOW)
    with database.writing() as connection:
        connection.execute(insert(REPORT_RECEIPTS), [old.row(), new.row()])
        assert find_receipt(connection, "old") == old
        assert forget_receipts(connection, before=NOW - timedelta(days=7)) == 1
        assert find_receipt(connection, "old") is None
        assert find_receipt(connection, "new") == new
