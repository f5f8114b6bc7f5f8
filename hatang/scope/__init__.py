"""Scopes: an opaque tree of ids, so that permission can be limited to a part of the province.

What a node stands for (a unit, a site) is known above; here are ids, parents and the closure.
"""

from __future__ import annotations

from hatang.scope.models import Scope, ScopeClosure
from hatang.scope.tree import (
    Scoped,
    add,
    ancestors,
    common,
    descendants,
    move,
    reaches,
    remove,
    visible,
)

__all__ = [
    "Scope",
    "ScopeClosure",
    "Scoped",
    "add",
    "ancestors",
    "common",
    "descendants",
    "move",
    "reaches",
    "remove",
    "visible",
]
