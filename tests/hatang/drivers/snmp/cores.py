"""The hot loops in their two forms: plain, and compiled where a compiler is."""

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


SCRIPT = Path(__file__).resolve().parents[4] / "scripts" / "compile_core.py"


@cache
def _built(name: str) -> Path | None:
    folder = Path(tempfile.mkdtemp(prefix="hatang-core-"))
    try:
        return Path(runpy.run_path(str(SCRIPT))["compile_core"](folder, name))
    except (Exception, SystemExit):  # noqa: BLE001 - no Cython, no compiler, no headers
        return None


@cache
def compiled(plain: ModuleType = codec) -> ModuleType:
    """Return the compiled form of a module, built once a run; skips where it cannot be."""
    name = plain.__name__
    if not str(plain.__file__).endswith(".py"):
        return plain
    path = _built(name)
    if path is None:
        pytest.skip(f"no Cython or no C compiler: the compiled {name} was not tested")
    loader = ExtensionFileLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module
