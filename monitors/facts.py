"""What polls observe of things the inventory intends: names, models, ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitors.samples import as_text

if TYPE_CHECKING:
    from datetime import datetime

    from monitors.samples import PollSample

SOURCE: Final = "snmp"
SCALARS: Final = ("sysName", "sysDescr", "sysObjectID")

Facts = dict[str, str | list[str]]


def facts_of(sample: PollSample) -> Facts:
    """Return the facts in a poll; one that was not answered is absent.

    `interfaces` are the names in ifTable, sorted.
    """
    found: Facts = {
        name: as_text(sample.scalars[name]) for name in SCALARS if name in sample.scalars
    }
    table = sample.tables.get("ifTable")
    if table is not None:
        names = {
            table.text("ifName", index) or table.text("ifDescr", index)
            for index in table.indexes("ifOperStatus")
        }
        found["interfaces"] = sorted(names - {""})
    return found


class FactBook:
    """Tells apart what is new: the inventory hears of a fact when it changes, not each poll."""

    def __init__(self) -> None:
        self._told: dict[str, Facts] = {}

    def news(self, samples: dict[str, PollSample]) -> dict[str, tuple[datetime, Facts]]:
        """Return by device key the facts that differ from what was told before."""
        found: dict[str, tuple[datetime, Facts]] = {}
        for key, sample in samples.items():
            if not sample.answered:
                continue
            before = self._told.get(key, {})
            new = {name: v for name, v in facts_of(sample).items() if before.get(name) != v}
            if new:
                found[key] = (sample.at, new)
        return found

    def told(self, key: str, facts: Facts) -> None:
        """Remember that the inventory knows `facts` of `key`."""
        self._told[key] = {**self._told.get(key, {}), **facts}
