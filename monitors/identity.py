"""What a device is, read from what it says: version, hardware and serial."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from inventory import platforms
from monitors.modules.expressions import Place, as_lines, as_text, parse_text, paths
from monitors.readings import holds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from hatang.drivers.protocols import SnmpValue
    from monitors.modules.plan import Plan
    from monitors.modules.schema import Identity, Source
    from monitors.samples import TableSample

FACTS: Final = ("version", "hardware", "serial")


def identity(
    plan: Plan, scalars: Mapping[str, SnmpValue], tables: Mapping[str, TableSample]
) -> dict[str, str]:
    """Return version, hardware and serial of a device, those it tells.

    The sources of its vendor's modules come first, then what its platform finds in sysDescr, then
    those that any agent may have.
    """
    columns = {name: cells for table in tables.values() for name, cells in table.columns.items()}
    place = Place(columns, scalars, {}, read=as_lines)
    own = [module for module in plan.modules if not module.is_general]
    general = [module for module in plan.modules if module.is_general]
    found = _first([m.identity for m in own], place)
    descr, object_id = (as_lines(scalars.get(name)) for name in ("sysDescr", "sysObjectID"))
    known = _described(object_id.lstrip("."), descr)
    told = {**_first([m.identity for m in general], place), **known, **found}
    return {name: as_text(text) for name, text in told.items()}


@lru_cache(maxsize=16_384)
def _described(object_id: str, descr: str) -> dict[str, str]:
    """Return what the platform finds in sysDescr; finding the platform takes over a millisecond."""
    platform = platforms.recognise(object_id, descr)
    told = platform.facts.read(descr) if platform is not None else {}
    return {name: text for name, text in told.items() if name in FACTS}


def _first(identities: Iterable[Identity], place: Place) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in identities:
        for fact, sources in one:
            for source in sources:
                text = "" if fact in found else next(filter(None, _texts(source, place)), "")
                if text:
                    found[fact] = text
    return found


def _texts(source: Source, place: Place) -> Iterator[str]:
    pieces = [parse_text(text) for text in source.of]
    named = [path[-1] for path in paths(*pieces)]
    rows = next((place.columns[name] for name in named if name in place.columns), None)
    for index in [""] if rows is None else sorted(rows, key=_order):
        place.index = index
        if holds(source.where, place):
            yield from (source.read(place.text(piece)) for piece in pieces)


def _order(index: str) -> tuple[int, ...]:
    return tuple(int(part) for part in index.split(".") if part.isdigit())
