"""What devices said unasked of a fault: it makes the monitors look, and decides nothing."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import clock
from inventory.models import Device, Interface, Link
from monitors.hints import service as hints

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from alerts.models import Incident
    from hatang.db import AnySession

BEFORE: Final = timedelta(minutes=2)
"""How long before the first bad measurement a device may have spoken of the fault: a trap comes at
once, and the look it leads to takes a poll at most."""

_LINK: Final = "link:"
Said = dict[str, str]


def said_of(session: AnySession, incidents: Sequence[Incident]) -> dict[int, Said]:
    """Return what was said of the elements of `incidents`, in both languages, by incident; of a
    link its ports speak.
    """
    of = {each.element: each for each in incidents}
    if not of:
        return {}
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for element in of:
        parts[element].add(element)
    for link, port in _ports(session, of):
        parts[link].add(port)
    since = min(each.bad_since for each in incidents) - BEFORE
    asked = frozenset[str]().union(*parts.values())
    told = hints.latest_of(session, asked, since, clock.now())
    found: dict[int, Said] = {}
    for element, incident in of.items():
        mine = [told[part] for part in sorted(parts[element]) if part in told]
        heard = [each for each in mine if each.last_at >= incident.bad_since - BEFORE]
        if heard:
            last = max(heard, key=lambda each: each.last_at)
            found[incident.id] = {"vi": last.text_vi, "en": last.text_en, "source": last.source}
    return found


def _ports(session: AnySession, elements: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each link among `elements` with each of its ports."""
    keys = [each.removeprefix(_LINK) for each in elements if each.startswith(_LINK)]
    numbers = [int(each) for each in keys if each.isdigit()]
    if not numbers:
        return
    rows = (
        select(Link.id, Device.device_key, Interface.name)
        .join(Interface, Interface.id.in_((Link.a_interface_id, Link.z_interface_id)))
        .join(Device, Interface.device_id == Device.id)
        .where(Link.id.in_(numbers))
    )
    for number, key, name in session.execute(rows):
        yield f"{_LINK}{number}", f"interface:{key}:{name}"
