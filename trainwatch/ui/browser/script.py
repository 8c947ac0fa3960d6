"""Functions of the scripts in assets/ and hooks of React, as Vars."""

import hashlib
from collections.abc import Sequence
from typing import Any

import reflex as rx
from reflex.utils.imports import ImportVar
from reflex.vars import FunctionStringVar, FunctionVar, VarData
from reflex_base.vars.function import ArgsFunctionOperation


def function(file: str, name: str) -> FunctionStringVar[Any]:
    """Return the function, or whatever else, that `file` in assets/ exports under that name."""
    return imported(f"$/public/{file}", name)


def imported(library: str, name: str) -> FunctionStringVar[Any]:
    """Return what a package exports under that name."""
    return FunctionStringVar.create(name, _var_data=VarData(imports={library: [ImportVar(tag=name)]}))


def hook(called: rx.Var[Any], gives: Any) -> Any:
    """Return a Var of the type `gives` for what a hook returns; it is called once in whatever component uses it."""
    name = f"held_{hashlib.blake2s(str(called).encode(), digest_size=6).hexdigest()}"
    return rx.Var(name, _var_data=VarData(hooks={f"const {name} = {called!s}": needs(called)})).to(gives)


def expression(script: str, *parts: rx.Var[Any]) -> rx.Var[Any]:
    """Return a Var that is written as `script`, and needs what `parts` do."""
    return rx.Var(script, _var_data=VarData.merge(*(needs(each) for each in parts)))


def handler(script: rx.Var[Any], *arguments: str) -> FunctionVar[Any]:
    """Return an event handler that stays in the browser: a function of `arguments` that evaluates `script`.

    The first argument is what Reflex makes of the event (`on_change`: the text), the second the event itself.
    """
    return ArgsFunctionOperation.create(
        arguments, expression(f"({script!s})", script), _var_data=needs(script)
    )


def each_of(parts: Sequence[rx.Var[Any]]) -> str:
    """Return `parts` as a script writes them in a row."""
    return ", ".join(str(each) for each in parts)


def needs(var: rx.Var[Any]) -> VarData | None:
    """Return the imports and hooks that `var` brings along."""
    return var._get_all_var_data()  # pyright: ignore[reportPrivateUsage]  there is no other way


def stored(store: rx.Var[Any], pick: rx.Var[Any], gives: Any) -> Any:
    """Return what `pick` takes out of a store of the browser; its users are drawn again when that changes."""
    return hook(function("store.js", "useStore").call(store, pick), gives)
