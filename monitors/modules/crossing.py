"""What one module file cannot be asked alone: names that are read once, and known where used."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeAlias

from hatang.errors import Problem
from monitors.modules.expressions import parse_sum, parse_text, paths

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from monitors.modules.expressions import Path
    from monitors.modules.schema import Give, Identity, Module, Table, Where

Used: TypeAlias = "Iterator[tuple[str, Path]]"
"""Where a path is written, and the path."""


def problems(modules: Sequence[Module]) -> list[Problem]:
    """Return what is wrong between `modules`, all of it."""
    columns = [(m.name, column) for m in modules for column in m.columns]
    names = Counter(column.name for _, column in columns)
    oids = Counter(column.oid for _, column in columns)
    found = [
        Problem(f"{module}.yaml", column.name, column.oid, "is read twice", "Read it once.")
        for module, column in columns
        if names[column.name] > 1 or oids[column.oid] > 1
    ]
    for module in modules:
        for part, path, known in _written(module):
            unknown = [
                name
                for name in path
                if name not in known and name not in names and not name.isdigit()
            ]
            found += [
                Problem(f"{module.name}.yaml", part, name, "no module reads it", "Name a column.")
                for name in unknown
            ]
    return found


def _written(module: Module) -> Iterator[tuple[str, Path, set[str]]]:
    for give in module.gives:
        yield from ((part, path, set()) for part, path in give_paths(give))
    yield from ((part, path, set()) for part, path in _identity(module.identity))
    for table in module.tables:
        known = {"#", *(part.name for part in table.index)}
        if table.key is not None:
            yield f"{table.name}.key", (table.key,), known
        yield from ((part, path, known) for part, path in table_paths(table))


def table_paths(table: Table) -> Used:
    """Yield the paths in the texts, conditions and series of a table."""
    yield from label_paths(table)
    for give in table.gives:
        yield from give_paths(give)


def label_paths(table: Table) -> Used:
    """Yield the paths that decide which rows are shown and how they are labelled."""
    for texts in table.borrowed.values():
        yield from ((f"{table.name}.borrowed", p) for p in paths(*map(parse_text, texts)))
    yield from _conditions(table.where)


def give_paths(give: Give) -> Used:
    """Yield the paths of a series: those of its value first."""
    for part in ("value", "used", "free", "total"):
        yield from ((part, path) for path in paths(*map(parse_sum, getattr(give, part))))
    yield from fixed_paths(give)


def fixed_paths(give: Give) -> Used:
    """Yield the paths that decide a row's labels and scale, not its value."""
    yield from (("name", path) for path in paths(*map(parse_text, give.name)))
    yield from _conditions(give.where)
    for choice in (give.what, give.scale):
        if not isinstance(choice, str | int | float):
            yield from (("of", path) for path in paths(parse_sum(choice.of)))
    for sum_ in (give.units, give.precision):
        if isinstance(sum_, str):
            yield from (("units", path) for path in paths(parse_sum(sum_)))


def _conditions(where: Sequence[Where]) -> Used:
    for one in where:
        yield from (("where", path) for path in paths(parse_sum(one.of)))


def _identity(identity: Identity) -> Used:
    for fact, sources in identity:
        for source in sources:
            yield from ((f"identity.{fact}", p) for p in paths(*map(parse_text, source.of)))
            yield from _conditions(source.where)
