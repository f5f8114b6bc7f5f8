"""The decoder in its two forms: plain, and compiled where a compiler is."""

from __future__ import annotations

import importlib.util
import runpy
import tempfile
from functools import cache
from importlib.machinery import ExtensionFileLoader
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatang.drivers.snmp import codec

if TYPE_CHECKING:
    from types import ModuleType


MODULE = codec.__name__
SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "compile_core.py"


@cache
def _built() -> Path | None:
    folder = Path(tempfile.mkdtemp(prefix="hatang-core-"))
    try:
        return Path(runpy.run_path(str(SCRIPT))["compile_core"](folder))
    except (Exception, SystemExit):  # noqa: BLE001 - no Cython, no compiler, no headers
        return None


def compiled() -> ModuleType:
    """Return the compiled decoder, built once a run; skips where it cannot be."""
    if not codec.__file__.endswith(".py"):
        return codec
    path = _built()
    if path is None:
        pytest.skip("no Cython or no C compiler: the compiled decoder was not tested")
    loader = ExtensionFileLoader(MODULE, str(path))
    spec = importlib.util.spec_from_file_location(MODULE, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
