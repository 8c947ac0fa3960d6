from datetime import UTC, datetime, timedelta

from trainwatch.store.receipts import Receipt, ReceiptBook, find_receipts, forget_receipts

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


def test_a_receipt_is_found_by_its_event_and_scope_until_it_is_forgotten(database):
    old = Receipt("1", "task 7", 7, None, "ab", NOW - timedelta(days=8))
    new = Receipt("1", "task 8", None, 3, None, NOW)
    with database.writing() as connection:
        book = ReceiptBook(connection)
        book.keep([old, new])
        book.write()
        book.settle()
        assert book.find("1", "task 7", "task 8") == {"task 7": old, "task 8": new}
        assert forget_receipts(connection, before=NOW - timedelta(days=7)) == 1
        assert find_receipts(connection, "1", "task 7", "task 7") == []
        assert find_receipts(connection, "1", "task 7", "task 8") == [new]
        assert book.find("2", "task 8", "task 8") == {}


def test_a_later_receipt_takes_the_place_of_an_earlier_one(database):
    with database.writing() as connection:
        for task_id in (7, 8):
            book = ReceiptBook(connection)
            book.keep([Receipt("1", "name", task_id, None, "ab", NOW)])
            assert book.find("1", "name", "name")["name"].task_id == task_id
            book.write()
        assert [each.task_id for each in find_receipts(connection, "1", "name", "name")] == [8]
