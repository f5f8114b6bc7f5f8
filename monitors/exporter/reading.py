"""Asking an agent for what a definition shows, column by column instead of whole subtrees."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitors.exporter.texts import COMBINED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.drivers.protocols import SnmpReader, SnmpValue
    from monitors.exporter.schema import Definition, Metric


@dataclass(slots=True)
class Values:
    """What an agent has, by object and by the rest of the OID, its index."""

    objects: dict[str, dict[str, SnmpValue]] = field(default_factory=dict)
    count: int = 0

    def of(self, oid: str) -> dict[str, SnmpValue]:
        """Return the values of the object `oid` by index."""
        return self.objects.get(oid, {})

    def put(self, oid: str, index: str, value: SnmpValue) -> None:
        """Keep a value."""
        self.objects.setdefault(oid, {})[index] = value
        self.count += 1


async def read(reader: SnmpReader, definition: Definition) -> Values:
    """Return what the agent has of what `definition` shows.

    Raises:
        DriverError: it does not answer, or refuses.
    """
    wanted = {oid for metric in definition.metrics for oid in _objects(metric)}
    found = Values()
    if definition.get:
        for oid, value in (await reader.get(definition.get)).items():
            for name in wanted & set(_prefixes(oid)):
                found.put(name, oid[len(name) + 1 :], value)
    columns = _columns(definition.walk, wanted)
    if columns:
        for column, cells in (await reader.columns(list(columns))).items():
            name = columns[column]
            before = column[len(name) + 1 :]
            for index, value in cells.items():
                found.put(name, f"{before}.{index}" if before else index, value)
    return found


def previous(oid: str) -> str:
    """Return the object before `oid`: it names the type of one whose type varies."""
    head, _, last = oid.rpartition(".")
    return f"{head}.{int(last) - 1}"


def _objects(metric: Metric) -> Iterator[str]:
    """Yield the objects that samples of `metric` are made of."""
    yield metric.oid
    if metric.type in COMBINED:
        yield previous(metric.oid)
    for lookup in metric.lookups:
        if lookup.labels:
            yield lookup.oid
            if lookup.type in COMBINED:
                yield previous(lookup.oid)


def _columns(walk: list[str], wanted: set[str]) -> dict[str, str]:
    """Return what to walk, and the object each belongs to: a subtree may be a part of one."""
    found: dict[str, str] = {}
    for name in sorted(wanted):
        for root in walk:
            if f"{name}.".startswith(f"{root}."):
                found[name] = name
            elif root.startswith(f"{name}."):
                found[root] = name
    return found


def _prefixes(oid: str) -> Iterator[str]:
    while "." in oid:
        oid = oid.rpartition(".")[0]
        yield oid
