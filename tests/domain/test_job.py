"""What anybody posts in: a strict job, or what is wrong with each field."""

import dataclasses
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.job import (
    CommandOptions,
    JobSpec,
    Runner,
    SimulatedOptions,
    columns_of,
    from_columns,
    placeholders_of,
)
from trainwatch.domain.job_payload import json_schema, parse_job, payload_of
from trainwatch.domain.template import JOB, MACHINE
from trainwatch.domain.template_file import parse_templates
from trainwatch.errors import InvalidJobError

LEAST = {"name": "bert", "modelName": "BERT base", "epochs": 10}
TEMPLATES = parse_templates("""
[templates.digits]
argv = ["run", "--size", "{size}", "{data}", "--epochs={epochs}"]

[templates.digits.parameters.size]
type = "int"
default = 64
max = 100

[templates.digits.parameters.data]
type = "path"
optional = true

[templates.digits.parameters.epochs]
type = "int"
default = 5
max = 50

[templates.broken]
argv = "run"
""")
FREE = parse_templates("[free]\nenabled = true")


def local(**options: Any) -> dict[str, Any]:
    return {**LEAST, "runner": "local", "options": options}


def problems_of(payload: dict[str, Any], templates: Any = None) -> dict[str, str]:
    with pytest.raises(InvalidJobError) as caught:
        parse_job(payload, templates)
    return caught.value.problems


def test_a_job_is_simulated_and_has_the_usual_figures_unless_said():
    assert parse_job(LEAST) == JobSpec(
        name="bert",
        model_name="BERT base",
        epochs=10,
        steps_per_epoch=100,
        learning_rate=0.001,
        batch_size=32,
        runner=Runner.SIMULATED,
        options=SimulatedOptions(speed=3, fail_at=None, seed=None),
    )


@pytest.mark.parametrize(
    "payload",
    [
        {
            "name": " bert ",
            "modelName": "BERT",
            "epochs": "3",
            "stepsPerEpoch": 20,
            "learningRate": "1e-4",
            "batchSize": 8.0,
            "runner": "Simulated",
            "options": {"speed": "10", "failAt": 30, "seed": 0},
        },
        {
            "name": "bert",
            "model_name": "BERT",
            "epochs": 3,
            "steps_per_epoch": "20",
            "learning_rate": 0.0001,
            "batch_size": 8,
            "options": {"speed": 10, "fail_at": "30", "seed": "0"},
        },
        {
            "name": "bert",
            "model": "BERT",
            "epochs": "3",
            "steps_per_epoch": "20",
            "lr": "0.0001",
            "batch_size": "8",
            "runner": "",
            "speed": "10",
            "fail_at": "30",
            "seed": "0",
            "status": "queued",
        },
    ],
    ids=["camelCase", "snake_case", "a form"],
)
def test_a_job_may_be_written_in_every_usual_way(payload):
    assert parse_job(payload) == JobSpec(
        name="bert",
        model_name="BERT",
        epochs=3,
        steps_per_epoch=20,
        learning_rate=0.0001,
        batch_size=8,
        options=SimulatedOptions(speed=10, fail_at=30, seed=0),
    )


def test_everything_that_is_wrong_is_told_at_once_beside_its_field():
    payload = {
        "name": " ",
        "model_name": "x" * 201,
        "epochs": 0,
        "steps_per_epoch": 1.5,
        "learning_rate": 0,
        "batch_size": True,
        "options": {"speed": 1000, "fail_at": "soon", "sped": 1},
    }
    with pytest.raises(InvalidJobError) as caught:
        parse_job(payload)
    assert caught.value.problems == {
        "name": "is missing",
        "modelName": "may have at most 200 characters",
        "epochs": "must be a whole number from 1 to 100000",
        "stepsPerEpoch": "must be a whole number from 1 to 10000000",
        "learningRate": "must be above 0",
        "batchSize": "must be a whole number from 1 to 1000000000",
        "speed": "must be from 0.01 to 100 points a second",
        "failAt": "must be a whole number from 1 to 9007199254740991",
        "sped": "means nothing here; did you mean speed?",
    }
    assert "learningRate must be above 0; " in caught.value.message


