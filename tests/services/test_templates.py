"""The file of templates on a real disk, and the templates that ship, which really train."""

import os
import re
import signal
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest

from trainwatch.domain.job import JobSpec, placeholders_of
from trainwatch.domain.job_payload import parse_job
from trainwatch.domain.template import JOB, MACHINE
from trainwatch.domain.template_command import Command, fill
from trainwatch.domain.template_file import (
    FILE_NAME,
    FREE_KEYS,
    KEYS_OF_TYPE,
    PARAMETER_KEYS,
    TEMPLATE_KEYS,
    parse_templates,
)
from trainwatch.domain.template_parameter import ParameterType
from trainwatch.errors import ConflictError, InvalidJobError
from trainwatch.services.commands import command_of
from trainwatch.services.templates import (
    LARGEST_FILE_BYTES,
    examples_folder,
    missing_modules,
    provide_templates,
    read_templates,
)

LINE = re.compile(r"epoch (\d+)/(\d+) step (\d+)/(\d+) loss=(\d+\.\d{4}) accuracy=([01]\.\d{4})")


def shipped_job(data_dir: Path, template: str, **fields: object) -> tuple[JobSpec, Command]:
    """Return a job by a template that ships, and its command, as a server makes them."""
    provide_templates(data_dir)
    templates = read_templates(data_dir)
    spec = parse_job(
        {"name": "it", "model": "small", "runner": "local", "template": template, **fields}, templates
    )
    placeholders = placeholders_of(
        spec,
        task_id=1,
        python=sys.executable,
        data_dir=str(data_dir),
        trainwatch_examples=str(examples_folder()),
    )
    return spec, fill(templates.named(template), spec.command.parameters, placeholders)


def test_a_new_data_directory_gets_the_templates_that_ship(tmp_path):
    assert provide_templates(tmp_path) == tmp_path / FILE_NAME
    templates = read_templates(tmp_path)
    assert (list(templates.templates), templates.broken, templates.problems) == (["digits", "torch"], {}, ())
    assert templates.free.enabled is False
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_a_file_that_is_there_stays_as_its_owner_wrote_it(tmp_path):
    (tmp_path / FILE_NAME).write_text("[templates.mine]\nargv = ['train']\n")
    provide_templates(tmp_path)
    assert list(read_templates(tmp_path).templates) == ["mine"]


def test_a_change_of_the_file_is_seen_at_once(tmp_path):
    path = provide_templates(tmp_path)
    path.write_text("[templates.mine]\nargv = ['train']\n")
    assert list(read_templates(tmp_path).templates) == ["mine"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\xff", "templates.toml is no UTF-8, from byte 0 on"),
        (b"#" * (LARGEST_FILE_BYTES + 1), "templates.toml is larger than 1 MiB"),
        (None, "there is no templates.toml in the data directory"),
    ],
)
def test_a_file_that_cannot_be_read_offers_nothing_and_says_why(tmp_path, content, told):
    if content is not None:
        (tmp_path / FILE_NAME).write_bytes(content)
    templates = read_templates(tmp_path)
    assert (templates.problems, templates.templates) == ((told,), {})


def test_a_folder_in_the_place_of_the_file_is_told(tmp_path):
    (tmp_path / FILE_NAME).mkdir()
    assert read_templates(tmp_path).problems == ("templates.toml cannot be read: Is a directory",)


def test_what_a_template_requires_and_this_python_lacks_is_told():
    text = '[templates.it]\nargv = ["x"]\nrequires = ["json.decoder", "no_such_module.part", "sklearn"]'
    assert missing_modules(parse_templates(text).templates["it"]) == ["no_such_module.part"]


def test_the_scripts_that_ship_report_nothing_by_themselves():
    for script in examples_folder().glob("plain_*.py"):
        imported = re.findall(r"^(?:import|from) ([\w.]+)", script.read_text(encoding="utf-8"), re.MULTILINE)
        assert not {"urllib", "http", "requests", "socket", "trainwatch"} & set(imported), script.name


