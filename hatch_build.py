"""The build back end's hook: wheel, sdist and editable install carry the console, built.

Where ``built/`` stands and fits the sources (always in an sdist) nothing is done and no Node is
asked for; else Node comes from PyPI, unless the host has one. See docs/adr/0007-console.md.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ConsoleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the console before anything is packed."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node as a build requirement, only where there is something to build and no Node."""
        console = self._console()
        if console.is_unwanted() or console.is_fresh() or console.node() is not None:
            return []
        return [console.NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build, if the sources changed."""
        self._console().ensure()

    def _console(self) -> ModuleType:
        place = Path(self.root) / "console" / "build.py"
        spec = importlib.util.spec_from_file_location("freehold_console_build", place)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