@pytest.mark.parametrize(
    ("change", "field", "why"),
    [
        ({"epochs": None}, "epochs", "is missing"),
        ({"epochs": 100_001}, "epochs", "must be a whole number from 1 to 100000"),
        ({"epochs": [1]}, "epochs", "must be a whole number from 1 to 100000"),
        ({"learningRate": "nan"}, "learningRate", "must be a finite number"),
        ({"learningRate": -1}, "learningRate", "must be above 0"),
        ({"name": "a\0b"}, "name", "holds characters that cannot be stored"),
        ({"name": 3}, "name", "must be text"),
        ({"runner": "kubernetes"}, "runner", "must be one of: simulated, local"),
        ({"runner": ["local"]}, "runner", "must be one of: simulated, local"),
        ({"options": [1]}, "options", "must be an object"),
        ({"options": {"failAt": 1001}}, "failAt", "must be a step, of which there are 1000"),
        ({"options": {"template": "x"}}, "template", "means nothing here; there are failAt, seed, speed"),
        ({"options": {"speed": math.inf}}, "speed", "must be a finite number"),
    ],
)
def test_a_field_that_does_not_do_is_named_with_the_reason(change, field, why):
    assert problems_of({**LEAST, **change}) == {field: why}


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({}, {"template": "is missing"}),
        ({"template": "mnist"}, {"template": "is none of this machine's: digits"}),
        (
            {"template": "broken"},
            {"template": "is broken: templates.toml: templates.broken.argv: must be a list of texts"},
        ),
        ({"template": "digits", "parameters": [1]}, {"parameters": "must be an object"}),
        (
            {"template": "digits", "parameters": {"size": 101, "sise": 1}},
            {
                "parameters.size": "must be at most 100",
                "parameters.sise": "is none of this template's parameters: size, data",
            },
        ),
        (
            {"template": "digits", "parameters": {"data": "-rf"}},
            {"parameters.data": 'must not begin with "-" in this template'},
        ),
        ({"template": "digits", "command": ["x"]}, {
            "command": "must come from a template: free commands are off on this machine",
        }),
        ({"command": "rm -rf"}, {
            "command": "must come from a template: free commands are off on this machine",
        }),
        ({"template": "digits", "gpu": "-1"}, {"gpu": "must be none, any or the number of a GPU, from 0"}),
        ({"template": "digits", "gpu": True}, {"gpu": "must be none, any or the number of a GPU, from 0"}),
    ],
)  # fmt: skip
def test_a_local_job_is_checked_with_the_templates_of_the_machine(options, problems):
    assert problems_of(local(**options), TEMPLATES) == problems


def test_a_template_gives_types_defaults_and_limits():
    job = parse_job({"name": "d", "modelName": "MLP", **local(template="digits")}, TEMPLATES)
    assert job.command == CommandOptions(template="digits", parameters={"size": 64})
    payload = {"name": "d", "model": "MLP", "runner": "local", "template": "digits", "gpu": "any"}
    job = parse_job({**payload, "parameters": {"size": "7", "data": "/x", "nothing": None}}, TEMPLATES)
    assert job.epochs == 5
    assert job.command == CommandOptions(template="digits", parameters={"size": 7, "data": "/x"}, gpu="any")
    assert problems_of({**payload, "epochs": 51}, TEMPLATES) == {"epochs": "must be at most 50"}


@pytest.mark.parametrize(
    ("said", "gpu"), [("0", 0), (0, 0), (" 3 ", 3), ("ANY", "any"), ("none", None), (None, None)]
)
def test_a_gpu_is_none_any_or_a_number_from_0_as_nvidia_smi_counts(said, gpu):
    job = parse_job(local(template="digits", gpu=said), TEMPLATES)
    assert job.command.gpu == gpu
    assert parse_job(payload_of(job), TEMPLATES) == job


def test_a_free_command_is_words_that_no_shell_sees():
    job = parse_job(local(command="python 'my train.py' --lr 1; rm"), FREE)
    assert job.command.command == ("python", "my train.py", "--lr", "1;", "rm")
    assert parse_job(local(command=["echo", "{x}", ""]), FREE).command.command == ("echo", "{x}", "")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("'open", "must be a command: no closing quotation"),
        ([], "must be a program and at most 1000 arguments"),
        (["", "x"], "must be a program and at most 1000 arguments"),
        (["x", 1], "must be texts of at most 2000 characters, without NUL"),
        (["x", "\0"], "must be texts of at most 2000 characters, without NUL"),
        ({"x": 1}, "must be a list of texts, or a line"),
    ],
)
def test_a_free_command_that_is_none_is_refused(command, why):
    assert problems_of(local(command=command), FREE) == {"command": why}


