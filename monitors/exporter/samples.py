"""The values of an agent as the samples that snmp_exporter 0.21 makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from inventory.platforms.schema import linear
from monitors.exporter.reading import previous
from monitors.exporter.schema import anchored
from monitors.exporter.texts import COMBINED, index_text, value_text
from monitors.renderer import date_and_time
from monitors.text import label_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.drivers.protocols import SnmpValue
    from monitors.exporter.reading import Values
    from monitors.exporter.schema import Definition, Metric

Labels = dict[str, str]
Sample = tuple[str, Labels, float]
# Above it snmp_exporter lets counters begin anew, for Prometheus keeps them as doubles.
_MANTISSA: Final = 2**53
_NUMBERS: Final = frozenset({"counter", "gauge", "Float", "Double"})


@dataclass(slots=True)
class Page:
    """Samples by name, each as a line once, below what its name means."""

    _names: dict[str, dict[str, str]]
    _heads: dict[str, str]

    @classmethod
    def empty(cls) -> Page:
        """Return a page without samples."""
        return cls({}, {})

    def has(self, name: str) -> bool:
        """Return whether the page has samples of this name."""
        return name in self._names

    def put(self, name: str, labels: Labels, value: float, about: tuple[str, str]) -> None:
        """Add a sample; `about` is its type and help. Of two with the same labels one stays."""
        given = label_text(sorted(labels.items()))
        before = f"{name}{{{given}}}" if given else name
        if name not in self._heads:
            kind, text = about
            escaped = text.replace("\\", r"\\").replace("\n", r"\n")
            self._heads[name] = f"# HELP {name} {escaped}\n# TYPE {name} {kind}\n"
        self._names.setdefault(name, {}).setdefault(before, f"{before} {value!r}\n")

    def text(self) -> str:
        """Return the page in Prometheus' text format."""
        return "".join(
            head + "".join(self._names[name].values()) for name, head in self._heads.items()
        )


def fill(page: Page, definition: Definition, values: Values) -> None:
    """Add to `page` what `definition` shows of `values`."""
    for metric in definition.metrics:
        kind = "counter" if metric.type == "counter" else "gauge"
        for index, value in values.of(metric.oid).items():
            labels = _labels(metric, index, values)
            for name, more, number in _samples(metric, index, value, labels, values):
                page.put(name, more, number, (kind, metric.help or metric.name))


def _labels(metric: Metric, index: str, values: Values) -> Labels:
    arcs = [int(part) for part in index.split(".") if part]
    labels: Labels = {}
    own: dict[str, str] = {}
    for part in metric.indexes:
        labels[part.labelname], mine, arcs = index_text(arcs, part)
        own[part.labelname] = ".".join(map(str, mine))
    for lookup in metric.lookups:
        if not lookup.labels:
            labels.pop(lookup.labelname, None)
            continue
        row = ".".join(own.get(label, "") for label in lookup.labels)
        value = values.of(lookup.oid).get(row)
        if value is None:
            labels[lookup.labelname] = ""
            continue
        first = own.get(lookup.labels[0], "")
        kind = _kind(lookup.type, lookup.oid, first, values, lookup.type)
        labels[lookup.labelname] = value_text(value, kind)
        own[lookup.labelname] = str(int(_number(value) or 0))
    return labels


def _samples(
    metric: Metric, index: str, value: SnmpValue, labels: Labels, values: Values
) -> Iterator[Sample]:
    if metric.type in _NUMBERS:
        number = _number(value)
        if number is not None:
            yield metric.name, labels, number
    elif metric.type == "DateAndTime":
        at = date_and_time(value)
        if at is not None:
            yield metric.name, labels, at
    elif metric.type in {"EnumAsInfo", "EnumAsStateSet"}:
        number = _number(value)
        if number is not None:
            yield from _states(metric, int(number), labels)
    elif metric.type == "Bits":
        if isinstance(value, bytes):
            yield from _bits(metric, value, labels)
    else:
        text = value_text(value, _kind(metric.type, metric.oid, index, values, "OctetString"))
        yield from _text(metric, text, labels)


def _number(value: SnmpValue) -> float | None:
    """Return a number; a text is none, where snmp_exporter says 0."""
    if isinstance(value, int):
        return value % _MANTISSA if value >= _MANTISSA else value
    return value if isinstance(value, float) else None


def _kind(given: str, oid: str, row: str, values: Values, otherwise: str) -> str:
    """Return the type that the object before `oid` names, where the type `given` varies."""
    names = COMBINED.get(given)
    if names is None:
        return given
    named = values.of(previous(oid)).get(row)
    return names.get(named, otherwise) if isinstance(named, int) else otherwise


def _states(metric: Metric, number: int, labels: Labels) -> Iterator[Sample]:
    name, states = metric.name, metric.enum_values
    if metric.type == "EnumAsInfo":
        yield f"{name}_info", {**labels, name: states.get(number, str(number))}, 1
        return
    for state, word in {number: str(number), **states}.items():
        yield name, {**labels, name: word}, int(state == number)


def _bits(metric: Metric, octets: bytes, labels: Labels) -> Iterator[Sample]:
    for bit, word in metric.enum_values.items():
        is_set = bit < len(octets) * 8 and octets[bit // 8] & (128 >> bit % 8) != 0
        yield metric.name, {**labels, metric.name: word}, int(is_set)


def _text(metric: Metric, text: str, labels: Labels) -> Iterator[Sample]:
    if not metric.regex_extracts:
        yield metric.name, {metric.name: text, **labels}, 1
    for suffix, extracts in metric.regex_extracts.items():
        for extract in extracts:
            number = _extracted(extract.regex, extract.value, text)
            if number is not None:
                yield f"{metric.name}{suffix}", labels, number
                break


@cache
def _pattern(regex: str) -> Any:
    return linear(anchored(regex))


_GROUP: Final = linear(r"\$(?:\{(\w+)\}|(\w+))")


def _extracted(regex: str, template: str, text: str) -> float | None:
    found = _pattern(regex).search(text)
    if found is None:
        return None

    def group(name: Any) -> str:
        word = name[1] or name[2]
        try:
            return found[int(word) if word.isdigit() else word] or ""
        except (IndexError, KeyError):
            return ""

    try:
        return float(_GROUP.sub(group, template))
    except ValueError:
        return None
