"""The file of job templates, `templates.toml`: what its owner wrote in, strict `Templates` out."""

import posixpath
import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from trainwatch.domain.template import (
    GRACE_INTERRUPT_S,
    GRACE_TERMINATE_S,
    JOB,
    MACHINE,
    SHARED,
    Free,
    Template,
    Templates,
)
from trainwatch.domain.template_parameter import Parameter, ParameterType, Value, written
from trainwatch.domain.template_text import leading_placeholder, placeholders_in
from trainwatch.domain.toml_table import TomlTable, unknown_key

FILE_NAME = "templates.toml"
"""What it is called in the data directory."""

LONGEST_GRACE_S = 3600.0
"""The longest that a command may be waited for."""

MOST_PARAMETERS = 64
"""The most parameters of a template."""

_FILE_KEYS = ("templates", "free")
_LIFE = ("cwd", "grace_interrupt_s", "grace_terminate_s")
FREE_KEYS = ("enabled", *_LIFE)
TEMPLATE_KEYS = ("title", "description", "argv", "env", "parameters", "requires", *_LIFE)
PARAMETER_KEYS = ("type", "default", "optional", "help", "allow_dash")
KEYS_OF_TYPE: Mapping[ParameterType, tuple[str, ...]] = {
    ParameterType.INT: ("min", "max"),
    ParameterType.FLOAT: ("min", "max"),
    ParameterType.TEXT: ("min", "max", "pattern"),
    ParameterType.CHOICE: ("choices",),
    ParameterType.BOOL: ("flag",),
    ParameterType.PATH: ("min", "max", "pattern", "within"),
}

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PARAMETER_NAME = re.compile(r"[a-z_][a-z0-9_]{0,63}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MODULE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_OURS = "TRAINWATCH_"


def parse_templates(text: str, *, source: str = FILE_NAME) -> Templates:
    """Return what `text`, the content of the file `source`, offers; it never raises.

    A mistake in one template leaves out that one, with the reason in `broken`. Text that is no TOML offers
    nothing, and `problems` says in which line. No reason repeats a command or a variable.
    """
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers of thousands of digits
        return Templates(problems=(f"{source} is no TOML: {error}",))
    problems = [
        f"{source}: {key}: {unknown_key(key, _FILE_KEYS)}" for key in content if key not in _FILE_KEYS
    ]
    free, tables = Free(), dict[str, object]()
    try:
        tables = dict(TomlTable(content.get("templates", {}), "templates").content)
        free = _free(TomlTable(content.get("free", {}), "free", FREE_KEYS))
    except ValueError as error:
        problems.append(f"{source}: {error}")
    templates: dict[str, Template] = {}
    broken: dict[str, str] = {}
    for name, table in tables.items():
        try:
            templates[name] = _template(name, TomlTable(table, f"templates.{name}", TEMPLATE_KEYS))
        except ValueError as error:
            broken[name] = f"{source}: {error}"
    return Templates(templates=templates, broken=broken, free=free, problems=tuple(problems))


def _free(table: TomlTable) -> Free:
    return Free(
        enabled=table.flag("enabled"),
        cwd=_folder(table),
        grace_interrupt_s=_grace(table, "grace_interrupt_s", GRACE_INTERRUPT_S),
        grace_terminate_s=_grace(table, "grace_terminate_s", GRACE_TERMINATE_S),
    )


def _template(name: str, table: TomlTable) -> Template:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{table.at}: a name is 1 to 64 letters, digits, - and _, the first no - or _")
    parameters = _parameters(table.table("parameters"))
    return Template(
        name=name,
        title=table.text("title") or name,
        help=table.text("description"),
        argv=_argv(table, parameters),
        cwd=_folder(table),
        env=_environment(table.table("env"), parameters),
        grace_interrupt_s=_grace(table, "grace_interrupt_s", GRACE_INTERRUPT_S),
        grace_terminate_s=_grace(table, "grace_terminate_s", GRACE_TERMINATE_S),
        parameters=parameters,
        requires=_modules(table),
    )


def _argv(table: TomlTable, parameters: Mapping[str, Parameter]) -> tuple[str, ...]:
    argv = table.texts("argv")
    if not argv or not argv[0].strip():
        raise table.wrong("argv", "is missing: the program and its arguments, as a list of texts")
    for position, argument in enumerate(argv):
        key = f"argv[{position}]"
        names = _placeholders(table, key, argument, parameters)
        if position == 0:
            _check_owned(table, key, names)
        leading = leading_placeholder(argument)
        if position and argument.startswith("-") and leading and not _may_be_option(leading, parameters):
            raise table.wrong(key, f"{{{leading}}} would choose the option; allow_dash = true lets it")
    return argv


def _may_be_option(name: str, parameters: Mapping[str, Parameter]) -> bool:
    return name in parameters and parameters[name].allow_dash


def _environment(table: TomlTable, parameters: Mapping[str, Parameter]) -> dict[str, str]:
    env: dict[str, str] = {}
    for name, value in table.content.items():
        if not _VARIABLE.fullmatch(name):
            raise table.wrong(name, "is no name of a variable")
        if name.startswith(_OURS):
            raise table.wrong(name, f"names that begin with {_OURS} are set by TrainWatch")
        if not isinstance(value, str | int | float) or "\0" in str(value):
            raise table.wrong(name, "must be text")
        env[name] = written(value)
        _placeholders(table, name, env[name], parameters)
    return env


def _folder(table: TomlTable) -> str | None:
    cwd = table.text("cwd")
    if cwd is None:
        return None
    _check_owned(table, "cwd", _placeholders(table, "cwd", cwd, {}))
    if not cwd.startswith(("/", "{data_dir}", "{trainwatch_examples}")):
        raise table.wrong("cwd", "must be an absolute path, or begin with {data_dir}")
    return cwd


def _grace(table: TomlTable, key: str, default: float) -> float:
    grace_s = table.number(key)
    if grace_s is None:
        return default
    if not 0 <= grace_s <= LONGEST_GRACE_S:
        raise table.wrong(key, f"must be from 0 to {written(LONGEST_GRACE_S)} seconds")
    return float(grace_s)


def _modules(table: TomlTable) -> tuple[str, ...]:
    modules = table.texts("requires")
    if not all(_MODULE.fullmatch(module) for module in modules):
        raise table.wrong("requires", "must be names of Python modules")
    return modules


def _parameters(table: TomlTable) -> dict[str, Parameter]:
    if len(table.content) > MOST_PARAMETERS:
        raise ValueError(f"{table.at}: there are more than {MOST_PARAMETERS}")
    for name in table.content:
        if not _PARAMETER_NAME.fullmatch(name):
            raise table.wrong(name, "a name is 1 to 64 small letters, digits and _, the first no digit")
        if name in MACHINE or (name in JOB and name not in SHARED):
            raise table.wrong(name, "is filled by TrainWatch itself; take another name")
    return {name: _parameter(name, table.table(name)) for name in table.content}


def _parameter(name: str, table: TomlTable) -> Parameter:
    kind = _type(table)
    TomlTable(table.content, table.at, (*PARAMETER_KEYS, *KEYS_OF_TYPE[kind]))
    if name in SHARED and kind != SHARED[name]:
        raise table.wrong("type", f"must be {SHARED[name]}, for it limits the job's own field")
    parameter = Parameter(
        name=name,
        type=kind,
        optional=table.flag("optional") and name not in SHARED,
        min=table.number("min"),
        max=table.number("max"),
        choices=_choices(table, kind),
        pattern=_pattern(table),
        within=_within(table),
        flag=table.text("flag"),
        allow_dash=table.flag("allow_dash"),
        help=table.text("help"),
    )
    if parameter.min is not None and parameter.max is not None and parameter.min > parameter.max:
        raise table.wrong("min", "is above max")
    return replace(parameter, default=_default(table, parameter))


def _type(table: TomlTable) -> ParameterType:
    word = table.text("type")
    if word is None:
        raise table.wrong("type", f"is missing: {', '.join(ParameterType)}")
    if word not in list(ParameterType):
        raise table.wrong("type", f"must be one of: {', '.join(ParameterType)}")
    return ParameterType(word)


def _choices(table: TomlTable, kind: ParameterType) -> tuple[str, ...]:
    choices = table.content.get("choices", [])
    if kind is not ParameterType.CHOICE:
        return ()
    if not isinstance(choices, list) or not choices:
        raise table.wrong("choices", "is missing: what there is to choose from, as a list")
    texts = [_choice(table, each) for each in cast("list[object]", choices)]
    if len(set(texts)) < len(texts):
        raise table.wrong("choices", "names one twice")
    return tuple(texts)


def _choice(table: TomlTable, raw: object) -> str:
    text = written(raw) if isinstance(raw, str | int | float) else ""
    if not text or not text.isprintable():
        raise table.wrong("choices", "must be texts or numbers")
    return text


def _pattern(table: TomlTable) -> str | None:
    pattern = table.text("pattern")
    try:
        re.compile(pattern or "")
    except (re.error, OverflowError, RecursionError) as error:
        raise table.wrong("pattern", f"is no regular expression: {error}") from None
    return pattern


def _within(table: TomlTable) -> str | None:
    folder = table.text("within")
    if folder is not None and not folder.startswith("/"):
        raise table.wrong("within", "must be an absolute path")
    return folder and posixpath.normpath(folder)


def _default(table: TomlTable, parameter: Parameter) -> Value | None:
    raw = table.content.get("default")
    if raw is None:
        return False if parameter.type is ParameterType.BOOL else None
    try:
        return parameter.parse(raw)
    except ValueError as error:
        raise table.wrong("default", str(error)) from None


def _placeholders(table: TomlTable, key: str, text: str, parameters: Mapping[str, Parameter]) -> list[str]:
    """Return the placeholders in the value of `key`, each of which something fills."""
    try:
        names = placeholders_in(text)
    except ValueError as error:
        raise table.wrong(key, str(error)) from None
    for name in names:
        if name not in MACHINE and name not in JOB and name not in parameters:
            raise table.wrong(key, f"{{{name}}} is neither a parameter nor a placeholder of TrainWatch's")
    return names


def _check_owned(table: TomlTable, key: str, names: list[str]) -> None:
    """Refuse a program or a folder that whoever starts the job would choose."""
    for name in names:
        if name not in MACHINE:
            raise table.wrong(key, f"{{{name}}} may not stand here: it is for the owner to choose")
