"""hatchling's build hook: a wheel with compiled hot loops, or, on any failure, a pure one.

HATANG_PURE=1 never compiles, HATANG_PURE=0 fails where it cannot. Editable installs are always
pure: an extension module in the tree would hide later edits of the file beside it.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# hatchling loads this file by its path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scripts.compile_core import MODULES, compile_core, source_of


class CustomBuildHook(BuildHookInterface[Any]):
    """Puts the extension modules beside the plain ones."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, unless the build is editable or the environment says no."""
        wish = os.environ.get("HATANG_PURE", "")
        if version == "editable" or wish == "1":
            return
        self._folder = tempfile.TemporaryDirectory(prefix="hatang-build-")
        try:
            folder = Path(self._folder.name)
            built = {name: compile_core(folder, name) for name in MODULES}
        except Exception as error:
            if wish == "0":
                raise
            self.app.display_warning(f"building a pure wheel: {error}")
            return
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        for name, path in built.items():
            build_data["force_include"][str(path)] = str(source_of(name) / path.name)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was built on the way."""
        folder = getattr(self, "_folder", None)
        if folder is not None:
            folder.cleanup()
