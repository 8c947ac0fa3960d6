"""What a person chooses is put into what the owner of a machine wrote, and into nothing else."""

import dataclasses
import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainwatch.domain.template import JOB, MACHINE, Free, Template, public_view
from trainwatch.domain.template_command import Command, fill, free_command
from trainwatch.domain.template_file import parse_templates
from trainwatch.errors import ForbiddenError, InvalidJobError

BUILTINS = {
    "job_name": "my run",
    "task_id": 7,
    "epochs": 10,
    "steps_per_epoch": 100,
    "learning_rate": 0.001,
    "batch_size": 32,
    "python": "/usr/bin/python3",
    "data_dir": "/data",
    "trainwatch_examples": "/examples",
}


def template_of(argv: list[str], **more: Any) -> Template:
    """Return the template with this `argv` and, say, these `parameters`."""
    lines = ["[templates.it]", f"argv = {json.dumps(argv)}"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in more.items() if not isinstance(value, dict)]
    for name, table in more.get("parameters", {}).items():
        lines.append(f"[templates.it.parameters.{name}]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    if "env" in more:
        lines.append("[templates.it.env]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in more["env"].items()]
    templates = parse_templates("\n".join(lines))
    assert not templates.broken
    return templates.templates["it"]


def filled(argv: list[str], values: dict[str, object] | None = None, **more: Any) -> tuple[str, ...]:
    return fill(template_of(argv, **more), values or {}, BUILTINS).argv


def refused(argv: list[str], values: dict[str, object], **more: Any) -> dict[str, str]:
    with pytest.raises(InvalidJobError) as caught:
        filled(argv, values, **more)
    return caught.value.problems


def one(**parameter: Any) -> dict[str, Any]:
    """Return the table of parameters whose only one is `x`."""
    return {"x": parameter}


def test_every_placeholder_of_trainwatch_is_filled():
    names = [*MACHINE, *JOB]
    assert filled(["run", *(f"--{name}={{{name}}}" for name in names)]) == (
        "run",
        *(f"--{name}={BUILTINS[name]}" for name in names),
    )


def test_a_template_without_placeholders_is_the_command():
    template = template_of(["train"], cwd="/srv", grace_interrupt_s=30, grace_terminate_s=0)
    assert fill(template, {}, BUILTINS) == Command(
        argv=("train",), cwd="/srv", env={}, grace_interrupt_s=30, grace_terminate_s=0
    )


def test_doubled_braces_are_braces():
    assert filled(["run", "{{{x}}}", "{{x}}", "}}{{"], {"x": 3}, parameters=one(type="int")) == (
        "run",
        "{3}",
        "{x}",
        "}{",
    )


def test_a_value_is_not_read_for_placeholders_again():
    assert filled(["run", "{x}", "{job_name}"], {"x": "{job_name} {{ }"}, parameters=one(type="text")) == (
        "run",
        "{job_name} {{ }",
        "my run",
    )


def test_no_shell_sees_a_value():
    evil = "a b; $(touch /tmp/x) `id` \"'\\ * > /dev/null && | # é"
    program = "import sys; sys.stdout.buffer.write(repr(sys.argv[1:]).encode())"
    argv = filled(
        [sys.executable, "-c", program, "--name={x}", "end"], {"x": evil}, parameters=one(type="text")
    )
    told = subprocess.run(argv, capture_output=True, check=True).stdout.decode()
    assert told == repr([f"--name={evil}", "end"])


def test_the_environment_and_the_folder_are_filled_too():
    template = template_of(
        ["run"],
        cwd="{data_dir}/runs/{task_id}",
        parameters=one(type="text", optional=True),
        env={"RATE": "{learning_rate}", "SAID": "{x}", "WORKERS": 4},
    )
    command = fill(template, {"x": "a=b"}, BUILTINS)
    assert (command.cwd, command.env) == ("/data/runs/7", {"RATE": "0.001", "SAID": "a=b", "WORKERS": "4"})
    assert fill(template, {}, BUILTINS).env == {"RATE": "0.001", "WORKERS": "4"}


# Values


@pytest.mark.parametrize(
    ("parameter", "raw", "argument"),
    [
        ({"type": "int"}, 3, "3"),
        ({"type": "int"}, " 3 ", "3"),
        ({"type": "int"}, 3.0, "3"),
        ({"type": "int", "default": 5}, "", "5"),
        ({"type": "float"}, 3, "3"),
        ({"type": "float"}, "1e-5", "1e-05"),
        ({"type": "float"}, "-0.0", "0"),
        ({"type": "float", "default": 0.1}, None, "0.1"),
        ({"type": "bool"}, "on", "true"),
        ({"type": "bool"}, None, "false"),
        ({"type": "bool", "default": True}, False, "false"),
        ({"type": "bool", "flag": "--amp"}, True, "--amp"),
        ({"type": "text"}, "", ""),
        ({"type": "text"}, "  two words ", "  two words "),
        ({"type": "text", "pattern": "[a-z]+"}, "abc", "abc"),
        ({"type": "text", "min": 1, "max": 3}, "abc", "abc"),
        ({"type": "choice", "choices": ["sgd", "adam"]}, "adam", "adam"),
        ({"type": "choice", "choices": [16, 32]}, 32, "32"),
        ({"type": "choice", "choices": [0.5, 1.0]}, "1", "1"),
        ({"type": "path"}, "/a/b c", "/a/b c"),
        ({"type": "path", "within": "/srv/data/"}, "mnist/train", "/srv/data/mnist/train"),
        ({"type": "path", "within": "/srv/data"}, "/srv/data//x", "/srv/data/x"),
    ],
)
def test_values_are_written_as_programs_read_them(parameter, raw, argument):
    assert filled(["run", "{x}"], {"x": raw}, parameters=one(**parameter)) == ("run", argument)


@pytest.mark.parametrize(
    ("parameter", "raw", "why"),
    [
        ({"type": "int"}, None, "is missing"),
        ({"type": "int"}, "", "is missing"),
        ({"type": "int"}, "3.5", "must be a whole number"),
        ({"type": "int"}, True, "must be a whole number"),
        ({"type": "int"}, "1_000", "must be a whole number"),
        ({"type": "int"}, 2**53, "must be a whole number"),
        ({"type": "int"}, [3], "must be a whole number"),
        ({"type": "int", "min": 1, "max": 9}, 10, "must be from 1 to 9"),
        ({"type": "int", "min": 1}, 0, "must be at least 1"),
        ({"type": "float", "max": 0.5}, "0.6", "must be at most 0.5"),
        ({"type": "float"}, "nan", "must be a finite number"),
        ({"type": "float"}, "1e999", "must be a finite number"),
        ({"type": "bool"}, "perhaps", "must be true or false"),
        ({"type": "text"}, None, "is missing"),
        ({"type": "text"}, 3, "must be one line of text without control characters"),
        ({"type": "text"}, "a\0b", "must be one line of text without control characters"),
        ({"type": "text"}, "a\nb", "must be one line of text without control characters"),
        ({"type": "text"}, "\ud800", "must be one line of text without control characters"),
        ({"type": "text"}, "x" * 2001, "must have at most 2000 characters"),
        ({"type": "text", "min": 1}, "", "is missing"),
        ({"type": "text", "min": 3}, "ab", "must have at least 3 characters"),
        ({"type": "text", "pattern": "[a-z]+"}, "abc1", "must match [a-z]+"),
        ({"type": "choice", "choices": ["sgd", "adam"]}, "Adam", "must be one of: sgd, adam"),
        ({"type": "choice", "choices": ["sgd"]}, ["sgd"], "must be one of: sgd"),
        ({"type": "path"}, "", "is missing"),
        ({"type": "path", "within": "/srv"}, "../etc", "must stay within the folder that the template names"),
        (
            {"type": "path", "within": "/srv"},
            "/srvx/a",
            "must stay within the folder that the template names",
        ),
        ({"type": "path", "within": "/srv"}, "a/../b", "must stay within the folder that the template names"),
        ({"type": "path", "within": "/srv"}, "/etc", "must stay within the folder that the template names"),
    ],
)
def test_a_value_that_does_not_do_is_named_with_the_reason(parameter, raw, why):
    assert refused(["run", "{x}"], {"x": raw}, parameters=one(**parameter)) == {"parameters.x": why}


def test_everything_that_is_wrong_is_told_at_once():
    parameters = {"a": {"type": "int"}, "b": {"type": "int", "max": 3}, "epochs": {"type": "int"}}
    assert refused(["run"], {"b": 4, "c": 1, "epochs": 3}, parameters=parameters) == {
        "parameters.a": "is missing",
        "parameters.b": "must be at most 3",
        "parameters.c": "is none of this template's parameters: a, b",
        "parameters.epochs": "is a field of the job itself",
    }


def test_a_template_may_limit_the_fields_that_every_job_has():
    parameters = {"epochs": {"type": "int", "max": 5}, "learning_rate": {"type": "float", "min": 0.01}}
    assert refused(["run", "{epochs}"], {}, parameters=parameters) == {
        "epochs": "must be at most 5",
        "learningRate": "must be at least 0.01",
    }
    assert filled(["run", "{epochs}"], parameters={"epochs": {"type": "int", "max": 10}}) == ("run", "10")


# What is left out, and what may be an option


def test_an_argument_whose_optional_value_is_not_given_is_left_out():
    argv = ["run", "--resume={x}", "end"]
    assert filled(argv, {}, parameters=one(type="path", optional=True)) == ("run", "end")
    assert filled(argv, {"x": "a b"}, parameters=one(type="path", optional=True)) == (
        "run",
        "--resume=a b",
        "end",
    )
    assert filled(["run", "{x}"], {"x": "no"}, parameters=one(type="bool", flag="--amp")) == ("run",)


@pytest.mark.parametrize("argument", ["{x}", "{x}.txt", "{y}{x}"])
@pytest.mark.parametrize(
    "parameter", [{"type": "text"}, {"type": "path"}, {"type": "choice", "choices": ["-x"]}]
)
def test_a_value_cannot_become_an_option(argument, parameter):
    parameters = {"x": parameter, "y": {"type": "text", "default": ""}}
    told = refused(["run", argument], {"x": "-x"}, parameters=parameters)
    assert told == {"parameters.x": 'must not begin with "-" in this template'}
    parameters["x"] = {**parameter, "allow_dash": True}
    assert filled(["run", argument], {"x": "-x"}, parameters=parameters)[1].startswith("-x")


def test_an_empty_value_cannot_leave_an_option_behind():
    parameters = one(type="text", default="")
    told = refused(["run", "{x}--force"], {"x": ""}, parameters=parameters)
    assert told == {"parameters.x": "must not be empty in this template"}
    assert filled(["run", "{x}--force"], {"x": "a"}, parameters=parameters) == ("run", "a--force")


def test_a_value_within_an_argument_may_begin_with_a_dash():
    assert filled(["run", "--x={x}"], {"x": -5}, parameters=one(type="int")) == ("run", "--x=-5")


def test_the_name_of_a_job_cannot_become_an_option():
    with pytest.raises(InvalidJobError) as caught:
        fill(template_of(["run", "{job_name}"]), {}, {**BUILTINS, "job_name": "--delete"})
    assert caught.value.problems == {"name": 'must not begin with "-" in this template'}


PIECES = st.lists(
    st.sampled_from(["{a}", "{b}", "{n}", "{job_name}", "{{", "}}", "=", "x", " ", "--y"]), max_size=4
)
ARGUMENTS = st.lists(PIECES.map("".join), max_size=5)
TEXTS = st.text(max_size=20) | st.sampled_from(
    ["{a}", "{b}", "-rf", "--", "; rm", "a b", "{{", "$(id)", "'", '"']
)


@given(ARGUMENTS, TEXTS, TEXTS, st.integers(-9, 9), TEXTS)
@example(["{a}--y"], "", "", 0, "")
def test_no_value_makes_an_argument_or_touches_another(arguments, a, b, n, name):
    parameters = {"a": {"type": "text"}, "b": {"type": "text"}, "n": {"type": "int"}}
    text = "\n".join(
        ["[templates.it]", f"argv = {json.dumps(['run', *arguments])}"]
        + [f"[templates.it.parameters.{key}]\ntype = '{table['type']}'" for key, table in parameters.items()]
    )
    template = parse_templates(text).templates.get("it")
    if template is None:
        return  # a value would have chosen the option
    values, builtins = {"a": a, "b": b, "n": n}, {**BUILTINS, "job_name": name}
    try:
        argv = fill(template, values, builtins).argv
    except InvalidJobError:
        dashed = [value for value in (a, b, str(n), name) if not value or value.startswith("-")]
        assert dashed or not (a.isprintable() and b.isprintable())
        return
    assert argv[0] == "run"
    assert len(argv) == len(template.argv)
    for argument, written in zip(arguments, argv[1:], strict=True):
        # format_map reads a template in one pass and its values never, which is what is wanted
        assert written == argument.format_map({**builtins, **values})
        assert not written.startswith("-") or argument.startswith("-")


# Free commands, and what a browser sees


def test_free_commands_need_the_owner_to_say_so():
    with pytest.raises(ForbiddenError, match="free commands are off"):
        free_command(Free(), ["rm"], BUILTINS)


def test_a_free_command_is_taken_as_it_is():
    free = Free(enabled=True, cwd="{data_dir}/free")
    assert free_command(free, ["echo", "{x}", "-n", "a b"], BUILTINS) == Command(
        argv=("echo", "{x}", "-n", "a b"), cwd="/data/free"
    )


def test_a_browser_sees_how_to_fill_in_a_template_and_nothing_of_what_is_executed():
    template = template_of(
        ["SECRET-program", "--token=SECRET", "{x}", "{y}"],
        title="Train",
        description="For you",
        cwd="/SECRET",
        env={"KEY": "SECRET"},
        requires=["SECRET"],
        parameters={
            "x": {"type": "path", "within": "/SECRET", "help": "Where"},
            "y": {"type": "bool", "flag": "--SECRET"},
        },
    )
    view = public_view(template, missing=["torch"])
    assert "SECRET" not in json.dumps(view)
    assert (view["name"], view["title"], view["help"], view["missing"]) == (
        "it",
        "Train",
        "For you",
        ["torch"],
    )
    assert [(each["name"], each["type"], each["help"]) for each in view["parameters"]] == [
        ("x", "path", "Where"),
        ("y", "bool", None),
    ]


def test_a_template_is_a_value_that_does_not_change():
    with pytest.raises(dataclasses.FrozenInstanceError):
        template_of(["run"]).title = "x"  # pyright: ignore[reportAttributeAccessIssue]