def check_training(printed: str, spec: JobSpec) -> None:
    lines = [LINE.fullmatch(line) for line in printed.splitlines() if line.startswith("epoch")]
    points = [match.groups() for match in lines if match]
    assert len(points) == len(lines)
    assert [int(point[2]) for point in points] == list(range(1, int(points[0][3]) + 1))
    assert (points[-1][0], points[-1][1]) == (str(spec.epochs), str(spec.epochs))
    assert float(points[-1][4]) < float(points[0][4]) / 2
    assert float(points[-1][5]) > 0.8 > float(points[0][5])


def test_the_digits_really_train(tmp_path):
    spec, command = shipped_job(tmp_path, "digits", epochs=3, parameters={"pause": 0})
    done = subprocess.run(command.argv, capture_output=True, text=True, check=True, timeout=60, cwd=tmp_path)
    assert spec.batch_size == 64
    check_training(done.stdout, spec)


def test_the_digits_end_politely_when_interrupted(tmp_path):
    _, command = shipped_job(tmp_path, "digits", epochs=1000, parameters={"pause": 0.01})
    with subprocess.Popen(command.argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert (process.returncode, told) == (130, "interrupted\n")


@pytest.mark.slow
def test_the_pictures_really_train_where_torch_is_installed_and_say_so_elsewhere(tmp_path):
    spec, command = shipped_job(
        tmp_path, "torch", epochs=2, steps_per_epoch=40, parameters={"device": "cpu", "amp": True}
    )
    assert command.argv[-1] == "--amp"
    if missing_modules(read_templates(tmp_path).named("torch")):
        with pytest.raises(ConflictError, match="the template torch needs torch, which is not installed"):
            command_of(spec, 1, tmp_path)
        return
    done = subprocess.run(command.argv, capture_output=True, text=True, check=True, timeout=120, cwd=tmp_path)
    check_training(done.stdout, spec)


# docs/templates.md

GUIDE = (Path(__file__).parent.parent.parent / "docs" / "templates.md").read_text(encoding="utf-8")


def test_the_template_of_the_guide_is_one():
    for example in re.findall(r"^```toml\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL):
        templates = parse_templates(example)
        assert (templates.broken, templates.problems) == ({}, ())
        assert templates.templates or templates.free.enabled


def test_every_placeholder_is_in_the_guide_in_the_same_words():
    rows = re.findall(r"^\| `\{(\w+)\}` \| (.*) \|$", GUIDE, re.MULTILINE)
    assert rows == list({**MACHINE, **JOB}.items())


def test_every_type_and_every_key_is_in_the_guide():
    documented = set(
        re.findall(
            r"[a-z_]+", " ".join(re.findall(r"`[^`\n]+`|^```toml.*?^```$", GUIDE, re.MULTILINE | re.DOTALL))
        )
    )
    keys = {*TEMPLATE_KEYS, *FREE_KEYS, *PARAMETER_KEYS, *chain(*KEYS_OF_TYPE.values())}
    assert keys | set(ParameterType) <= documented


def test_a_file_that_others_may_write_offers_nothing_and_says_what_to_do(tmp_path):
    path = provide_templates(tmp_path)
    path.chmod(0o622)
    told = f"templates.toml is not obeyed: the file {path} may be changed by others (mode 622): chmod go-w {path}"
    assert read_templates(tmp_path).problems == (told,)
    with pytest.raises(InvalidJobError, match="template cannot be had"):
        read_templates(tmp_path).named("digits")
    path.chmod(0o600)
    assert list(read_templates(tmp_path).templates) == ["digits", "torch"]


def test_a_named_pipe_in_its_place_makes_nobody_wait(tmp_path):
    os.mkfifo(tmp_path / FILE_NAME, 0o600)
    assert read_templates(tmp_path).templates == {}
