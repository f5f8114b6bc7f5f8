"""Packages that load a part when somebody first asks for a name of it (PEP 562).

A service's verbs stand in many modules; who asks one of them need not load the rest. Such a
package imports its names for the type checker, and says here where each is at home. A package of
transports names its modules instead, for those who open no device most of the time.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MODULES: Final = ""


def names(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """Return the `__getattr__` of `package`; `homes` names, by module, what stands in it.

    What `homes` names under `MODULES` are modules of the package themselves.
    """
    home = {name: module for module, words in homes.items() for name in words.split()}

    def find(name: str) -> Any:  # noqa: ANN401 RUF100 - whatever the package is asked for
        if name not in home:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        if home[name] == MODULES:
            return import_module(f"{package}.{name}")
        found = getattr(import_module(f"{package}.{home[name]}"), name)
        setattr(sys.modules[package], name, found)
        return found

    return find
