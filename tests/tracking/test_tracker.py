"""What a program says of its tasks, and what it is told."""

from pathlib import Path

import pytest

from trainwatch.errors import BadRequestError, ConflictError, NotFoundError, UnavailableError
from trainwatch.tracking import ExecutionEvent, ProgressTracker, TaskProgress


def found(tracker: ProgressTracker, task_id: str = "t") -> TaskProgress:
    progress = tracker.get_progress(task_id)
    assert progress is not None
    return progress


def messages(progress: TaskProgress) -> list[tuple[str, str]]:
    return [(event.event_type, event.message) for event in progress.events]


def test_a_task_that_begins_has_the_defaults(tracker: ProgressTracker):
    tracker.start_task("t", "claude", 4)
    progress = found(tracker)
    assert (progress.task_id, progress.agent_id, progress.status) == ("t", "claude", "in_progress")
    assert (progress.iteration, progress.max_iterations, progress.progress_percent) == (0, 20, 0.0)
    assert (progress.criteria_verified, progress.criteria_total, progress.cost_estimate) == (0, 4, 0.0)
    assert (progress.files_created, progress.files_modified, progress.completed_at) == ([], [], None)
    assert messages(progress) == [("start", "Task execution started")]
    assert progress.started_at is not None


def test_a_whole_life_is_told_in_order(tracker: ProgressTracker):
    tracker.start_task("t", "claude", 2)
    tracker.update_iteration("t", 3)
    tracker.log_action("t", "write", "a.py", True)
    tracker.log_action("t", "create", "b.py", True)
    tracker.log_action("t", "edit", Path("c.py"), True)
    tracker.log_action("t", "write", "d.py", False)
    tracker.log_error("t", ValueError("no luck"))
    tracker.update_cost("t", 0.25)
    tracker.verify_criterion("t", 0)
    tracker.complete_task("t", True)
    progress = found(tracker)
    assert messages(progress) == [
        ("start", "Task execution started"),
        ("action", "✓ write: a.py"),
        ("action", "✓ create: b.py"),
        ("action", "✓ edit: c.py"),
        ("action", "✗ write: d.py"),
        ("error", "ERROR: no luck"),
        ("progress", "Criterion 1 verified"),
        ("complete", "Task completed successfully"),
    ]
    assert (progress.files_created, progress.files_modified) == (["a.py", "b.py"], ["c.py"])
    assert (progress.status, progress.iteration, progress.progress_percent) == ("complete", 3, 100.0)
    assert (progress.cost_estimate, progress.completed_at is not None) == (0.25, True)
    assert isinstance(progress.events[0], ExecutionEvent)


def test_verifying_one_of_four_is_a_quarter_in_any_order_and_twice_counts_once(tracker: ProgressTracker):
    tracker.start_task("t", "claude", 4)
    percents = [tracker.verify_criterion("t", index).progress_percent for index in (2, 0, 2, 3, 1)]
    assert percents == [25.0, 50.0, 50.0, 75.0, 100.0]
    assert found(tracker).status == "in_progress"


def test_a_failure_is_an_end(tracker: ProgressTracker):
    tracker.start_task("t", "claude", 1)
    tracker.complete_task("t", False, "out of ideas")
    progress = found(tracker)
    assert (progress.status, progress.summary, progress.progress_percent) == ("failed", "out of ideas", 0.0)
    assert messages(progress)[-1] == ("complete", "Task failed")


def test_what_is_being_done_is_known_until_it_is_done(tracker: ProgressTracker):
    tracker.start_task("t", "claude")
    begun = tracker.begin_action("t", "run", "pytest").action
    assert begun is not None
    assert (begun.text, begun.is_done, begun.success) == ("run: pytest", False, None)
    done = tracker.log_action("t", "run", "pytest", success=False).action
    assert done is not None
    assert (done.started_at, done.is_done, done.success) == (begun.started_at, True, False)


