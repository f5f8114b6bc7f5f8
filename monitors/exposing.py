"""Which series are exposed of whom: Prometheus is the next limit, at 2.5 kB of memory a series."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.settings.model import SeriesRule
    from monitors.targets import DeviceTarget
    from monitors.text import Blocks

# What alerts, pages and the raw route rest on is never left out.
KEPT: Final = frozenset({"hatang_device_up", "hatang_device_snmp_up", "hatang_device_info"})


@dataclass(slots=True)
class Policy:
    """Leaves out the series that `rules` name of the devices they are for."""

    rules: Sequence[SeriesRule] = ()
    _dropped: dict[tuple[str, int, str], bool] = field(default_factory=dict)

    def kept(self, target: DeviceTarget, blocks: Blocks) -> Blocks:
        """Return the lines of a device that are to be exposed."""
        if not self.rules:
            return blocks
        role, level = target.role, target.level
        return {n: t for n, t in blocks.items() if not self._is_dropped(role, level, n)}

    def _is_dropped(self, role: str, level: int, name: str) -> bool:
        key = role, level, name
        found = self._dropped.get(key)
        if found is None:
            found = self._dropped[key] = name not in KEPT and any(
                (not rule.roles or role in rule.roles)
                and (not rule.levels or level in rule.levels)
                and any(fnmatchcase(name, pattern) for pattern in rule.drop)
                for rule in self.rules
            )
        return found
