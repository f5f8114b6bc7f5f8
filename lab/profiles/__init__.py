"""Provinces as they were described in public, with as many rows as they had of each thing.

Counts are those of the sources; names that are not public are generated and say so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lab.profiles import hue, hue_2025, hung_yen, thanh_hoa

if TYPE_CHECKING:
    from collections.abc import Callable

    from lab.profiles.paper import Paper

PROFILES: Final[dict[str, Callable[[int], Paper]]] = {
    "hue-2014": hue.in_2014,
    "hue-2024": hue.in_2024,
    "hue-2025": hue_2025.before,
    "thanh-hoa": thanh_hoa.describe,
    "hung-yen": hung_yen.describe,
}