def test_criteria_may_have_texts(tracker: ProgressTracker):
    progress = tracker.start_task("t", "claude", criteria=(text for text in ("tests pass", "docs")))
    assert (progress.criteria_total, [each.text for each in progress.criteria]) == (2, ["tests pass", "docs"])
    assert tracker.start_task("t", "claude", criteria=[]).criteria_total == 0


def test_the_shapes_have_the_documented_keys(tracker: ProgressTracker):
    tracker.start_task("t", "claude", 2, max_cost=4.0)
    progress = tracker.verify_criterion("t", 1)
    assert list(progress.to_dict()) == [
        "taskId", "agentId", "status", "iteration", "maxIterations", "progress", "criteriaVerified", "criteriaTotal",
        "filesCreated", "filesModified", "cost", "logs", "startedAt", "completedAt",
    ]  # fmt: skip
    graph = progress.to_graph_ui()
    assert (graph["sessionId"], graph["maxCost"]) == ("sess_t", 4.0)
    assert [each["status"] for each in graph["criteria"]] == ["pending", "pass"]


@pytest.mark.parametrize("task_id", ["a/b", "ünï ✓", " spaced ", "x" * 200, "../..", "%2F?#&"])
def test_any_text_names_a_task(tracker: ProgressTracker, task_id: str):
    tracker.start_task(task_id, "claude", 1)
    tracker.verify_criterion(task_id, 0)
    assert found(tracker, task_id).task_id == task_id
    assert [each.task_id for each in tracker.get_all_active()] == [task_id]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda tracker: tracker.update_progress("t", 101), "progress"),
        (lambda tracker: tracker.update_progress("t", float("nan")), "progress"),
        (lambda tracker: tracker.update_iteration("t", -1), "iteration"),
        (lambda tracker: tracker.update_iteration("t", "many"), "iteration"),
        (lambda tracker: tracker.verify_criterion("t", 2), "index"),
        (lambda tracker: tracker.verify_criterion("t", -1), "index"),
        (lambda tracker: tracker.update_cost("t", -0.01), "cost"),
        (lambda tracker: tracker.log_action("t", "", "x", True), "action"),
        (lambda tracker: tracker.start_task("t", "", 1), "agentId"),
        (lambda tracker: tracker.start_task("t", "claude", 1, max_cost=0), "maxCost"),
        (lambda tracker: tracker.start_task("t", "claude", 3, criteria=["one"]), "criteriaTotal"),
        (lambda tracker: tracker.start_task("t", "claude", criteria="one"), "criteria"),
        (lambda tracker: tracker.start_task("", "claude", 1), "taskId"),
        (lambda tracker: tracker.get_progress(7), "taskId"),
    ],
)
def test_a_value_that_makes_no_sense_is_named_and_changes_nothing(
    tracker: ProgressTracker, change, field: str
):
    tracker.start_task("t", "claude", 2)
    before = found(tracker)
    heard: list[TaskProgress] = []
    tracker.add_listener(heard.append)
    with pytest.raises(BadRequestError) as refused:
        change(tracker)
    assert (refused.value.field, found(tracker), heard) == (field, before, [])


def test_what_nobody_started_is_not_there(tracker: ProgressTracker):
    with pytest.raises(NotFoundError):
        tracker.update_progress("t", 5)
    assert tracker.get_progress("t") is None
    assert tracker.get_all_active() == []
    assert tracker.should_stop("t") is False


def test_after_the_end_only_actions_errors_and_costs_are_taken(tracker: ProgressTracker):
    tracker.start_task("t", "claude", 1)
    tracker.complete_task("t", True)
    for change in (
        lambda: tracker.update_iteration("t", 2),
        lambda: tracker.update_progress("t", 2),
        lambda: tracker.verify_criterion("t", 0),
        lambda: tracker.complete_task("t", False),
    ):
        with pytest.raises(ConflictError):
            change()
    tracker.log_action("t", "write", "late.py", True)
    tracker.log_error("t", "late")
    progress = tracker.update_cost("t", 3.0)
    assert (progress.status, progress.cost_estimate, len(found(tracker).events)) == ("complete", 3.0, 4)


