"""Who sees what afterwards: every role whose unit or whose sites in sight change."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from inventory.choices import ElementKind
from inventory.reorganisation.plan import Sight
from inventory.reorganisation.state import below

if TYPE_CHECKING:
    from inventory.reorganisation.desk import Desk
    from inventory.reorganisation.state import Province


def sights(base: Province, desk: Desk) -> tuple[Sight, ...]:
    """Return the roles that see something else, with the sites each gains and loses."""
    after = desk.result()
    seen_before, seen_after = _Seen(base), _Seen(after)
    found = []
    for old, new in zip(base.bindings, after.bindings, strict=True):
        before, now = seen_before.by(old.unit), seen_after.by(new.unit)
        moved = new.unit != desk.recoded.get(old.unit, old.unit)
        if moved or before != now:
            gained, lost = tuple(sorted(now - before)), tuple(sorted(before - now))
            row = (old.id, old.person, old.role, old.unit, new.unit)
            found.append(Sight(*row, len(before), len(now), gained, lost))
    return tuple(sorted(found))


class _Seen:
    def __init__(self, province: Province) -> None:
        self._units = province.units
        self._sites: dict[str, set[str]] = defaultdict(set)
        self._known: dict[str, set[str]] = {}
        for owned, code in province.owners.items():
            if owned.kind is ElementKind.SITE:
                self._sites[code].add(owned.key)

    def by(self, unit: str) -> set[str]:
        """Return the sites below `unit`."""
        if unit not in self._known:
            codes = below(self._units, unit)
            self._known[unit] = {site for code in codes for site in self._sites.get(code, ())}
        return self._known[unit]
