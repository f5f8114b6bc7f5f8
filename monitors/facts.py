"""What polls observe of things the inventory intends: names, models, ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang import log
from hatang.errors import NotFoundError
from inventory import service as inventory
from inventory.choices import ElementKind
from monitors.samples import as_text

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import WriteSession
    from monitors.samples import PollSample

SOURCE: Final = "snmp"
# The fields of the inventory that SNMPv2-MIB's system group speaks of.
FIELDS: Final = {"sysName": "name", "sysDescr": "sys_descr", "sysObjectID": "sys_object_id"}

_PORTS: Final = ("ifName", "ifDescr", "ifOperStatus")

Facts = dict[str, str | list[str]]

_logger = log.get_logger(__name__)


def facts_of(sample: PollSample) -> Facts:
    """Return the facts in a poll by inventory field; one that was not answered is absent.

    `interfaces` are the names in ifTable, sorted.
    """
    found: Facts = {
        field: as_text(sample.scalars[name])
        for name, field in FIELDS.items()
        if name in sample.scalars
    }
    table = sample.tables.get("ifTable")
    if table is not None:
        names = {
            table.text("ifName", index) or table.text("ifDescr", index)
            for index in table.indexes("ifOperStatus")
        }
        found["interfaces"] = sorted(names - {""})
    return found


def record(session: WriteSession, actor: Actor, key: str, facts: Facts) -> None:
    """Tell the inventory what was observed of the device `key`; one that is gone is passed over.

    A sysName that is the device's name with a domain behind it is that name.
    """
    try:
        device = inventory.get_device(session, actor, key)
    except NotFoundError:
        _logger.info("facts of %s come too late, the device is gone", key)
        return
    seen = dict(facts)
    name = seen.get("name")
    if isinstance(name, str) and name.partition(".")[0].casefold() == device.name.casefold():
        seen["name"] = device.name
    inventory.record_observation(session, ElementKind.DEVICE, device.id, seen, SOURCE)


def _source(sample: PollSample) -> tuple[object, ...]:
    """Return everything of which facts are made: three values, then three columns."""
    table = sample.tables.get("ifTable")
    columns = table.columns if table is not None else {}
    values = [sample.scalars.get(name) for name in FIELDS]
    return (*values, *(columns.get(name) for name in _PORTS))


def _is_same(source: tuple[object, ...], before: tuple[object, ...] | None) -> bool:
    """Return whether nothing changed: a column in which nothing did is the same object."""
    if before is None or source[: len(FIELDS)] != before[: len(FIELDS)]:
        return False
    columns = zip(source[len(FIELDS) :], before[len(FIELDS) :], strict=True)
    return all(new is old for new, old in columns)


class FactBook:
    """Tells apart what is new: the inventory hears of a fact when it changes, not each poll."""

    def __init__(self) -> None:
        self._told: dict[str, Facts] = {}
        # What was looked at and held nothing new; nearly every poll says the same again.
        self._seen: dict[str, tuple[object, ...]] = {}

    def news(self, samples: dict[str, PollSample], limit: int) -> dict[str, Facts]:
        """Return the facts that differ from what was told before, of at most `limit` devices."""
        found: dict[str, Facts] = {}
        for key, sample in samples.items():
            if len(found) >= limit:
                break
            if not sample.answered:
                continue
            source = _source(sample)
            if _is_same(source, self._seen.get(key)):
                continue
            before = self._told.get(key, {})
            new = {name: v for name, v in facts_of(sample).items() if before.get(name) != v}
            if new:
                found[key] = new
            else:
                self._seen[key] = source
        return found

    def told(self, facts: dict[str, Facts]) -> None:
        """Remember that the inventory knows `facts`, by device key."""
        for key, known in facts.items():
            self._told[key] = {**self._told.get(key, {}), **known}