def test_starting_again_begins_anew(tracker: ProgressTracker):
    tracker.start_task("t", "claude", 1)
    tracker.verify_criterion("t", 0)
    tracker.complete_task("t", True)
    tracker.start_task("t", "other", 3)
    progress = found(tracker)
    assert (progress.agent_id, progress.status, progress.criteria_verified) == ("other", "in_progress", 0)
    assert (progress.progress_percent, len(progress.events)) == (0.0, 1)


def test_what_is_returned_are_copies(tracker: ProgressTracker):
    tracker.start_task("t", "claude", 1)
    for progress in (tracker.log_action("t", "write", "a", True), found(tracker), *tracker.get_all_active()):
        progress.files_created.append("nonsense")
        progress.events.clear()
        progress.status = "nonsense"
    found(tracker).events[0].details["agentId"] = "nonsense"
    progress = found(tracker)
    assert (progress.files_created, progress.status, len(progress.events)) == (["a"], "in_progress", 2)
    assert progress.events[0].details["agentId"] == "claude"


def test_all_events_can_be_had_while_a_change_returns_the_last_ten(tracker: ProgressTracker):
    tracker.start_task("t", "claude")
    last = [tracker.log_error("t", str(number)) for number in range(25)][-1]
    assert [event.message for event in last.events] == [f"ERROR: {number}" for number in range(15, 25)]
    assert len(found(tracker).events) == 26


def test_the_active_ones_are_those_that_have_not_ended(tracker: ProgressTracker):
    for name in "abc":
        tracker.start_task(name, "claude", 1)
    tracker.complete_task("b", True)
    assert [each.task_id for each in tracker.get_all_active()] == ["a", "c"]


def test_a_limit_stops_who_asked_for_it_and_nobody_else(tracker: ProgressTracker):
    tracker.start_task("strict", "claude", max_iterations=2, stop_at_limit=True)
    tracker.start_task("loose", "claude", max_iterations=2)
    for name in ("strict", "loose"):
        tracker.update_iteration(name, 1)
        assert tracker.should_stop(name) is False
        tracker.update_iteration(name, 2)
        assert found(tracker, name).limits_reached == ["iterations"]
        assert messages(found(tracker, name))[-1] == ("progress", "Limit reached: 2 of 2 iterations")
    assert (tracker.should_stop("strict"), tracker.should_stop("loose")) == (True, False)


def test_the_time_runs_out_though_nothing_is_said(tracker: ProgressTracker):
    tracker.start_task("t", "claude", max_seconds=1e-6, stop_at_limit=True)
    assert tracker.should_stop("t") is True
    tracker.start_task("t", "claude", max_seconds=1e6, stop_at_limit=True)
    assert tracker.should_stop("t") is False


def test_everything_is_there_after_a_reopen(tmp_path: Path):
    with ProgressTracker(tmp_path) as tracker:
        tracker.start_task(
            "t", "claude", criteria=["one", "two"], max_cost=2.0, max_seconds=60, title="A task"
        )
        tracker.update_iteration("t", 4)
        for number in range(30):
            tracker.log_action("t", "edit", f"f{number}", True)
        tracker.begin_action("t", "run", "pytest")
        tracker.update_cost("t", 0.5)
        tracker.verify_criterion("t", 1)
        before = found(tracker)
    with ProgressTracker(tmp_path) as tracker:
        assert found(tracker) == before
        assert [each.task_id for each in tracker.get_all_active()] == ["t"]
        assert tracker.update_iteration("t", 5).iteration == 5
        tracker.complete_task("t", True)
        assert len(found(tracker).events) == len(before.events) + 1
        assert tracker.get_all_active() == []


def test_a_closed_tracker_says_so(tmp_path: Path):
    tracker = ProgressTracker(tmp_path)
    tracker.start_task("t", "claude", 1)
    tracker.close()
    tracker.close()
    for call in (lambda: tracker.update_iteration("t", 1), lambda: tracker.get_progress("t")):
        with pytest.raises(UnavailableError, match="closed"):
            call()
