"""The samples of one device as Prometheus text; the text of its labels is kept between polls.

A sample costs a look-up, a number's text and a join: what stands before the value is written
anew only when a column changed from which labels are made. The lines of a table's column are
written by whoever scrapes them: kept, they would be the largest thing known of a device.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple
from zlib import crc32

from monitors.identity import identity
from monitors.lines import lines
from monitors.modules.crossing import label_paths
from monitors.modules.expressions import Place, as_text, number, parse_text
from monitors.modules.indexes import split_index
from monitors.readings import Normaliser, Row, Series, holds, used_names, values, with_state
from monitors.text import Texts, Unwritten, label_text, written

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from hatang.drivers.protocols import SnmpValue
    from monitors.modules.plan import Plan, TablePlan
    from monitors.modules.schema import Metric
    from monitors.samples import Cells, PollSample, TableSample
    from monitors.targets import DeviceTarget
    from monitors.text import Blocks

# What a device is is read again once in so many polls.
IDENTITY_EVERY: Final = 60
CIRCUIT_RATE: Final = "hatang_circuit_commit_rate_bytes_per_second"
UPSTREAM_RATE: Final = "hatang_circuit_upstream_rate_bytes_per_second"

_NO_CELLS: Final[Cells] = {}
Rows = dict[str, str]
"""Label text of a table's rows by index."""


class _Labelled(NamedTuple):
    """The label text of a table's rows, made of the columns `used`; rows may have none.

    `seen` are all rows.
    """

    used: Sequence[tuple[str, object]]
    seen: frozenset[str]
    rows: Rows


@dataclass(slots=True, eq=False)
class Lines:
    """The lines of one column, of the rows that have labels; nothing of it ever changes.

    `device` are the labels of the device, before those of the row.
    """

    device: str
    metric: Metric
    rows: Rows
    cells: Cells

    def text(self) -> str:
        """Return the lines."""
        metric, rows, cells, device = self.metric, self.rows, self.cells, self.device
        if metric.type in {"counter", "gauge"}:
            return lines(f"{metric.name}{{{device},", rows, cells)
        write = _WRITE[metric.type]
        return "".join(
            [write(metric, f"{device},{rows[i]}", v) for i, v in cells.items() if i in rows]
        )

    def count(self) -> int:
        """Return how many lines there are."""
        if self.metric.type not in {"counter", "gauge"}:
            return self.text().count("\n")
        rows = self.rows
        return sum(i in rows and isinstance(v, int | float) for i, v in self.cells.items())


@dataclass(slots=True, eq=False)
class SimpleLines:
    """The lines of a series whose value is one column of its table."""

    device: str
    series: Series
    rows: list[Row]
    cells: Cells

    def text(self) -> str:
        """Return the lines."""
        return "".join(self._each())

    def count(self) -> int:
        """Return how many lines there are."""
        return sum(1 for _ in self._each())

    def _each(self) -> Iterator[str]:
        series, cells = self.series, self.cells
        give, times = series.give, series.times
        absent, offset, is_state = give.absent, give.offset, give.kind == "state"
        for row in self.rows:
            raw = cells.get(row.index)
            if raw is None:
                continue
            if is_state:
                value: float | None = None if raw in absent else series.code(raw)
            else:
                value = raw if raw.__class__ is int or raw.__class__ is float else number(raw)
                if value is not None:
                    value *= times
                    value = None if value in absent else value * row.factor + offset
            if value is not None:
                before = row.text
                if not before:
                    before = row.text = _before(self.device, row, series.name)
                    row.labels = ()  # they stand in the text from now on
                yield f"{before} {value:.15g}\n"


@dataclass(slots=True, eq=False)
class JoinedLines:
    """The lines of one series, from several places."""

    parts: list[str | Unwritten]

    def text(self) -> str:
        """Return the lines."""
        return "".join(map(written, self.parts))

    def count(self) -> int:
        """Return how many lines there are."""
        return self.text().count("\n")


Written = dict[str, str | Unwritten]


class Shown(NamedTuple):
    """The blocks of the poll `number`, and which of them are the device's own."""

    number: int
    own: Collection[str]
    blocks: Written


