"""The key of an attempt is in the name of its folder, and nothing else's name is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.runners.base import AttemptKey

NUMBERS = st.integers(1, 2**31 - 1)


@given(NUMBERS, NUMBERS)
def test_a_folder_says_whose_it_is(task_id: int, attempt: int):
    key = AttemptKey(task_id, attempt)
    assert AttemptKey.from_folder(key.folder) == key


@pytest.mark.parametrize(
    "name", ["", "7", "7-", "-1", "0-1", "7-0", "07-1", "7-1-1", "7-1.old", "7-1\n", "\u0667-1"]
)
def test_another_folder_is_no_attempts(name: str):
    assert AttemptKey.from_folder(name) is None
