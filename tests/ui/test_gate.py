"""What a socket may say to a handler: its own arguments, of exactly the types that it takes."""

import pytest

from trainwatch.ui.gate import what_is_wrong
from trainwatch.ui.state.jobs import Demo, JobList
from trainwatch.ui.state.new_job import NewJob


def said(handler: str, payload: object) -> str | None:
    """Return why a page would not cause that event with `payload`."""
    return what_is_wrong(["event", {"name": handler, "payload": payload, "router_data": {}}])


START = f"{JobList.get_full_name()}.start"
CREATE = f"{NewJob.get_full_name()}.create"


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (START, {"job_ids": [1, 2]}),
        (START, {"job_ids": []}),
        (CREATE, {"fields": ["name"], "values": ["bert"]}),
        (f"{Demo.get_full_name()}.begin", {}),
    ],
)
def test_a_page_is_heard(name: str, payload: dict[str, object]) -> None:
    assert said(name, payload) is None


@pytest.mark.parametrize(
    ("name", "payload"),
    [
        (START, {}),
        (START, {"job_ids": 1}),
        (START, {"job_ids": None}),
        (START, {"job_ids": "12"}),
        (START, {"job_ids": {"0": 1}}),
        (START, {"job_ids": [1, "2"]}),
        (START, {"job_ids": [True]}),
        (START, {"job_ids": [1.0]}),
        (START, {"job_ids": [None]}),
        (START, {"job_ids": [[1]]}),
        (START, {"job_ids": [1], "caller": "admin"}),
        (CREATE, {"fields": ["name"], "values": [1]}),
        (CREATE, {"fields": {"name": "bert"}, "values": []}),
        (f"{Demo.get_full_name()}.remove", {"task_id": 1}),
    ],
)
def test_other_arguments_are_not(name: str, payload: dict[str, object]) -> None:
    assert said(name, payload) == f"other arguments than those of {name}"
