"""From what an agent says to the series that are the same for every vendor.

What a row is called, in which unit it counts and whether it counts at all changes seldom, so it
is worked out when one of those columns changes; between, a reading is a look-up and a product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from inventory.platforms.schema import linear
from monitors.modules.crossing import fixed_paths, give_paths, label_paths
from monitors.modules.expressions import Place, as_text, number, parse_sum, parse_text
from monitors.modules.indexes import split_index
from monitors.modules.plan import gives
from monitors.modules.schema import Choice, Scale
from monitors.modules.vocabulary import JUDGEMENTS, UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hatang.drivers.protocols import SnmpValue
    from monitors.modules.expressions import Path, Sum
    from monitors.modules.plan import Plan, TablePlan
    from monitors.modules.schema import Give, Table, Where
    from monitors.samples import Cells, TableSample

Labels = tuple[tuple[str, str], ...]
Found = tuple[str, Labels, float]
"""Name of a series, its labels beside the device's, and the value."""

_NAMED: Final[Mapping[str, str]] = {
    "cpu": "cpu",
    "memory": "memory",
    "storage": "storage",
    "speed": "interface",
}
_NO_PARTS: Final[Mapping[str, str]] = {}
_NOTHING: Final[Mapping[str, SnmpValue]] = {}


@dataclass(slots=True)
class Row:
    """One row of a series: what does not change from poll to poll.

    `text` and `texts` are room for whoever renders: what stands before the value, of a series
    that is alone in its row, or by name and state.
    """

    index: str
    parts: Mapping[str, str]
    labels: Labels
    factor: float
    units: float
    text: str = ""
    texts: dict[tuple[str, str], str] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One series of the vocabulary on all devices of one plan.

    Where its value is one column of its own table, `simple` names that and `times` the factor.
    """

    give: Give
    planned: TablePlan | None
    own: tuple[str, ...]
    fixed: tuple[str, ...]
    value: tuple[Sum, ...]
    amounts: dict[str, tuple[Sum, ...]]
    simple: str | None = None
    times: float = 1
    uses_parts: bool = True
    needed: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Return the name of the series, where the kind has one only."""
        return _KIND_SERIES[self.give.kind]

    def code(self, raw: SnmpValue) -> int:
        """Return the judgement of a state as it is exposed."""
        return JUDGEMENTS[_matched(self.give.states, raw) or "unknown"]


class Held(NamedTuple):
    """The rows of one series on one device, and the columns by which they were found."""

    seen: tuple[object, ...]
    keys: tuple[Mapping[str, SnmpValue], ...]
    rows: list[Row]


class Normaliser:
    """Reads the common series of one device; keeps what is known of its rows between polls."""

    def __init__(self, plan: Plan) -> None:
        self._series = _all_series(plan)
        self._held: dict[Series, Held] = {}

    def prepared(
        self, scalars: Mapping[str, SnmpValue], columns: Mapping[str, Cells]
    ) -> Iterator[tuple[Series, list[Row]]]:
        """Yield the series the device has, with their rows."""
        for series in self._series:
            rows = self._rows(series, columns, scalars)
            if rows:
                yield series, rows

    def readings(
        self, scalars: Mapping[str, SnmpValue], tables: Mapping[str, TableSample]
    ) -> Iterator[Found]:
        """Yield every series with its labels and value."""
        columns = {name: cells for t in tables.values() for name, cells in t.columns.items()}
        for series, rows in self.prepared(scalars, columns):
            for row, name, state, value in values(series, rows, scalars, columns):
                yield name, with_state(row.labels, state), value

    def _rows(
        self, series: Series, columns: Mapping[str, Cells], scalars: Mapping[str, SnmpValue]
    ) -> list[Row]:
        if series.needed and _lacks(series.needed, columns, scalars):
            self._held.pop(series, None)
            return []
        seen = tuple(columns.get(name) or scalars.get(name) for name in series.fixed)
        keys = tuple(columns.get(name) or _NOTHING for name in series.own)
        held = self._held.get(series)
        if held is None or not _is_same(held, seen, keys):
            rows = list(_rows(series, Place(columns, scalars, {})))
            held = self._held[series] = Held(seen, keys, rows)
        return held.rows


def values(
    series: Series,
    rows: Iterable[Row],
    scalars: Mapping[str, SnmpValue],
    columns: Mapping[str, Cells],
) -> Iterator[tuple[Row, str, str, float]]:
    """Yield what each row gives: name of the series, state label (mostly empty), value."""
    place = Place(columns, scalars, {})
    read = _VALUES.get(series.give.kind, _single)
    for row in rows:
        place.index, place.parts = row.index, row.parts
        for name, state, value in read(series, row, place):
            yield row, name, state, value


