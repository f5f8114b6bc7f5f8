"""What people call the elements of an incident's story."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from alerts.choices import IncidentEventKind
from api.web import words
from inventory import service as inventory
from inventory.rows import Query
from monitors.choices import ElementKind
from monitors.elements import Element

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from alerts.service import IncidentDetail, Timeline
    from hatang.auth import Actor
    from hatang.db import AnySession


def naming(
    session: AnySession, actor: Actor, detail: IncidentDetail, story: Timeline
) -> Callable[[str], str]:
    """Return what gives an element of the story its name, a part behind its device.

    A device that the incident does not hit, like the far end of a link, is looked up.
    """
    incident = detail.incident
    names = {each.element: each.name for each in detail.effects} | {incident.element: incident.name}
    told = {*_causes(detail), *(each.element for each in story.moments)}
    for owner in sorted({_owner(each) for each in told if each not in names} - {""}):
        if f"device:{owner}" not in names:
            asked = Query({"device_key": owner}, limit=1)
            found = inventory.list_devices(session, actor, asked).items
            names |= {f"device:{owner}": row.name for row in found}
    return partial(_called, names)


def _causes(detail: IncidentDetail) -> Iterator[str]:
    """Yield what was taken for the cause, early and late."""
    yield detail.incident.origin
    for event in detail.events:
        if event.kind == IncidentEventKind.CAUSE_MOVED:
            yield from (event.detail["before"], event.detail["after"])


def _owner(element: str) -> str:
    """Return the key of the device that the element is or belongs to; "" where there is none."""
    try:
        found = Element.parse(element)
    except ValueError:  # A site, a room or a link holds no state of its own.
        return ""
    return "" if found.kind == ElementKind.SERVICE else found.owner


def _called(names: Mapping[str, str], element: str) -> str:
    kind, _, rest = element.partition(":")
    owner, _, part = rest.partition(":")
    if element in names:
        return names[element]
    if device := names.get(f"device:{owner}"):
        return f"{device} {part or words.element_kind(kind)}"
    return f"{words.element_kind(kind)} {rest}"
