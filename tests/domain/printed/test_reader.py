import math
import re
from pathlib import Path

import pytest

from trainwatch.domain.printed.observation import Observation
from trainwatch.domain.printed.reader import RULE_NAMES, Reader


def read(*lines):
    """Return what a new reader observes in `lines`."""
    reader = Reader()
    found = [reader.feed(line) for line in lines]
    return [each for each in [*found, reader.flush()] if each is not None]


def bar(done, total, *, label="", rest=""):
    percent = f"{100 * done // total}%|████      | " if total else ""
    count = f"{done}/{total}" if total else f"{done}it"
    middle = "00:10<00:12, 43.21it/s" if total else "00:10, 43.21it/s"
    return f"{label + ': ' if label else ''}{percent}{count} [{middle}{rest}]"


def last(*lines):
    return read(*lines)[-1]


@pytest.mark.parametrize(
    ("line", "metrics"),
    [
        ("loss: 0.5", {"loss": 0.5}),
        ("loss=0.5 acc=0.9", {"loss": 0.5, "accuracy": 0.9}),
        ("Loss 0.5", {"loss": 0.5}),
        ("LOSS = 5e-1", {"loss": 0.5}),
        (
            "Train Loss: 0.5 | Val Loss: 0.6 | Val Acc: 91.5%",
            {"train_loss": 0.5, "val_loss": 0.6, "val_accuracy": 0.915},
        ),
        ("validation loss=0.6, training loss=0.5", {"val_loss": 0.6, "train_loss": 0.5}),
        ("Avg. loss: 0.5", {"loss": 0.5}),
        ("train/loss: 0.5 val/acc: 0.9", {"train/loss": 0.5, "val/acc": 0.9}),
        ("loss=nan acc=-inf", {"loss": math.nan, "accuracy": -math.inf}),
        ("loss: 0.5 lr: 1e-4 grad_norm: 1.5", {"loss": 0.5, "learning_rate": 1e-4, "grad_norm": 1.5}),
        ("loss: 0.5 time: 3.2 port: 8080 memory: 512 batch 5", {"loss": 0.5}),
        ("loss: 0.5 (12.5 MB) size: 3.5MB took 20ms", {"loss": 0.5}),
        ("12:30:45 loss: 0.5 at 10.0.0.1:8080", {"loss": 0.5}),
        ("2025-01-01 12:00:00,123 - root - INFO - perplexity: 12.5", {"perplexity": 12.5}),
        ("[rank0] mean reward: 12.5 ep_len: 200", {"reward": 12.5, "ep_len": 200}),
        ("{'loss': 0.5, 'acc': 0.9}", {"loss": 0.5, "accuracy": 0.9}),
        ('INFO {"loss": 0.5, "lr": 0.1}', {"loss": 0.5, "learning_rate": 0.1}),
        ("ELBO=-1234.5", {"elbo": -1234.5}),
        ("loss_cls: 0.1, loss_box: 0.2", {"loss_cls": 0.1, "loss_box": 0.2}),
    ],
)
def test_pairs_on_a_line_about_training_are_metrics(line, metrics):
    assert dict(last(line).metrics) == pytest.approx(metrics, nan_ok=True)


@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("Epoch 3/10", {"epoch": 3, "total_epochs": 10, "progress": 0.2}),
        ("===== Epoch 3 of 10 =====", {"epoch": 3, "total_epochs": 10, "progress": 0.2}),
        ("2025-01-01 12:00:00,123 - INFO - Epoch [3/10]", {"epoch": 3, "total_epochs": 10, "progress": 0.2}),
        ("Epoch 3:", {"epoch": 3}),
        ("step 400/1000", {"step": 400, "total_steps": 1000, "progress": 0.4}),
        ("Iteration: 400 / 1000", {"step": 400, "total_steps": 1000, "progress": 0.4}),
        ("[400/1000]", {"step": 400, "total_steps": 1000, "progress": 0.4}),
        ("[ 400/1000] loss: 0.5", {"step": 400, "total_steps": 1000, "progress": 0.4}),
        ("Training: 45%", {"progress": 0.45}),
        ("progress 45.5 %", {"progress": 0.455}),
        (
            "Epoch 3/10, step 50/100: loss 0.5",
            {"step": 250, "total_steps": 1000, "epoch": 3, "progress": 0.25},
        ),
        ("step 400: loss 0.5", {"step": 400}),
        ("Epoch 0/9", {"epoch": 1, "total_epochs": 10, "progress": 0}),
    ],
)
def test_a_line_may_say_where_the_job_stands(line, where):
    observation = last(line)
    assert {name: getattr(observation, name) for name in where} == pytest.approx(where)