@lru_cache(maxsize=1024)
def _scalar_metrics(plan: Plan) -> Mapping[str, Metric]:
    return {metric.name: metric for metric in plan.scalars}


@lru_cache(maxsize=1024)
def _common_names(plan: Plan) -> frozenset[str]:
    """Return the columns and scalars of which labels and the series of all vendors are made."""
    labels = (
        name
        for planned in plan.tables
        for name in (
            *(label.name for label in planned.table.labels),
            *(name for _, path in label_paths(planned.table) for name in path),
        )
    )
    return frozenset(labels) | used_names(plan)


@dataclass(slots=True)
class Renderer:
    """Writes the samples of one device; keeps the label text of its rows between polls."""

    target: DeviceTarget
    plan: Plan
    identity: dict[str, str] = field(default_factory=dict)
    _device: str = ""
    _rows: dict[str, _Labelled] = field(default_factory=dict)
    _label_columns: dict[str, list[str]] = field(default_factory=dict)
    _columns: dict[str, Lines] = field(default_factory=dict)
    _normaliser: Normaliser = field(init=False)
    _renders: int = 0
    _last: Shown | None = None

    def __post_init__(self) -> None:
        target = self.target
        self._normaliser = Normaliser(self.plan)
        self._device = label_text(
            (
                ("instance", target.key),
                ("device", target.name),
                ("site", target.site),
                ("role", target.role),
            )
        )

    def render(self, sample: PollSample, up: bool | None) -> Blocks:  # noqa: FBT001 - a value
        """Return the lines of a poll; `up` is the confirmed state, None when unknown."""
        own = self._own(sample, up)
        blocks = self._following(sample, own)
        if blocks is None:
            blocks = self._whole(sample, own)
        self._last = Shown(sample.number, _shared(frozenset(own)), blocks)
        return blocks

    def _following(self, sample: PollSample, own: Texts) -> Written | None:
        """Return the lines of a poll in which few values differ from the one that was shown last.

        None where more than their own lines may change.
        """
        renewed, last = sample.renewed, self._last
        if renewed is None or last is None or last.number != sample.after:
            return None
        is_common = not renewed.keys().isdisjoint(_common_names(self.plan))
        if is_common or self._renders % IDENTITY_EVERY == 0 or own.keys() != last.own:
            return None
        blocks = {**last.blocks, **own}
        metrics = _scalar_metrics(self.plan)
        for name, cells in renewed.items():
            if cells is None:
                if name in metrics:
                    metric, value = metrics[name], sample.scalars[name]
                    text = _WRITE[metric.type](metric, self._device, value)
                    if bool(text) != (name in blocks):
                        return None
                    if text:
                        blocks[name] = text
                continue
            kept = self._columns.get(name)
            if kept is not None:
                blocks[name] = self._columns[name] = Lines(
                    self._device, kept.metric, kept.rows, cells
                )
        self._renders += 1
        return blocks

    def _whole(self, sample: PollSample, own: Texts) -> Written:
        blocks: Written = {**own}
        if not sample.answered:
            return blocks
        for metric in self.plan.scalars:
            value = sample.scalars.get(metric.name)
            lines = "" if value is None else _WRITE[metric.type](metric, self._device, value)
            if lines:
                blocks[metric.name] = lines
        columns = {n: cells for t in sample.tables.values() for n, cells in t.columns.items()}
        for planned in self.plan.tables:
            table = sample.tables.get(planned.table.name)
            if table is not None and planned.table.metrics:
                place = Place(columns, sample.scalars, {})
                self._table(planned, table, place, blocks)
        self._common(sample, columns, blocks)
        return blocks

    def bare(self, sample: PollSample) -> Texts:
        """Return what the agent itself told, without the labels that say which device it is.

        As snmp_exporter gives it: there Prometheus says by itself whom it asked.
        """
        mine = self._own(sample, up=None).keys()
        before, alone = f"{{{self._device},", f"{{{self._device}}}"
        return {
            name: written(block).replace(before, "{").replace(alone, "")
            for name, block in self.render(sample, None).items()
            if name not in mine
        }

    def _own(self, sample: PollSample, up: bool | None) -> Texts:  # noqa: FBT001 - a value
        values: dict[str, float] = {"hatang_device_poll_duration_seconds": sample.duration_seconds}
        if up is not None:
            values["hatang_device_up"] = int(up)
        if sample.rtt_seconds is not None:
            values["hatang_device_ping_rtt_seconds"] = sample.rtt_seconds
        if sample.reason is not None:
            values["hatang_device_snmp_up"] = int(sample.answered)
        if sample.answered:
            values["hatang_device_snmp_gaps"] = len(sample.gaps)
        found = {name: f"{name}{{{self._device}}} {value!r}\n" for name, value in values.items()}
        if self.target.circuits:
            found |= _circuits(self._device, self.target)
        return found

    def _table(
        self, planned: TablePlan, sample: TableSample, place: Place, blocks: Written
    ) -> None:
        labelled = self._row_labels(planned, sample, place)
        columns, kept = sample.columns, self._columns
        for metric in planned.table.metrics:
            name = metric.name
            cells = columns.get(name, _NO_CELLS)
            if not cells or metric.type == "text":
                continue
            # A column in which nothing changed is the same object as at the poll before.
            found = kept.get(name)
            if found is None or found.cells is not cells or found.rows is not labelled.rows:
                if not cells.keys() <= labelled.seen:
                    labelled = self._label(planned, sample, place)
                found = kept[name] = Lines(self._device, metric, labelled.rows, cells)
            blocks[name] = found

    def _row_labels(self, planned: TablePlan, sample: TableSample, place: Place) -> _Labelled:
        """Return the label text of rows, written anew only when a label's column changed."""
        known = self._rows.get(planned.table.name)
        if known is None:
            return self._label(planned, sample, place)
        columns = place.columns
        for name, before in known.used:
            now = columns.get(name, _NO_CELLS)
            if now is not before and now != before:
                return self._label(planned, sample, place)
        return known

    def _label(self, planned: TablePlan, sample: TableSample, place: Place) -> _Labelled:
        table, columns = planned.table, place.columns
        used = [(name, columns.get(name, _NO_CELLS)) for name in self._labelled(planned)]
        given = [sample.columns[m.name] for m in table.metrics if m.name in sample.columns]
        seen = _shared(frozenset(index for cells in given for index in cells))
        rows: Rows = {}
        for index in seen:
            labels = _labels(planned, place, index)
            if labels is not None:
                rows[index] = label_text(labels)
        found = self._rows[table.name] = _Labelled(used, seen, _shared_rows(tuple(rows.items())))
        return found

    def _labelled(self, planned: TablePlan) -> list[str]:
        """Return the columns from which the labels of a row are made."""
        name = planned.table.name
        found = self._label_columns.get(name)
        if found is None:
            borrowed = [name for _, path in label_paths(planned.table) for name in path]
            own = (label.name for label in planned.table.labels)
            found = self._label_columns[name] = [*own, *borrowed]
        return found

    def _common(self, sample: PollSample, columns: dict[str, Cells], blocks: Written) -> None:
        parts: dict[str, list[str | Unwritten]] = {}
        for series, rows in self._normaliser.prepared(sample.scalars, columns):
            if series.simple is not None:
                cells = columns.get(series.simple, _NO_CELLS)
                if cells:
                    part = SimpleLines(self._device, series, rows, cells)
                    parts.setdefault(series.name, []).append(part)
                continue
            for row, name, state, value in values(series, rows, sample.scalars, columns):
                before = self._before(row, name, state)
                parts.setdefault(name, []).append(f"{before} {value:.15g}\n")
        for name, each in parts.items():
            blocks[name] = each[0] if len(each) == 1 else _joined(each)
        if self._renders % IDENTITY_EVERY == 0:
            self.identity = identity(self.plan, sample.scalars, sample.tables)
        # The second time comes early, by device, so that those of many do not fall together.
        self._renders += (
            1 if self._renders else 1 + crc32(self.target.key.encode()) % IDENTITY_EVERY
        )
        if self.identity:
            labels = label_text(
                (n, self.identity.get(n, "")) for n in ("version", "hardware", "serial")
            )
            blocks["hatang_device_info"] = f"hatang_device_info{{{self._device},{labels}}} 1\n"

    def _before(self, row: Row, name: str, state: str) -> str:
        if row.texts is None:
            row.texts = {}
        before = row.texts.get((name, state))
        if before is None:
            before = row.texts[name, state] = _before(self._device, row, name, state)
        return before


