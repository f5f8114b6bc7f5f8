"""Which objects a device is asked for, in the form the poll loop wants them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from inventory import platforms
from monitors.modules.schema import Column, Metric, Module, Table, built_in

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERY_AGENT: Final = frozenset({"system", "if_mib"})
"""What a device of a platform nobody described is asked for."""


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table with its columns by how often they are read; `every` counts periods."""

    table: Table
    every: int

    @property
    def labels(self) -> tuple[Column, ...]:
        """Return the columns that are read only when the table is walked."""
        return tuple(self.table.labels)

    @property
    def values(self) -> tuple[Column, ...]:
        """Return the columns that are read each time."""
        return (*self.table.metrics, *self.table.facts)


@dataclass(frozen=True, slots=True)
class Plan:
    """All that devices of one platform and role are asked for."""

    modules: tuple[str, ...]
    scalars: tuple[Metric, ...]
    tables: tuple[TablePlan, ...]

    @property
    def scalar_oids(self) -> tuple[str, ...]:
        """Return the OIDs of all scalars."""
        return tuple(scalar.oid for scalar in self.scalars)


def compile_plan(modules: Iterable[Module]) -> Plan:
    """Return the plan that joins `modules`."""
    chosen = tuple(modules)
    return Plan(
        modules=tuple(module.name for module in chosen),
        scalars=tuple(scalar for module in chosen for scalar in module.scalars),
        tables=tuple(
            TablePlan(table, module.every) for module in chosen for table in module.tables
        ),
    )


@cache
def plan_for(platform: str, role: str) -> Plan:
    """Return what a device of `platform` in `role` is asked for."""
    known = platform in platforms.names()
    listed = set(platforms.get(platform).snmp_modules) if known else EVERY_AGENT
    return compile_plan(
        module
        for module in built_in()
        if module.name in listed and ("*" in module.roles or role in module.roles)
    )


def metrics() -> dict[str, Metric]:
    """Return every metric any module may emit, by name, in the order they are exposed."""
    found: dict[str, Metric] = {}
    for module in built_in():
        for metric in (*module.scalars, *(m for t in module.tables for m in t.metrics)):
            if metric.type != "text":
                found[metric.name] = metric
    return found