def test_the_rule_that_understood_is_told():
    assert [each.rule for each in read(bar(1, 10), "loss: 0.5")] == ["tqdm", "text"]


def test_a_bar_gives_step_progress_and_the_time_left():
    assert last(bar(45, 100, rest=", loss=0.5")) == Observation(
        rule="tqdm", metrics={"loss": 0.5}, step=45, total_steps=100, progress=0.45, eta_seconds=12
    )


def test_a_bar_of_unknown_length_only_counts():
    assert last(bar(450, None, rest=", loss=0.5")) == Observation(
        rule="tqdm", metrics={"loss": 0.5}, step=450
    )


def test_a_bar_within_a_bar_makes_epochs_and_steps_of_the_whole_run():
    lines = [bar(0, 4), bar(0, 50), bar(50, 50), bar(1, 4), bar(25, 50)]
    assert last(*lines) == Observation(
        rule="tqdm", step=75, total_steps=200, epoch=2, total_epochs=4, progress=0.375
    )


def test_a_bar_that_starts_again_is_counted_on_and_its_progress_is_not_known():
    again = last(bar(0, 50), bar(50, 50), bar(0, 50), bar(10, 50))
    assert (again.step, again.total_steps, again.progress, again.eta_seconds) == (60, None, None, None)


def test_a_bar_whose_label_counts_the_epochs_makes_progress_of_all():
    assert last(bar(50, 50, label="Epoch 1/4"), bar(25, 50, label="Epoch 2/4")).progress == 0.375


def test_epochs_that_count_from_zero_are_shown_from_one():
    assert [each.epoch for each in read(bar(1, 50, label="Epoch 0"), bar(1, 50, label="Epoch 1"))] == [1, 2]


def test_a_validation_moves_nothing_and_its_metrics_are_named_so():
    before = last(bar(25, 50, label="Epoch 1/4"))
    after = last(bar(25, 50, label="Epoch 1/4"), bar(5, 10, label="Validating", rest=", loss=0.7"))
    assert after.metrics == {"val_loss": 0.7}
    assert (after.step, after.progress) == (before.step, before.progress)


@pytest.mark.parametrize(
    "label",
    ["Downloading", "Map", "Map (num_proc=4)", "Loading checkpoint shards", "Extracting", "config.json"],
)
def test_a_bar_of_preparation_says_nothing(label):
    assert read(bar(5, 10, label=label), bar(10, 10, label=label)) == []


def test_an_unnamed_bar_before_the_training_is_forgotten_when_the_training_begins():
    lines = [bar(0, 30), bar(30, 30), bar(0, 200, rest=", loss=2"), bar(100, 200, rest=", loss=1")]
    assert (last(*lines).step, last(*lines).progress) == (100, 0.5)
    assert last(bar(0, 30), bar(30, 30), "Epoch 1/10 loss: 0.5").progress == 0


def test_an_evaluation_bar_in_the_midst_of_the_training_bar_moves_nothing():
    lines = [bar(0, 100), bar(50, 100), bar(0, 10), bar(10, 10), bar(51, 100)]
    assert [each.step for each in read(*lines)] == [0, 50, 51]


def test_the_trainers_numbers_are_put_to_the_step_of_the_bar_that_follows():
    logged = "{'loss': '0.5', 'grad_norm': '1.5', 'learning_rate': '5e-05', 'epoch': '0.5'}"
    found = read(bar(0, 100), bar(48, 100), logged, bar(50, 100), bar(51, 100))
    assert [(each.rule, each.step) for each in found] == [
        ("tqdm", 0),
        ("tqdm", 48),
        ("huggingface", 50),
        ("tqdm", 51),
    ]
    assert found[2].metrics == {"loss": 0.5, "grad_norm": 1.5, "learning_rate": 5e-5}
    assert found[2].epoch == 1


