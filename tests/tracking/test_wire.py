"""How a tracker reaches a server: which key of the environment is for it."""

import pytest

from trainwatch.tracking.wire import key_of_environment

URL = "http://127.0.0.1:62222"


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ({}, None),
        ({"TRAINWATCH_KEY": "tw_1"}, "tw_1"),
        ({"TRAINWATCH_KEY": "tw_1", "TRAINWATCH_URL": f"{URL}/"}, "tw_1"),
        ({"TRAINWATCH_KEY": "tw_1", "TRAINWATCH_URL": "https://other.example"}, None),
        ({"TRAINWATCH_KEY": "tw_1", "TRAINWATCH_URL": URL, "TRAINWATCH_TASK_ID": "7"}, None),
    ],
)
def test_the_environment_has_a_key_for_its_own_server_and_for_no_tracker_in_a_job(
    environ: dict[str, str], key: str | None
):
    assert key_of_environment(URL, environ) == key
