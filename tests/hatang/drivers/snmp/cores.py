"""The decoder in its two forms: plain, and compiled where a compiler is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.drivers.snmp import codec

if TYPE_CHECKING:
    from types import ModuleType

CORES = [pytest.param(codec, id="plain")]


def plain() -> ModuleType:
    return codec