def _circuits(device: str, target: DeviceTarget) -> Texts:
    found: Texts = {CIRCUIT_RATE: "", UPSTREAM_RATE: ""}
    for end in target.circuits:
        labels = label_text((("ifName", end.interface), ("cid", end.cid)))
        rates = {CIRCUIT_RATE: end.commit_rate_kbps, UPSTREAM_RATE: end.upstream_rate_kbps}
        for name, kbps in rates.items():
            # 1000 bits of 8 to the octet
            found[name] += f"{name}{{{device},{labels}}} {kbps * 125}\n"
    return found


def _before(device: str, row: Row, name: str, state: str = "") -> str:
    """Return what stands before a value of a common series."""
    return f"{name}{{{device},{label_text(with_state(row.labels, state))}}}"


def _joined(parts: list[str | Unwritten]) -> str | Unwritten:
    """Return parts of one series as one block."""
    if any(not isinstance(part, str) for part in parts):
        return JoinedLines(parts)
    return "".join(map(written, parts))


@lru_cache(maxsize=4096)
def _shared_rows(rows: tuple[tuple[str, str], ...]) -> Rows:
    """Return the one dictionary of these labels, as `_shared` does."""
    return dict(rows)


@lru_cache(maxsize=4096)
def _shared(rows: frozenset[str]) -> frozenset[str]:
    """Return the one set of these rows that all devices with the same rows hold."""
    return rows


