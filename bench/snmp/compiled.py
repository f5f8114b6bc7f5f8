"""Runs a client of the benchmark with the compiled decoder, as an installed wheel has it."""

from __future__ import annotations

import importlib.util
import os
import runpy
import sys
from importlib.abc import MetaPathFinder
from importlib.machinery import ExtensionFileLoader, ModuleSpec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

CORE = "hatang.drivers.snmp.codec"


class Compiled(MetaPathFinder):
    """Finds the compiled decoder in the place of the plain one."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the decoder built by whoever started us."""
        if fullname != CORE:
            return None
        built = os.environ["HATANG_BENCH_CORE"]
        return importlib.util.spec_from_file_location(
            CORE, built, loader=ExtensionFileLoader(CORE, built)
        )


sys.meta_path.insert(0, Compiled())
runpy.run_module("bench.snmp.client", run_name="__main__")
