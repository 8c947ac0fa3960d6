from dataclasses import FrozenInstanceError, replace

import pytest

from tests.domain.factories import make_task


def test_a_replaced_task_is_what_dataclasses_would_make_of_it():
    task = make_task()
    changed = task.replaced(progress=0.5, title="new")
    assert changed == replace(task, progress=0.5, title="new")
    assert task.progress is None


def test_a_task_has_no_other_fields():
    with pytest.raises(TypeError, match="progres'"):
        make_task().replaced(progres=0.5)


def test_a_task_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        make_task().replaced(title="new").title = "other"  # pyright: ignore[reportAttributeAccessIssue]