def test_a_job_for_an_agent_is_refused_as_long_as_there_are_none():
    told = {"runner": "must be one of: simulated, local; there are no training agents yet"}
    assert problems_of({**LEAST, "runner": " Agent ", "template": "there"}, TEMPLATES) == told
    assert json_schema()["properties"]["runner"]["enum"] == ["simulated", "local"]


def test_parameters_are_only_values_where_no_template_is_at_hand_to_check_them():
    payload = {**LEAST, "runner": "local", "template": "there", "parameters": {"a": "-x", "b": 0.5}}
    assert parse_job(payload).command == CommandOptions(template="there", parameters={"a": "-x", "b": 0.5})
    payload["parameters"] = {"a": [1], "b": math.nan, "c": 10**400}
    assert list(problems_of(payload)) == ["parameters.a", "parameters.b", "parameters.c"]


def test_a_runner_that_nobody_knows_hides_no_other_mistake():
    assert list(problems_of({"runner": "slurm", "epochs": -1})) == ["epochs", "runner", "name", "modelName"]


def test_a_job_fills_every_placeholder_that_is_no_parameter():
    filled = placeholders_of(parse_job(LEAST), task_id=1, python="p", data_dir="d", trainwatch_examples="e")
    assert set(filled) == {*JOB, *MACHINE}


def test_the_schema_describes_every_field_and_option():
    properties = json_schema()["properties"]
    assert set(properties) == set(payload_of(parse_job(LEAST)))
    assert set(properties["options"]["properties"]) == {
        "speed", "failAt", "seed", "template", "parameters", "command", "gpu",
    }  # fmt: skip
    json.dumps(json_schema())


def test_a_job_is_a_value_that_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        parse_job(LEAST).epochs = 3  # pyright: ignore[reportAttributeAccessIssue]


# There and back

NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=200)
SIMULATED = st.builds(
    SimulatedOptions,
    speed=st.floats(0.01, 100),
    fail_at=st.none() | st.just(1),
    seed=st.none() | st.integers(0, 2**53 - 1),
)
VALUES = (
    st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20) | st.booleans() | st.integers(-9, 9)
)
COMMANDS = st.builds(
    CommandOptions,
    template=NAMES,
    parameters=st.dictionaries(NAMES, VALUES, max_size=3),
    gpu=st.sampled_from([None, "any", 0, 1, 7]),
) | st.builds(CommandOptions, command=st.lists(NAMES, min_size=1, max_size=4).map(tuple))
SPECS = st.builds(
    JobSpec,
    name=NAMES,
    model_name=NAMES,
    epochs=st.integers(1, 100_000),
    steps_per_epoch=st.integers(1, 10_000_000),
    learning_rate=st.floats(0, exclude_min=True, allow_infinity=False),
    batch_size=st.integers(1, 10**9),
)


def jobs(*real: Runner) -> st.SearchStrategy[JobSpec]:
    simulated = st.builds(lambda spec, options: dataclasses.replace(spec, options=options), SPECS, SIMULATED)
    return simulated | st.builds(
        lambda spec, options, runner: dataclasses.replace(spec, options=options, runner=runner),
        SPECS,
        COMMANDS,
        st.sampled_from(real),
    )


@given(jobs(Runner.LOCAL))
def test_a_job_comes_back_from_its_payload(spec):
    assert parse_job(json.loads(json.dumps(payload_of(spec)))) == spec


@given(jobs(Runner.LOCAL, Runner.AGENT))
def test_a_job_comes_back_from_its_columns(spec):
    assert from_columns({**columns_of(spec), "id": 7, "status": "queued"}) == spec


def test_columns_of_another_version_are_read_as_far_as_they_are_understood():
    columns = columns_of(parse_job(LEAST))
    assert from_columns(
        {**columns, "options": '{"speed": 500, "weather": "fine"}'}
    ).simulated == SimulatedOptions(speed=500)


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=9)
)
JSON = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=5), SCALARS, max_size=3)
KEYS = st.sampled_from(
    [
        *LEAST,
        "model_name",
        "steps_per_epoch",
        "lr",
        "batch_size",
        "runner",
        "speed",
        "failAt",
        "command",
        "gpu",
    ]
)


@given(st.dictionaries(KEYS | st.text(), JSON), st.sampled_from([None, TEMPLATES, FREE]))
def test_whatever_is_posted_becomes_a_job_or_is_told(payload, templates):
    try:
        job = parse_job({**LEAST, "template": "digits", **payload}, templates)
    except InvalidJobError:
        return
    assert parse_job(payload_of(job), templates) == job
    assert from_columns(columns_of(job)) == job
