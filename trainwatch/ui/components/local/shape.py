"""What every local component is, and what its events bring along."""

from typing import Any, ClassVar, Self

import reflex as rx


class Local(rx.Component):
    """The component that a file of assets/ exports under the name of the class."""

    asset: ClassVar[str]

    @classmethod
    def create(cls, *children: Any, **props: Any) -> Self:
        """Return the component with `children` and `props`, as they are declared in the class."""
        return super().create(*children, library=f"$/public/{cls.asset}", tag=cls.__name__, **props)


def of_nothing() -> tuple[()]:
    """An event without words."""
    return ()


def of_task_and_text(task_id: rx.Var[int], text: rx.Var[str]) -> tuple[rx.Var[int], rx.Var[str]]:
    """An event about one task, with a text."""
    return task_id, text


def of_task_and_texts(
    task_id: rx.Var[int], texts: rx.Var[list[str]]
) -> tuple[rx.Var[int], rx.Var[list[str]]]:
    """An event about one task, with several texts."""
    return task_id, texts
