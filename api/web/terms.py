"""What the inventory's kinds, fields and values are called: the words of its own workbooks."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from babel.dates import format_date

from api.web import formats
from hatang.i18n import _, language
from inventory.choices import ElementKind
from inventory.kinds.registry import KINDS
from inventory.sheets.words import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from inventory.planning import Difference, PlannedRow
    from inventory.sheets.words import FieldWords

SHOWN_CHARACTERS: Final = 300


class Line(NamedTuple):
    """One field of an element before and after, in words."""

    name: str
    before: str
    after: str


class Told(NamedTuple):
    """An element of a plan: its key, its name when it has one, and its fields."""

    key: str
    name: str
    lines: tuple[Line, ...]


class Group(NamedTuple):
    """The elements of one kind; `more` of them are not listed."""

    title: str
    total: int
    rows: tuple[Told, ...]
    more: int
    kind: str = ""


def kind(value: str) -> str:
    """Return what a sheet of this kind is called; a kind we do not know is shown as it is."""
    if value not in set(ElementKind):
        return value
    section = KINDS[ElementKind(value)].section
    return vocabulary().sections[section].title(language())


def singular(value: str) -> str:
    """Return what one element of a kind is called within a sentence."""
    # Vietnamese nouns have no plural; the English kinds are singular words themselves.
    return kind(value).lower() if language() == "vi" else value.replace("_", " ")


def field(kind_value: str, name: str) -> str:
    """Return what heads the column of a field."""
    known = _words(kind_value, name)
    return _seen(name) if known is None else known.header(language())


def _seen(name: str) -> str:
    """Return the name of what a file does not spell, but a device tells."""
    known = {
        "device_type": _("Device type"),
        "sys_location": _("Location it tells"),
        "sys_descr": _("System description"),
        "sys_object_id": _("System object identifier"),
    }
    return known.get(name, name)


def value(kind_value: str, name: str, given: Any) -> str:  # noqa: ANN401 RUF100 - what a field holds
    """Return a field's value as people read it; a dash where there is none."""
    if given is None or given in ("", [], {}):
        return formats.NOTHING
    known = _words(kind_value, name)
    if isinstance(given, str) and known is not None:
        return known.shown(given, language())[:SHOWN_CHARACTERS]
    return plain(given)


def plain(given: Any) -> str:  # noqa: ANN401 RUF100 - what was written down as JSON
    """Return any value in words: lists with commas, parts with their names."""
    if isinstance(given, dict):
        parts = (f"{name} {plain(one)}" for name, one in given.items() if one not in (None, ""))
        return ", ".join(parts)[:SHOWN_CHARACTERS]
    if isinstance(given, list | tuple):
        return ", ".join(plain(one) for one in given)[:SHOWN_CHARACTERS]
    return _single(given)


def _single(given: Any) -> str:  # noqa: ANN401 RUF100 - as above
    if given is None:
        return formats.NOTHING
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if isinstance(given, int | float):
        return formats.number(given)
    if isinstance(given, date):
        pattern = "dd/MM/yyyy" if language() == "vi" else "d MMM yyyy"
        return format_date(given, pattern, locale=language())
    return str(given)[:SHOWN_CHARACTERS]


def groups(rows: Iterable[PlannedRow], shown: int) -> list[Group]:
    """Return a plan's elements by kind, the first `shown` of each listed."""
    by_kind: dict[str, list[PlannedRow]] = {}
    for row in rows:
        by_kind.setdefault(row.kind, []).append(row)
    return [
        Group(
            kind(word),
            len(found),
            tuple(_told(row) for row in found[:shown]),
            max(0, len(found) - shown),
            word,
        )
        for word, found in by_kind.items()
    ]


def _told(row: PlannedRow) -> Told:
    named = row.fields.get("name")
    name = "" if named is None else str(named.after or named.before or "")
    return Told(row.key, name if name != row.key else "", tuple(_lines(row.kind, row.fields)))


def _lines(kind_value: str, fields: Mapping[str, Difference]) -> Iterable[Line]:
    for name, both in fields.items():
        before, after = (value(kind_value, name, one) for one in both)
        if before != after:
            yield Line(field(kind_value, name), before, after)


def _words(kind_value: str, name: str) -> FieldWords | None:
    if kind_value not in set(ElementKind):
        return None
    section = KINDS[ElementKind(kind_value)].section
    return vocabulary().sections[section].fields.get(name)