def _labels(planned: TablePlan, place: Place, index: str) -> list[tuple[str, str]] | None:
    table = planned.table
    parts = split_index(index, table.index)
    if parts is None:
        return None
    labels = list(zip((part.name for part in table.index), parts, strict=True))
    place.index, place.parts = index, dict(labels)
    if not holds(table.where, place):
        return None
    given = place.columns
    labels += [(c.name, as_text(given.get(c.name, _NO_CELLS).get(index))) for c in table.labels]
    for name, texts in table.borrowed.items():
        found = (place.text(parse_text(text)) for text in texts)
        labels.append((name, next(filter(None, found), "")))
    return labels


def _number(metric: Metric, labels: str, value: SnmpValue) -> str:
    return f"{metric.name}{{{labels}}} {value}\n" if isinstance(value, int | float) else ""


def _nothing(metric: Metric, labels: str, value: SnmpValue) -> str:
    return ""


def _info(metric: Metric, labels: str, value: SnmpValue) -> str:
    return f"{metric.name}{{{labels},{label_text(((metric.name, as_text(value)),))}}} 1\n"


def _stateset(metric: Metric, labels: str, value: SnmpValue) -> str:
    return "".join(
        f'{metric.name}{{{labels},{metric.name}="{name}"}} {int(number == value)}\n'
        for number, name in metric.states.items()
    )


def _date(metric: Metric, labels: str, value: SnmpValue) -> str:
    at = date_and_time(value)
    return "" if at is None else f"{metric.name}{{{labels}}} {at}\n"


def date_and_time(value: SnmpValue) -> int | None:
    """Return a DateAndTime (SNMPv2-TC, RFC 2579) as Unix time, None when it is none.

    One of eight octets names no time zone; it is taken as UTC.
    """
    if not isinstance(value, bytes) or len(value) not in {8, 11}:
        return None
    year = value[0] << 8 | value[1]
    try:
        day = datetime(year, value[2], value[3], tzinfo=UTC).timestamp()
    except ValueError:
        return None
    away = 0
    if len(value) == 11:
        away = (value[9] * 3600 + value[10] * 60) * (-1 if value[8:9] == b"-" else 1)
    return int(day) + value[4] * 3600 + value[5] * 60 + value[6] - away


_WRITE: Final[Mapping[str, Callable[[Metric, str, SnmpValue], str]]] = {
    "counter": _number,
    "gauge": _number,
    "text": _nothing,
    "info": _info,
    "stateset": _stateset,
    "date": _date,
}
