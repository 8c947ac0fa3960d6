"""The curves of a task."""

from trainwatch.ui.components.local.shape import Local


class _Plotted(Local):
    """Brings Plotly's small build along; it is loaded when a curve is first shown."""

    asset = "charts.jsx"
    lib_dependencies: list[str] = ["plotly.js-basic-dist-min@3.7.0"]


class MainCurve(_Plotted):
    """The card of the main series with its controls."""


class OtherCurves(_Plotted):
    """Every other series, each small."""
