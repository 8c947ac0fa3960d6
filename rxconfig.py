"""Name, port and plugins of the page; nothing else."""

import reflex as rx
from reflex_base.constants import StateManagerMode

from trainwatch.ui.head_start import HeadStart
from trainwatch.ui.relocatable import Relocatable

config = rx.Config(
    app_name="trainwatch",
    app_module_import="trainwatch.trainwatch",
    frontend_port=62222,
    backend_port=62222,
    telemetry_enabled=False,
    show_built_with_reflex=False,
    state_manager_mode=StateManagerMode.MEMORY,
    default_color_mode="system",
    plugins=[Relocatable(), HeadStart()],
    disable_plugins=[rx.plugins.SitemapPlugin],
)
