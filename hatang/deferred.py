"""Packages that load a part when somebody first asks for a name of it (PEP 562).

A service's verbs stand in many modules; who asks one of them need not load the rest. Such a
package imports its names for the type checker alone, and where each is at home is read there: a
name is written in one place. A package of transports names its modules, for those who open no
device most of the time.
"""

from __future__ import annotations

import ast
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def names(package: str) -> Callable[[str], Any]:
    """Return the `__getattr__` of `package`: it loads what `if TYPE_CHECKING` imports there."""

    def find(name: str) -> Any:  # noqa: ANN401 RUF100 - whatever the package is asked for
        home = homes(package).get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = (
            import_module(f"{package}.{name}")
            if home == package
            else getattr(import_module(home), name)
        )
        setattr(sys.modules[package], name, found)
        return found

    return find


@cache
def homes(package: str) -> dict[str, str]:
    """Return by name the module it stands in; `package` itself for a name that is a module."""
    source = Path(str(sys.modules[package].__file__)).read_bytes()
    for node in ast.parse(source).body:
        if isinstance(node, ast.If) and getattr(node.test, "id", None) == "TYPE_CHECKING":
            return {
                alias.name: each.module or ""
                for each in node.body
                if isinstance(each, ast.ImportFrom)
                for alias in each.names
            }
    raise ImportError(f"{package} imports nothing for the type checker", name=package)