def test_what_is_held_can_be_had_when_the_output_pauses():
    reader = Reader()
    reader.feed(bar(50, 100))
    assert reader.feed("{'loss': 0.5, 'learning_rate': 5e-05, 'epoch': 0.5}") is None
    held = reader.flush()
    assert held is not None
    assert (held.metrics, held.step) == ({"loss": 0.5, "learning_rate": 5e-5}, 50)
    assert reader.flush() is None


def test_a_specific_rule_is_believed_before_a_general_one():
    keras = "100/100 ━━━━━━━━━━━━━━━━━━━━ 1s 2ms/step - loss: 0.5 - val_loss: 0.6"
    found = read("Epoch 1/2", keras, "epoch 7 loss: 99 mae: 0.3")
    assert found[-1].metrics == {"mae": 0.3}
    assert found[-1].step == 100


def test_the_steps_of_a_keras_evaluation_after_the_training_are_not_those_of_the_training():
    keras = "{}/{} ━━━━━━━━━━━━━━━━━━━━ 1s 2ms/step - loss: 0.5"
    assert len(read("Epoch 1/1", keras.format(100, 100), keras.format(10, 50), keras.format(50, 50))) == 2


def test_progress_does_not_fall_when_a_late_line_comes():
    found = read("step 400/1000 loss: 0.5", "step 390/1000 loss: 0.6", "step 410/1000 loss: 0.4")
    assert [each.step for each in found] == [400, 410]


def test_steps_that_go_on_over_the_epochs_are_those_of_the_run():
    found = read(
        "epoch 1/2 step 50/200 loss: 1.5", "epoch 1/2 step 99/200 loss: 1", "epoch 2/2 step 150/200 loss: 0.5"
    )
    assert (found[-1].step, found[-1].total_steps, found[-1].progress) == (150, 200, 0.75)


def test_a_second_training_after_the_first_has_no_known_progress():
    assert last("Epoch 1/2", "Epoch 2/2", "Epoch 1/2").progress is None


@pytest.mark.parametrize(
    ("lines", "failure"),
    [
        (
            [
                "Traceback (most recent call last):",
                '  File "train.py", line 3, in <module>',
                "    loss = 0.5",
                "           ^^^",
                "ValueError: loss: nan",
            ],
            "ValueError: loss: nan",
        ),
        (
            [
                "[rank0]: Traceback (most recent call last):",
                '[rank0]:   File "train.py", line 3, in <module>',
                "[rank0]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB.",
            ],
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB.",
        ),
        (["Traceback (most recent call last):", '  File "a.py", line 1', "AssertionError"], "AssertionError"),
        (["RuntimeError: CUDA out of memory."], "RuntimeError: CUDA out of memory."),
        (["Killed"], "Killed"),
        (
            ["run.sh: line 3:  4242 Killed                  python train.py"],
            "run.sh: line 3:  4242 Killed                  python train.py",
        ),
        (["Segmentation fault (core dumped)"], "Segmentation fault (core dumped)"),
        (["ModuleNotFoundError: No module named 'torch'"], "ModuleNotFoundError: No module named 'torch'"),
    ],
)
def test_a_line_that_may_explain_a_failure_is_kept(lines, failure):
    assert read(*lines) == [Observation(rule="failure", failure=failure)]


def test_a_keyboard_interrupt_is_no_failure():
    assert read("Traceback (most recent call last):", '  File "a.py", line 1', "KeyboardInterrupt") == []


def test_the_last_of_several_exceptions_comes_last():
    first = ["Traceback (most recent call last):", '  File "a.py", line 1', "KeyError: 'a'", ""]
    again = [
        "During handling of the above exception, another exception occurred:",
        "",
        *first[:2],
        "ValueError: b",
    ]
    assert [each.failure for each in read(*first, *again)] == ["KeyError: 'a'", "ValueError: b"]


def test_training_goes_on_after_a_traceback_that_was_only_printed():
    lines = [
        "Traceback (most recent call last):",
        '  File "a.py", line 1',
        "KeyError: 'a'",
        "epoch 2 loss: 0.5",
    ]
    assert last(*lines).metrics == {"loss": 0.5}


def test_every_rule_is_in_the_document_in_the_order_in_which_they_are_asked():
    document = Path(__file__).parents[3] / "docs" / "printed.md"
    told = re.findall(
        r"^\| `([\w-]+)` \|", document.read_text(encoding="utf-8").partition("## Names")[0], re.MULTILINE
    )
    assert tuple(told) == RULE_NAMES
