from tests.domain.factories import after, make_task
from trainwatch.domain.status import Status, TaskType


def test_a_title_that_is_reported_replaces_the_one_before():
    assert after(make_task(), title="BERT large").task.title == "BERT large"


def test_a_title_the_user_typed_survives_a_report():
    task = after(make_task(title="mine", title_by_user=True), title="BERT large", name="bert-2").task
    assert (task.title, task.title_by_user, task.reported_name) == ("mine", True, "bert-2")


def test_a_report_that_insists_overwrites_the_title_the_user_typed():
    task = after(make_task(title="mine", title_by_user=True), title="BERT large", overwrite_title=True).task
    assert (task.title, task.title_by_user) == ("BERT large", False)


def test_insisting_without_a_title_overwrites_nothing():
    assert after(make_task(title="mine", title_by_user=True), overwrite_title=True).task.title == "mine"


def test_a_title_that_only_ever_was_the_name_follows_the_name():
    task = after(make_task(), name="bert-2").task
    assert (task.title, task.reported_name) == ("bert-2", "bert-2")
    assert after(make_task(title="BERT large"), name="bert-2").task.title == "BERT large"


def test_a_report_without_a_name_leaves_the_name():
    assert after(make_task(), name=None).task.reported_name == "bert"


def test_a_run_id_once_known_stays():
    task = after(make_task(), run_id="a1").task
    assert after(task, run_id="b2").task.external_id == task.external_id == "a1"


def test_type_and_gpu_are_those_that_were_said_last():
    task = after(make_task(gpu_id=1), type=TaskType.AGENT, gpu_id=2).task
    assert (task.type, task.gpu_id) == (TaskType.AGENT, 2)
    task = after(task).task
    assert (task.type, task.gpu_id) == (TaskType.AGENT, 2)


def test_an_ended_task_can_still_be_named():
    task = make_task(training_status=Status.STOPPED, status_reason="stopped")
    assert after(task, title="BERT large", current_step=9).task.title == "BERT large"