def with_state(labels: Labels, state: str) -> Labels:
    """Return labels with the state among them, where there is one."""
    return (*labels, ("state", state)) if state else labels


def holds(where: Iterable[Where], place: Place) -> bool:
    """Return whether a row fulfils every condition; an absent value fulfils only `out`."""
    return all(_holds(one, place) for one in where)


def _holds(where: Where, place: Place) -> bool:
    path = parse_sum(where.of).only
    value = place.raw(path) if path is not None else place.number(parse_sum(where.of))
    if where.matches is not None:
        return bool(linear(where.matches).search(as_text(value)))
    keys = {value, number(value), as_text(value)} - {None}
    return bool(keys & set(where.in_)) if where.in_ else not keys & set(where.out)


@lru_cache(maxsize=1024)
def _all_series(plan: Plan) -> tuple[Series, ...]:
    """Return the series of a plan: the devices that have it share them."""
    return tuple(_series(give, planned) for planned, give in gives(plan))


@lru_cache(maxsize=1024)
def used_names(plan: Plan) -> frozenset[str]:
    """Return every column and scalar of which a series of `plan` is made."""
    return frozenset(
        name
        for series in _all_series(plan)
        for path in (
            *(path for _, path in give_paths(series.give)),
            *(path for _, path in fixed_paths(series.give)),
            *_value_paths(series.give),
            series.own,
            series.fixed,
        )
        for name in path
    )


def _series(give: Give, planned: TablePlan | None) -> Series:
    mine = {column.name for column in planned.columns} if planned is not None else set()
    used = [path for _, path in give_paths(give)]
    fixed = dict.fromkeys(name for _, path in fixed_paths(give) for name in path)
    ends = dict.fromkeys(path[-1] for path in _value_paths(give))
    inner = dict.fromkeys(name for path in used for name in path[1:])
    if planned is not None:
        fixed |= dict.fromkeys(name for _, path in label_paths(planned.table) for name in path)
    parts = {part.name for part in planned.table.index} if planned is not None else set()
    only = parse_sum(give.value[0]) if len(give.value) == 1 else None
    plain = only is not None and len(only.terms) == 1 and len(only.terms[0][1]) == 1
    return Series(
        give,
        planned,
        own=tuple(name for name in ends if name in mine) or tuple(n for n in fixed if n in mine),
        fixed=tuple(name for name in {**fixed, **inner} if name not in {"#"}),
        value=tuple(map(parse_sum, give.value)),
        amounts={
            name: tuple(map(parse_sum, getattr(give, name))) for name in ("used", "free", "total")
        },
        simple=next(iter(ends))
        if plain and ends.keys() <= mine and give.kind in _KIND_SERIES
        else None,
        times=only.terms[0][0] if plain and only is not None else 1,
        uses_parts=bool(parts & ends.keys()),
        needed=() if parts & ends.keys() or "#" in ends else tuple(ends),
    )


def _value_paths(give: Give) -> Iterator[Path]:
    for part in ("value", "used", "free", "total"):
        for text in getattr(give, part):
            yield from (path for _, path in parse_sum(text).terms)


# The rows


def _lacks(
    needed: tuple[str, ...], columns: Mapping[str, Cells], scalars: Mapping[str, SnmpValue]
) -> bool:
    for name in needed:  # noqa: SIM110 - a generator costs four times as much
        if name in columns or name in scalars:
            return False
    return True


def _is_same(
    held: Held,
    seen: tuple[object, ...],
    keys: tuple[Mapping[str, SnmpValue], ...],
) -> bool:
    return all(a is b or a == b for a, b in zip(seen, held.seen, strict=True)) and all(
        a is b or a.keys() == b.keys() for a, b in zip(keys, held.keys, strict=True)
    )


def _rows(series: Series, place: Place) -> Iterator[Row]:
    if series.planned is None:
        row = _row(series, place)
        if row is not None:
            yield row
        return
    table = series.planned.table
    indexes = dict.fromkeys(i for name in series.own for i in place.columns.get(name, ()))
    for index in indexes:
        parts = _parts(table, index)
        if parts is not None:
            place.index, place.parts = index, parts
            row = _row(series, place) if holds(table.where, place) else None
            if row is not None:
                yield row


def _parts(table: Table, index: str) -> dict[str, str] | None:
    found = split_index(index, table.index)
    if found is None:
        return None
    return {part.name: text for part, text in zip(table.index, found, strict=True)}


