"""One card a GPU, in the rail of the dashboard."""

import reflex as rx
from reflex.vars import NumberVar, StringVar

from trainwatch.ui.browser import overview
from trainwatch.ui.browser.clock import as_of, ticking
from trainwatch.ui.browser.format import gibibytes, rounded
from trainwatch.ui.browser.kept import Kept
from trainwatch.ui.browser.navigation import link
from trainwatch.ui.browser.part import part
from trainwatch.ui.browser.rows import Gpu, TaskOnGpu
from trainwatch.ui.browser.script import expression, function
from trainwatch.ui.browser.shapes import Shape, is_known

FEW = 4
TASKS_SHOWN = 2


class _State(Shape):
    """What a GPU is said to be doing, and the one reason for it."""

    tone: StringVar[str]
    word: StringVar[str]
    why: StringVar[str]


@part
def gpu_cards() -> rx.Component:
    """The cards, or why there are none."""
    gpus, problem = overview.gpus(), overview.problem()
    return rx.cond(
        overview.loaded(),
        rx.cond(
            gpus.length() > 0,
            _cards(),
            rx.cond(
                problem,
                rx.el.p("Not known: ", problem, class_name="hint"),
                rx.el.p("A GPU appears here when a task names one.", class_name="hint"),
            ),
        ),
        rx.el.div(class_name="gpu card ghost-card", aria_busy="true"),
    )


@part
def _cards() -> rx.Component:
    gpus, is_all = overview.gpus(), Kept("is_all", initial=False, gives=bool)
    shown = rx.cond(is_all.value, gpus, gpus[:FEW])
    return rx.el.div(
        rx.foreach(shown, lambda gpu: gpu_card(gpu_id=Gpu(gpu).id, key=Gpu(gpu).id)),
        rx.cond(
            gpus.length() > FEW,
            rx.el.button(
                rx.cond(is_all.value, "Show fewer", f"Show all {gpus.length()}"),
                type="button",
                class_name="button is-quiet",
                on_click=is_all.becomes(~is_all.value),
            ),
        ),
        class_name="gpus",
    )


@part
def gpu_card(gpu_id: rx.Var[int]) -> rx.Component:
    """One GPU: its state, its meters, what runs on it."""
    gpu = overview.gpu(gpu_id)
    state = _State(ticking(function("gpu_state.js", "gpuStateAt"), gpu.held, as_of(), gives=dict[str, str]))
    memory = expression(
        f"({gpu.memory_total_bytes!s} ? ({gpu.memory_used_bytes!s} / {gpu.memory_total_bytes!s}) * 100 : null)",
        gpu.held,
    ).to(float)
    busy = gpu.utilization_percent
    return rx.el.article(
        rx.el.header(
            rx.el.span(class_name="dot", aria_hidden="true"),
            rx.el.h3(gpu.name),
            rx.el.span(state.word, class_name="gpu-state"),
            title=state.why,
        ),
        rx.el.p(
            rx.cond(gpu.host, rx.el.span(gpu.host)),
            rx.cond(is_known(gpu.temperature_celsius), rx.el.span(rounded(gpu.temperature_celsius), " °C")),
            rx.cond(is_known(gpu.power_watts), rx.el.span(rounded(gpu.power_watts), " W")),
            class_name="caption num gpu-host",
        ),
        rx.cond(
            is_known(busy) | is_known(memory),
            rx.el.dl(
                _meter("Utilisation", busy, rx.cond(is_known(busy), f"{rounded(busy)}%", "--")),
                _meter(
                    "Memory",
                    memory,
                    f"{gibibytes(gpu.memory_used_bytes)}/{gibibytes(gpu.memory_total_bytes)} GiB",
                ),
                class_name="meters",
            ),
        ),
        rx.cond(gpu.tasks.length() > 0, _tasks(gpu)),
        class_name=f"gpu card is-{state.tone}",
        aria_label=f"GPU {gpu.name}",
    )


def _meter(label: str, percent: NumberVar[float], text: rx.Var[str] | str) -> rx.Component:
    width = expression(f"({{ width: `${{{percent!s} ?? 0}}%` }})", percent)
    return rx.el.div(
        rx.el.dt(label),
        rx.el.dd(text, class_name="num"),
        rx.el.div(rx.el.div(custom_attrs={"style": width}), class_name="meter-track", aria_hidden="true"),
        class_name="meter",
    )


def _tasks(gpu: Gpu) -> rx.Component:
    more = gpu.tasks.length() - TASKS_SHOWN
    return rx.el.ul(
        rx.foreach(gpu.tasks[:TASKS_SHOWN], lambda task: _task(TaskOnGpu(task))),
        rx.cond(more > 0, rx.el.li(more, " more", class_name="caption")),
        class_name="gpu-tasks",
    )


def _task(task: TaskOnGpu) -> rx.Component:
    return rx.el.li(link(task.title, to=f"/tasks/{task.id}"), key=task.id)
