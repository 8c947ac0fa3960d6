"""Builds the page while the wheel is built, with Node from PyPI."""

import subprocess
import sys
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageBuildHook(BuildHookInterface[Any]):
    """Fills `trainwatch/_site` unless it is current; an editable install builds nothing."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the page of this source folder."""
        if version != "editable":
            subprocess.run([sys.executable, "-m", "trainwatch.ui.site_build"], cwd=self.root, check=True)
