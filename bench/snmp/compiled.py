"""Runs a module with the compiled hot loops, as an installed wheel has them.

`python -m bench.snmp.compiled MODULE ...`; HATANG_BENCH_CORE is where they were built.
"""

from __future__ import annotations

import importlib.util
import os
import runpy
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.compile_core import MODULES, source_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType


class Compiled(MetaPathFinder):
    """Finds the compiled modules in the place of the plain ones."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return what whoever started us has built."""
        if fullname not in MODULES:
            return None
        folder = Path(os.environ["HATANG_BENCH_CORE"], source_of(fullname))
        name = fullname.rpartition(".")[2]
        built = str(next(folder.glob(f"{name}.*.so")))
        return importlib.util.spec_from_file_location(
            fullname, built, loader=ExtensionFileLoader(fullname, built)
        )


if __name__ == "__main__":
    sys.meta_path.insert(0, Compiled())
    runpy.run_module(sys.argv.pop(1), run_name="__main__")
