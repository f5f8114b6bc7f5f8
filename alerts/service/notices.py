"""From a pasted notice to work that could be announced: read, shown, and only then confirmed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from alerts.notices.points import Known, Mention, mentions
from alerts.notices.times import Window, windows
from alerts.notices.words import LONGEST, Notice
from alerts.service.maintenance import LONGEST as LONGEST_WORK
from alerts.service.maintenance import MaintenanceRequest, create_maintenance
from alerts.service.problems import problem
from hatang import clock
from hatang.auth import Actor, Permission
from hatang.errors import InvalidInputError, NotFoundError
from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.models import Circuit, Device, Link, Site
from inventory.network import Element
from inventory.rows import EVERYTHING
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta

    from alerts.models import Maintenance
    from hatang.db import AnySession, WriteSession
    from inventory.rows import CircuitRow, SiteRow
    from inventory.topology import Topology

_POWER: Final = re.compile(
    r"\b(?:dien luc|evn|mat dien|cup dien|cat dien|ngung cap dien|ngung cung cap dien)\b"
)
_WHY: Final = re.compile(
    r"\b(?:ly do|noi dung(?: cong viec| thuc hien)?|muc dich)\b[^:\n]{0,30}:\s*"
)
_REASON_CHARACTERS: Final = 200
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class Point:
    """A place that the notice names, and what announcing it would withhold.

    `elements` are names as a `MaintenanceRequest` takes them, none where nothing is watched there.
    `affected` are the sites that lose everything meanwhile, by name.
    """

    kind: str
    key: str
    name: str
    text: str
    is_sure: bool
    elements: tuple[str, ...]
    affected: tuple[str, ...]
    people: int | None


@dataclass(frozen=True, slots=True)
class NoticeReading:
    """What was understood of a notice: who wrote it, why, when and where."""

    party: str
    is_power: bool
    reason: str
    windows: tuple[Window, ...]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class _Scene:
    circuits: dict[str, CircuitRow]
    sites: dict[str, SiteRow]
    watched_sites: frozenset[str]
    drawn_circuits: frozenset[str]
    topology: Topology


def read_notice(
    session: AnySession, actor: Actor, text: str, topology: Topology, zone: str
) -> NoticeReading:
    """Return what `text` says about places the actor may announce work for; nothing is written.

    A carrier's notice that names a place means the carrier's circuits there, a power company's
    the place itself.

    Raises:
        DeniedError: the actor may not announce work.
        InvalidInputError: the text is empty or too long.
    """
    acting = actor.acting(Permission.MAINTENANCE_WRITE)
    if not text.strip() or len(text) > LONGEST:
        message = "is empty" if not text.strip() else f"has {len(text)} characters"
        fix = f"Paste the notice, {LONGEST} characters at most."
        raise InvalidInputError([problem("notice", text[:40], message, fix)])
    notice = Notice.of(text)
    today = clock.now().astimezone(ZoneInfo(zone)).date()
    scene = _scene(session, acting, topology)
    units = inventory.list_units(session, acting, EVERYTHING).items
    known = Known(tuple(scene.circuits.values()), tuple(scene.sites.values()), units)
    is_power = bool(_POWER.search(notice.folded))
    party = _party(session, acting, notice, scene, is_power=is_power)
    found = mentions(notice, known)
    named = found if is_power else _by_carrier(found, scene, party)
    return NoticeReading(
        party=party,
        is_power=is_power,
        reason=_reason(notice),
        windows=windows(notice, today, zone),
        points=tuple(_points(session, acting, scene, named)),
    )


def digest_of(reading: NoticeReading) -> str:
    """Return what stands for exactly this reading, so that a person confirms what was shown."""
    parts = [
        *(f"{one.starts_at.isoformat()}/{one.ends_at.isoformat()}" for one in reading.windows),
        *(f"{one.key} {one.is_sure} {' '.join(one.elements)}" for one in reading.points),
    ]
    return sha256("\n".join(parts).encode()).hexdigest()[:_DIGITS]


def announce_notice(
    session: WriteSession,
    actor: Actor,
    reading: NoticeReading,
    text: str,
    longest: timedelta = LONGEST_WORK,
) -> list[Maintenance]:
    """Announce what is sure of a notice, one work for each of its times.

    Raises:
        DeniedError: the actor may not announce work.
        InvalidInputError: nothing is sure, or as `plan_maintenance`.
    """
    points = [one for one in reading.points if one.is_sure and one.elements]
    times = [one for one in reading.windows if one.is_sure]
    if not points or not times:
        message = "names no place for sure" if times else "tells no time for sure"
        fix = "Announce it by hand: hatang maintenance announce."
        raise InvalidInputError([problem("notice", text[:40], message, fix)])
    elements = tuple(dict.fromkeys(name for one in points for name in one.elements))
    return [
        create_maintenance(
            session,
            actor,
            MaintenanceRequest(
                elements, each.starts_at, each.ends_at, reading.reason, "notice", text
            ),
            longest,
        )
        for each in times
    ]


def _scene(session: AnySession, acting: Actor, topology: Topology) -> _Scene:
    watched = select(Site.slug).join(Device, Device.site_id == Site.id).distinct()
    drawn = select(Circuit.cid).join(Link, Link.circuit_id == Circuit.id).distinct()
    return _Scene(
        {row.cid: row for row in inventory.list_circuits(session, acting, EVERYTHING).items},
        {row.slug: row for row in inventory.list_sites(session, acting, EVERYTHING).items},
        frozenset(session.scalars(watched)),
        frozenset(session.scalars(drawn)),
        topology,
    )


def _party(
    session: AnySession, acting: Actor, notice: Notice, scene: _Scene, *, is_power: bool
) -> str:
    """Return who wrote the notice: the known company whose name stands in it first."""
    if is_power:
        names = {row.power_company for row in scene.sites.values()}
    else:
        rows = inventory.list_elements(session, acting, ElementKind.PROVIDER, EVERYTHING).items
        names = {row.key for row in rows}
    places = {name: notice.folded.find(fold(name)) for name in names if name}
    return min((name for name in places if places[name] >= 0), key=places.__getitem__, default="")


def _reason(notice: Notice) -> str:
    """Return why, where the notice says so; else its first words."""
    match = _WHY.search(notice.folded)
    rest = notice.text[match.end() if match else 0 :].strip()
    line = rest.splitlines()[0] if match else " ".join(rest.split())
    return line[:_REASON_CHARACTERS].strip()


def _by_carrier(found: Iterable[Mention], scene: _Scene, party: str) -> list[Mention]:
    """Turn places into the carrier's circuits there, where it has any."""
    named = list(found)
    ids = {each.circuit for each in named if each.circuit}
    for each in [one for one in named if one.site]:
        here = [
            row.cid
            for row in scene.circuits.values()
            if each.site in (row.a_site, row.z_site) and row.provider == party
        ]
        if not here or ids.intersection(here):
            continue
        at = named.index(each)
        named[at : at + 1] = [Mention(each.text, circuit=cid, is_sure=each.is_sure) for cid in here]
    return _once(named, ids, scene)


