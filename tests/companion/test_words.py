"""A command line is shown as it was typed, without what looks like a secret."""

import pytest

from trainwatch.companion.words import HIDDEN, LONGEST_NAME, name_of, shown


@pytest.mark.parametrize(
    "command",
    [
        "python train.py --lr 3e-4 --epochs=10",
        "torchrun --nproc-per-node 8 train.py --tokenizer bert-base-uncased --max-tokens 2048",
        "python -m train data=/data/imagenet/2012 model.path=./checkpoints/step_000100.pt",
        "python train.py --keyword loss --author ada --monkey 3 --passes 2",
        "accelerate launch --config_file deepspeed_zero3.yaml run_clm.py --model_name_or_path meta-llama/Llama-2-7b-hf",
        "python train.py https://example.org/data.tar.gz --seed 20260131",
    ],
)
def test_what_is_no_secret_is_shown(command: str):
    assert shown(command.split()) == command


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("train --api-key hunter2", f"train --api-key {HIDDEN}"),
        ("train --api-key=hunter2 x", f"train --api-key={HIDDEN} x"),
        ("train --wandb_token hunter2", f"train --wandb_token {HIDDEN}"),
        ("env HF_TOKEN=hunter2 train", f"env HF_TOKEN={HIDDEN} train"),
        ("train --password hunter2 --lr 1", f"train --password {HIDDEN} --lr 1"),
        ("train --password --lr 1", "train --password --lr 1"),
        ("train logger.api_key=hunter2", f"train logger.api_key={HIDDEN}"),
        ("train postgresql://ada:hunter2@db/x", f"train postgresql://{HIDDEN}@db/x"),
        ("train hf_hunter2HUNTER2hunter2HUNTER2hunt", f"train {HIDDEN}"),
        ("train ghp_hunter2HUNTER2hunter2HUNTER2hunt", f"train {HIDDEN}"),
        ("train AKIAHUNTER2HUNTER2HUN", f"train {HIDDEN}"),
        ("train 0123456789abcdef0123456789abcdef", f"train {HIDDEN}"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(command: str, said: str):
    assert shown(command.split()) == said


def test_a_header_on_a_command_line_is_hidden():
    assert "hunter2" not in shown(["curl", "-H", "Authorization: Bearer hunter2", "x"])


def test_words_are_quoted_as_a_shell_would_take_them():
    assert shown(["python", "-c", "print('a b')"]) == """python -c 'print('"'"'a b'"'"')'"""


def test_a_name_is_short_and_has_no_folders_before_its_program():
    assert name_of(["/opt/venv/bin/python", "train.py"]) == "python train.py"
    assert len(name_of(["python", "x" * 500])) == LONGEST_NAME
    assert name_of(["./run\udcff.sh", "a\nb"]).isprintable()
