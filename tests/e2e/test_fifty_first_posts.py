"""Many processes of one training start at the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.plugins.server import Server
from tests.plugins.wire import get, post

POSTS = 50


@pytest.mark.parametrize(
    "naming",
    [
        {"taskName": "first posts", "gpuName": "A100", "host": "node1"},
        {"taskName": "first posts without gpu"},
        {"runId": "first-run-1"},
        {"gpuName": "lonely GPU"},
    ],
    ids="+".join,
)
def test_fifty_simultaneous_first_posts_of_one_task_make_one_task(
    server: Server, naming: dict[str, str]
) -> None:
    together = threading.Barrier(POSTS)

    def first_post(step: int) -> int:
        together.wait()
        answer = post(server.url, {**naming, "step": step, "loss": 1 / (step + 1)})
        assert answer.status == 200
        return int(answer.json()["taskId"])

    with ThreadPoolExecutor(POSTS) as senders:
        tasks = set(senders.map(first_post, range(POSTS)))

    assert len(tasks) == 1
    task = get(server.url, f"/api/tasks/{tasks.pop()}").json()
    assert task["attempt"] == 1
    assert [(series["name"], series["points"]) for series in task["series"]] == [("loss", POSTS)]