def _once(named: list[Mention], ids: set[str], scene: _Scene) -> list[Mention]:
    """Drop a place whose circuit is named by its id: the place only says where that ends."""
    ends = {end for cid in ids for end in (scene.circuits[cid].a_site, scene.circuits[cid].z_site)}
    kept = [each for each in named if each.circuit or each.site not in ends]
    return list({(each.circuit, each.site): each for each in reversed(kept)}.values())[::-1]


def _points(
    session: AnySession, acting: Actor, scene: _Scene, named: Iterable[Mention]
) -> Iterator[Point]:
    for each in named:
        if each.circuit:
            yield _circuit(session, acting, scene, each)
        else:
            yield _site(session, acting, scene, each)


def _site(session: AnySession, acting: Actor, scene: _Scene, named: Mention) -> Point:
    row = scene.sites[named.site]
    affected, people = _affected(session, acting, scene, Element(ElementKind.SITE, row.slug))
    elements = (f"site:{row.slug}",) if row.slug in scene.watched_sites else ()
    names = tuple(scene.sites[slug].name for slug in affected if slug != row.slug)
    return Point("site", row.slug, row.name, named.text, named.is_sure, elements, names, people)


def _circuit(session: AnySession, acting: Actor, scene: _Scene, named: Mention) -> Point:
    """A circuit, with the site at its end that is cut off: seen from here that site is dead."""
    row = scene.circuits[named.circuit]
    affected, people = _affected(session, acting, scene, Element(ElementKind.CIRCUIT, row.cid))
    carried = (f"circuit:{row.cid}",) if row.cid in scene.drawn_circuits else ()
    ends = tuple(
        f"site:{end}"
        for end in (row.a_site, row.z_site)
        if end in affected and end in scene.watched_sites
    )
    ends = ends if carried else ()
    name = f"{row.cid} ({row.provider}, {row.a_site} – {row.z_site})"
    names = tuple(scene.sites[slug].name for slug in affected)
    is_sure = named.is_sure
    return Point("circuit", row.cid, name, named.text, is_sure, (*carried, *ends), names, people)


def _affected(
    session: AnySession, acting: Actor, scene: _Scene, element: Element
) -> tuple[tuple[str, ...], int | None]:
    """Return the sites in sight that lose everything with `element`, and who works there."""
    try:
        found = inventory.affected(session, acting, scene.topology, element, limit=1_000)
    except NotFoundError:
        return (), None  # It is written down, but no cable is drawn over it.
    return tuple(one.key for one in found.sites.items if one.key in scene.sites), found.people
