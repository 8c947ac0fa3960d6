"""What owners of machines get wrong in `templates.toml`, and what they are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainwatch.domain.template import GRACE_INTERRUPT_S, GRACE_TERMINATE_S, Free, Template
from trainwatch.domain.template_file import parse_templates
from trainwatch.domain.template_parameter import Parameter, ParameterType

GOOD = """
[templates.good]
argv = ["train"]
"""


def test_a_whole_template_is_read():
    templates = parse_templates("""
        [free]
        enabled = true
        cwd = "/srv/free"
        grace_terminate_s = 1

        [templates.digits]
        title = "Digits"
        description = "Handwritten digits"
        argv = ["{python}", "{trainwatch_examples}/plain_digits.py", "--epochs", "{epochs}", "--{{", "{size}"]
        cwd = "{data_dir}"
        env = { OMP_NUM_THREADS = 2, RATE = "{learning_rate}" }
        grace_interrupt_s = 30
        grace_terminate_s = 2.5
        requires = ["sklearn", "sklearn.datasets"]

        [templates.digits.parameters.size]
        type = "int"
        default = 64
        min = 1
        max = 4096
        help = "Hidden units"
    """)
    size = Parameter(name="size", type=ParameterType.INT, default=64, min=1, max=4096, help="Hidden units")
    assert (templates.broken, templates.problems) == ({}, ())
    assert templates.free == Free(enabled=True, cwd="/srv/free", grace_terminate_s=1)
    assert templates.templates["digits"] == Template(
        name="digits",
        title="Digits",
        help="Handwritten digits",
        argv=("{python}", "{trainwatch_examples}/plain_digits.py", "--epochs", "{epochs}", "--{{", "{size}"),
        cwd="{data_dir}",
        env={"OMP_NUM_THREADS": "2", "RATE": "{learning_rate}"},
        grace_interrupt_s=30,
        grace_terminate_s=2.5,
        requires=("sklearn", "sklearn.datasets"),
        parameters={"size": size},
    )


def test_all_but_the_command_may_be_left_out():
    templates = parse_templates(GOOD)
    good = Template(name="good", title="good", argv=("train",))
    assert templates.templates == {"good": good}
    assert templates.free == Free(enabled=False)
    assert (good.grace_interrupt_s, good.grace_terminate_s) == (GRACE_INTERRUPT_S, GRACE_TERMINATE_S)


def test_an_empty_file_offers_nothing():
    templates = parse_templates("")
    assert (templates.templates, templates.broken, templates.problems) == ({}, {}, ())


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ('argv = "python train.py"', "bad.argv: must be a list of texts"),
        ("argv = []", "bad.argv: is missing: the program and its arguments, as a list of texts"),
        ('argv = ["", "x"]', "bad.argv: is missing: the program and its arguments, as a list of texts"),
        ('title = "no command"', "bad.argv: is missing: the program and its arguments, as a list of texts"),
        ('argv = ["run", 3]', "bad.argv: must be a list of texts"),
        ('argv = ["run", "a\\u0000"]', "bad.argv: must be a list of texts"),
        ('arg = ["run"]', "bad.arg: means nothing here; did you mean argv?"),
        (
            'argv = ["run", "{lr}"]',
            "bad.argv[1]: {lr} is neither a parameter nor a placeholder of TrainWatch's",
        ),
        ('argv = ["run", "{"]', "bad.argv[1]: has a lone {; write {{ for the character itself"),
        ('argv = ["run", "a}"]', "bad.argv[1]: has a lone }; write }} for the character itself"),
        ('argv = ["run", "{Upper}"]', "bad.argv[1]: has a lone {; write {{ for the character itself"),
        (
            'argv = ["{job_name}"]',
            "bad.argv[0]: {job_name} may not stand here: it is for the owner to choose",
        ),
        (
            'argv = ["run", "--{job_name}"]',
            "bad.argv[1]: {job_name} would choose the option; allow_dash = true lets it",
        ),
        ('argv = ["run"]\ntitle = 3', "bad.title: must be text"),
        ('argv = ["run"]\ntitle = " "', "bad.title: must be text"),
        ('argv = ["run"]\ncwd = "runs"', "bad.cwd: must be an absolute path, or begin with {data_dir}"),
        (
            'argv = ["run"]\ncwd = "/x/{job_name}"',
            "bad.cwd: {job_name} may not stand here: it is for the owner to choose",
        ),
        ('argv = ["run"]\nenv = ["A=b"]', "bad.env: must be a table"),
        ('argv = ["run"]\nenv = { "A B" = "c" }', "bad.env.A B: is no name of a variable"),
        ('argv = ["run"]\nenv = { A = ["b"] }', "bad.env.A: must be text"),
        (
            'argv = ["run"]\nenv = { A = "{b}" }',
            "bad.env.A: {b} is neither a parameter nor a placeholder of TrainWatch's",
        ),
        (
            'argv = ["run"]\nenv = { TRAINWATCH_URL = "x" }',
            "bad.env.TRAINWATCH_URL: names that begin with TRAINWATCH_ are set by TrainWatch",
        ),
        ('argv = ["run"]\ngrace_interrupt_s = "5"', "bad.grace_interrupt_s: must be a number"),
        ('argv = ["run"]\ngrace_interrupt_s = true', "bad.grace_interrupt_s: must be a number"),
        ('argv = ["run"]\ngrace_interrupt_s = inf', "bad.grace_interrupt_s: must be a number"),
        ('argv = ["run"]\ngrace_terminate_s = -1', "bad.grace_terminate_s: must be from 0 to 3600 seconds"),
        ('argv = ["run"]\nrequires = "torch"', "bad.requires: must be a list of texts"),
        ('argv = ["run"]\nrequires = ["to rch"]', "bad.requires: must be names of Python modules"),
        ('argv = ["run"]\nparameters = 3', "bad.parameters: must be a table"),
    ],
)
def test_a_mistake_in_a_template_is_told_by_its_key(lines, told):
    templates = parse_templates(f"[templates.bad]\n{lines}\n{GOOD}", source="t.toml")
    assert templates.broken == {"bad": f"t.toml: templates.{told}"}
    assert list(templates.templates) == ["good"]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("", "x.type: is missing: int, float, text, choice, bool, path"),
        ('type = "number"', "x.type: must be one of: int, float, text, choice, bool, path"),
        ('type = "int"\ndefalt = 3', "x.defalt: means nothing here; did you mean default?"),
        (
            'type = "int"\npattern = "x"',
            "x.pattern: means nothing here; there are allow_dash, default, help, max, min, optional, type",
        ),
        ('type = "int"\nmin = "1"', "x.min: must be a number"),
        ('type = "int"\nmin = 5\nmax = 1', "x.min: is above max"),
        ('type = "int"\ndefault = 0\nmin = 1', "x.default: must be at least 1"),
        ('type = "int"\ndefault = "many"', "x.default: must be a whole number"),
        ('type = "choice"', "x.choices: is missing: what there is to choose from, as a list"),
        ('type = "choice"\nchoices = []', "x.choices: is missing: what there is to choose from, as a list"),
        ('type = "choice"\nchoices = [[1]]', "x.choices: must be texts or numbers"),
        ('type = "choice"\nchoices = [1, "1"]', "x.choices: names one twice"),
        ('type = "choice"\nchoices = ["a"]\ndefault = "b"', "x.default: must be one of: a"),
        (
            'type = "text"\npattern = "("',
            "x.pattern: is no regular expression: missing ), unterminated subpattern at position 0",
        ),
        ('type = "path"\nwithin = "data"', "x.within: must be an absolute path"),
        (
            'type = "path"\nwithin = "/data"\ndefault = "/etc"',
            "x.default: must stay within the folder that the template names",
        ),
        ('type = "bool"\nflag = true', "x.flag: must be text"),
        ('type = "bool"\noptional = "yes"', "x.optional: must be true or false, without quotation marks"),
    ],
)
def test_a_mistake_in_a_parameter_is_told_by_its_key(lines, told):
    text = f'[templates.bad]\nargv = ["run"]\n[templates.bad.parameters.x]\n{lines}\n{GOOD}'
    templates = parse_templates(text)
    assert templates.broken == {"bad": f"templates.toml: templates.bad.parameters.{told}"}
    assert list(templates.templates) == ["good"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Rate", "Rate: a name is 1 to 64 small letters, digits and _, the first no digit"),
        ("python", "python: is filled by TrainWatch itself; take another name"),
        ("job_name", "job_name: is filled by TrainWatch itself; take another name"),
        ("epochs", "epochs.type: must be int, for it limits the job's own field"),
    ],
)
def test_a_parameter_cannot_have_every_name(name, told):
    text = f'[templates.bad]\nargv = ["run"]\n[templates.bad.parameters.{name}]\ntype = "text"'
    assert parse_templates(text).broken == {"bad": f"templates.toml: templates.bad.parameters.{told}"}


@pytest.mark.parametrize("name", ["a b", "-rm", "", "x" * 65, "ä"])
def test_a_template_cannot_have_every_name(name):
    templates = parse_templates(f'[templates."{name}"]\nargv = ["run"]\n{GOOD}')
    assert list(templates.templates) == ["good"]
    assert "a name is 1 to 64 letters" in templates.broken[name]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[templates.a]\nargv = [\n", "t.toml is no TOML: Invalid value (at end of document)"),
        (
            "[templates.a]\nargv = ['x']\nargv = ['y']\n",
            "t.toml is no TOML: Cannot overwrite a value (at line 3, column 13)",
        ),
        ("title: x", "t.toml is no TOML: Expected '=' after a key in a key/value pair (at line 1, column 6)"),
        (
            "[template.a]\nargv = ['x']",
            "t.toml: template: means nothing here; did you mean templates?",
        ),
        ("templates = 3", "t.toml: templates: must be a table"),
        ('[free]\nenabled = "true"', "t.toml: free.enabled: must be true or false, without quotation marks"),
        ("[free]\nenable = true", "t.toml: free.enable: means nothing here; did you mean enabled?"),
    ],
)
def test_a_mistake_in_the_file_is_told_by_its_line_or_key(text, told):
    templates = parse_templates(text, source="t.toml")
    assert templates.problems == (told,)
    assert templates.templates == {}
    assert templates.free == Free(enabled=False)


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "9" * 100_000, "a.b" * 20_000])
def test_a_file_that_is_meant_to_break_the_parser_offers_nothing(text):
    assert parse_templates(text).problems


def test_a_mistake_in_one_table_hides_no_template():
    assert list(parse_templates(f'[free]\nenabled = "x"\n{GOOD}').templates) == ["good"]
    assert list(parse_templates(f"[fre]\n{GOOD}").templates) == ["good"]


def test_no_reason_repeats_a_command_or_a_variable():
    for argv in (
        '"SECRET"',
        '["SECRET", "{"]',
        '["SECRET", "SECRET{x}"]',
        '["SECRET{x}"]',
        '["-SECRET{job_name}", 3]',
    ):
        text = f'[templates.bad]\nargv = {argv}\ncwd = "SECRET"\nenv = {{ KEY = "SECRET{{" }}'
        reason = parse_templates(text).broken["bad"]
        assert "SECRET" not in reason


SCALARS = st.sampled_from(
    ['"a"', '""', '"{x}"', '"-{x}"', "3", "-1.5", "nan", "true", "1979-05-27", "[]", "{}", '["a", "{x}"]']
)
KEYS = st.sampled_from(
    [
        "title",
        "description",
        "argv",
        "cwd",
        "env",
        "requires",
        "grace_interrupt_s",
        "parameters",
        "type",
        "default",
        "min",
        "max",
        "choices",
        "pattern",
        "flag",
    ]
)
LINES = st.dictionaries(KEYS, SCALARS, max_size=6)


@given(LINES, LINES, st.text(max_size=40))
def test_whatever_stands_in_the_file_is_read_or_told(template, parameter, tail):
    text = "[templates.it]\n" + "".join(f"{key} = {value}\n" for key, value in template.items())
    text += "[templates.it.parameters.x]\n" + "".join(
        f"{key} = {value}\n" for key, value in parameter.items()
    )
    templates = parse_templates(text + GOOD)
    assert "good" in templates.templates or templates.problems
    assert "it" in templates.templates or "it" in templates.broken or templates.problems
    parse_templates(tail)
    parse_templates(text + tail)