def _row(series: Series, place: Place) -> Row | None:
    give = series.give
    what = _chosen(give.what, place)
    scale = _chosen(give.scale, place)
    precision = 0.0 if give.precision is None else place.number(parse_sum(give.precision))
    units = (
        place.number(parse_sum(give.units)) if isinstance(give.units, str) else float(give.units)
    )
    if what is None or precision is None or units is None or not isinstance(scale, int | float):
        return None
    if not holds(give.where, place):
        return None
    labels = _labels(series, place, str(what))
    parts = place.parts if series.uses_parts else _NO_PARTS
    return Row(place.index, parts, labels, scale / 10**precision, units)


def _chosen(wanted: str | float | Choice | Scale, place: Place) -> str | float | None:
    if not isinstance(wanted, Choice | Scale):
        return wanted
    path = parse_sum(wanted.of).only
    value = place.raw(path) if path is not None else None
    if value is None:
        return None
    as_number = number(value)
    keys = (as_text(value), 0 if as_number is None else int(as_number))
    return next((wanted.map[key] for key in keys if key in wanted.map), None)


def _labels(series: Series, place: Place, what: str) -> Labels:
    give = series.give
    name = next(filter(None, (place.text(parse_text(text)) for text in give.name)), "")
    source = next(_value_paths(give))[0]
    found = [("source", source), ("index", place.index)]
    if give.kind in _NAMED:
        return (*found, (_NAMED[give.kind], name))
    if give.kind == "sessions":
        return (*found, ("what", what), ("name", name))
    if give.kind == "ha":
        return (*found, ("name", name))
    found += [("class", what), ("name", name)]
    return (*found, ("unit", UNITS.get(what, what))) if give.kind == "sensor" else tuple(found)


# The values


def _first(series: Series, sums: Iterable[Sum], place: Place) -> float | None:
    absent = series.give.absent
    for wanted in sums:
        value = place.number(wanted)
        if value is not None and value not in absent:
            return value
    return None


_KIND_SERIES: Final = {
    "cpu": "hatang_cpu_percent",
    "sensor": "hatang_sensor",
    "speed": "hatang_interface_speed_bytes_per_second",
    "state": "hatang_sensor_state",
    "sessions": "hatang_sessions",
}


def _single(series: Series, row: Row, place: Place) -> Iterator[tuple[str, str, float]]:
    value = _first(series, series.value, place)
    if value is not None:
        yield _KIND_SERIES[series.give.kind], "", value * row.factor + series.give.offset


def _amounts(series: Series, row: Row, place: Place) -> Iterator[tuple[str, str, float]]:
    kind = series.give.kind
    used, free, total = (_amount(series, name, place) for name in series.amounts)
    if total is None and used is not None and free is not None:
        total = used + free
    if used is None and free is not None and total is not None:
        used = total - free
    percent = _first(series, series.value, place)
    if percent is not None:
        percent = percent * row.factor + series.give.offset
        if used is None and total is not None:
            used = total * percent / 100
    if used is not None and total is not None and total > 0:
        yield f"hatang_{kind}_size_bytes", "", total * row.units
        yield f"hatang_{kind}_used_bytes", "", used * row.units
    if kind != "memory":
        return
    if percent is not None:
        yield "hatang_memory_used_percent", "", percent
    elif used is not None and total is not None and total > 0:
        yield "hatang_memory_used_percent", "", 100 * used / total


def _amount(series: Series, name: str, place: Place) -> float | None:
    """Return an amount; one that left Integer32 upwards comes back from below zero."""
    value = _first(series, series.amounts[name], place)
    return value + (1 << 32) if value is not None and value < 0 else value


def _state(series: Series, row: Row, place: Place) -> Iterator[tuple[str, str, float]]:
    raw = _raw(series, place)
    if raw is not None:
        yield "hatang_sensor_state", "", series.code(raw)


def _ha(series: Series, row: Row, place: Place) -> Iterator[tuple[str, str, float]]:
    raw = _raw(series, place)
    if raw is not None:
        now = _matched(series.give.names, raw)
        for name in dict.fromkeys(series.give.names.values()):
            yield "hatang_ha_state", name, int(name == now)


def _raw(series: Series, place: Place) -> SnmpValue | None:
    for wanted in series.value:
        raw = place.raw(wanted.terms[0][1])
        if raw is not None and raw not in series.give.absent:
            return raw
    return None


def _matched(known: Mapping[int | str, str], raw: SnmpValue) -> str | None:
    if isinstance(raw, int) and raw in known:
        return known[raw]
    text = as_text(raw).strip().lower()
    if text in known:
        return known[text]
    as_number = number(raw)
    return None if as_number is None else known.get(int(as_number))


_VALUES: Final = {"memory": _amounts, "storage": _amounts, "state": _state, "ha": _ha}
