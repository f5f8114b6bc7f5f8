"""Which objects a device is asked for, in the form the poll loop wants them."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from inventory import platforms
from monitors.modules.registry import built_in
from monitors.modules.schema import LABELS_EVERY, Column, Give, Metric, Module, Table

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """A column and how often it is read, in periods."""

    name: str
    oid: str
    every: int
    otherwise: str | None = None


@dataclass(frozen=True, slots=True)
class TablePlan:
    """A table with its columns by how often they are read; `key` tells which rows there are."""

    table: Table
    key: ColumnPlan
    columns: tuple[ColumnPlan, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """All that a device is asked for; modules of its vendor come before those for any agent.

    A plan equals itself alone, so that what is made of it can be kept beside it.
    """

    modules: tuple[Module, ...]
    scalars: tuple[Metric, ...]
    tables: tuple[TablePlan, ...]
    scalar_columns: tuple[ColumnPlan, ...] = field(default=())

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the modules."""
        return tuple(module.name for module in self.modules)


@dataclass(frozen=True, slots=True)
class Asked:
    """By what the modules of a device are chosen."""

    platform: str
    role: str
    sys_object_id: str = ""
    sys_descr: str = ""


def compile_plan(modules: Iterable[Module]) -> Plan:
    """Return the plan that joins `modules`."""
    chosen = sorted(modules, key=lambda module: module.is_general)
    return Plan(
        modules=tuple(chosen),
        scalars=tuple(scalar for module in chosen for scalar in module.scalars),
        tables=tuple(_table(module, table) for module in chosen for table in module.tables),
        scalar_columns=tuple(
            _column(scalar, module.every) for module in chosen for scalar in module.scalars
        ),
    )


def _table(module: Module, table: Table) -> TablePlan:
    every = table.every or module.every
    labels = tuple(_column(label, max(every, LABELS_EVERY)) for label in table.labels)
    others = tuple(_column(column, every) for column in (*table.metrics, *table.facts))
    key = next(c for c in (*others, *labels) if table.key in {None, c.name})
    return TablePlan(table, key, (*labels, *others))


def _column(column: Column, every: int) -> ColumnPlan:
    return ColumnPlan(column.name, column.oid, column.every or every, column.otherwise)


@lru_cache(maxsize=1024)
def candidates(asked: Asked) -> tuple[Module, ...]:
    """Return the modules that may be for a device, before those with a probe are tried."""
    known = asked.platform in platforms.names()
    listed = platforms.get(asked.platform).snmp_modules if known else ()
    return tuple(
        module
        for module in built_in()
        if (module.name in listed or _is_meant(module, asked))
        and ("*" in module.roles or asked.role in module.roles)
    )


def _is_meant(module: Module, asked: Asked) -> bool:
    return any(
        rule.holds(asked.platform, asked.sys_object_id, asked.sys_descr) for rule in module.when
    )


@lru_cache(maxsize=1024)
def plan_of(names: tuple[str, ...]) -> Plan:
    """Return the plan of the modules `names`; devices that have the same ones share it."""
    return compile_plan(module for module in built_in() if module.name in names)


def plan_for(platform: str, role: str, present: frozenset[str] = frozenset()) -> Plan:
    """Return what a device of `platform` in `role` is asked for; `present` are probes it answers.

    What a vendor's modules add is known only once the device said which one it is.
    """
    chosen = candidates(Asked(platform, role))
    return plan_of(tuple(m.name for m in chosen if m.is_there(present)))


@cache
def metrics() -> dict[str, Metric]:
    """Return every metric any module may emit, by name, in the order they are exposed."""
    found: dict[str, Metric] = {}
    for module in built_in():
        for metric in (*module.scalars, *(m for t in module.tables for m in t.metrics)):
            if metric.type != "text":
                found[metric.name] = metric
    return found


def gives(plan: Plan) -> list[tuple[TablePlan | None, Give]]:
    """Return the series of the common vocabulary, each with the table it comes from."""
    found: list[tuple[TablePlan | None, Give]] = [(None, g) for m in plan.modules for g in m.gives]
    return found + [(planned, give) for planned in plan.tables for give in planned.table.gives]
