from trainwatch.domain.tracked.progress import Criterion, ExecutionEvent, TaskProgress


def events(count):
    return [
        ExecutionEvent(f"2026-01-31T12:00:{n:02}.000+00:00", "action", f"✓ write: {n}") for n in range(count)
    ]


def test_a_task_of_which_nothing_is_known_but_its_name_is_pending():
    task = TaskProgress("t", "claude")
    assert task.to_dict() == {
        "taskId": "t",
        "agentId": "claude",
        "status": "pending",
        "iteration": 0,
        "maxIterations": 20,
        "progress": 0.0,
        "criteriaVerified": 0,
        "criteriaTotal": 0,
        "filesCreated": [],
        "filesModified": [],
        "cost": 0.0,
        "logs": [],
        "startedAt": None,
        "completedAt": None,
    }


def test_two_tasks_made_alike_share_nothing():
    one, other = TaskProgress("t", "a"), TaskProgress("t", "a")
    one.files_created.append("x")
    one.events.extend(events(1))
    assert (other.files_created, other.events) == ([], [])


def test_the_last_ten_events_are_the_log():
    logs = TaskProgress("t", "a", events=events(12)).to_dict()["logs"]
    assert len(logs) == 10
    assert logs[0] == {"time": "12:00:02", "message": "✓ write: 2"}
    assert logs[-1] == {"time": "12:00:11", "message": "✓ write: 11"}


def test_what_is_handed_out_may_be_altered_without_harm():
    task = TaskProgress("t", "a")
    task.to_dict()["filesCreated"].append("x")
    assert task.files_created == []


def test_a_picture_has_the_criteria_and_the_last_five_events():
    task = TaskProgress(
        "t",
        "a",
        status="in_progress",
        iteration=3,
        progress_percent=50.0,
        cost_estimate=1.25,
        criteria=[Criterion("tests pass", "2026-01-31T12:00:00.000+00:00"), Criterion("docs are there")],
        criteria_total=2,
        criteria_verified=1,
        events=events(7),
    )
    assert task.to_graph_ui() == {
        "sessionId": "sess_t",
        "iteration": 3,
        "maxIterations": 20,
        "cost": 1.25,
        "maxCost": 10.0,
        "progress": 50.0,
        "criteria": [
            {"text": "tests pass", "status": "pass"},
            {"text": "docs are there", "status": "pending"},
        ],
        "logs": [{"time": f"12:00:0{n}", "message": f"✓ write: {n}"} for n in range(2, 7)],
        "status": "in_progress",
    }


def test_where_criteria_are_only_counted_the_first_ones_pass():
    task = TaskProgress("t", "a", criteria_total=3, criteria_verified=2)
    assert task.to_graph_ui()["criteria"] == [
        {"text": "Criterion 1", "status": "pass"},
        {"text": "Criterion 2", "status": "pass"},
        {"text": "Criterion 3", "status": "pending"},
    ]


def test_a_picture_has_the_budget_that_was_set():
    assert TaskProgress("t", "a", max_cost=2.5).to_graph_ui()["maxCost"] == 2.5


def test_an_event_as_programs_get_it():
    event = ExecutionEvent("2026-01-31T12:00:00.000+00:00", "error", "ERROR: x", {"error": "x"})
    assert event.to_dict() == {
        "timestamp": "2026-01-31T12:00:00.000+00:00",
        "eventType": "error",
        "message": "ERROR: x",
        "details": {"error": "x"},
    }
