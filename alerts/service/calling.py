"""Whom to call about an incident: carriers, the place, its power company, people in charge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from alerts import power
from alerts.carriers import CARRIER
from alerts.wording import unlit
from hatang.auth import Permission
from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.models import Circuit, Link
from inventory.rows import EVERYTHING, Query

if TYPE_CHECKING:
    from collections.abc import Iterable

    from alerts.models import Incident, IncidentEffect
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import CircuitRow, SiteRow
    from inventory.service import Responsible

SERVICES: Final = 12
"""Of so many services the person in charge is named; a page is read on a phone."""
POWER_ALERTS: Final = frozenset({power.ALERT, "UpsOnBattery", "UpsRunsOut"})
"""Alerts about which the power company is called before any carrier."""


@dataclass(frozen=True, slots=True)
class CircuitCall:
    """A carrier's line that may be at fault; `account` is the customer's number there."""

    circuit: CircuitRow
    account: str


@dataclass(frozen=True, slots=True)
class Calls:
    """Whom to call, in the order of a night: lines, the place, its power, people in charge."""

    circuits: tuple[CircuitCall, ...]
    site: SiteRow | None
    people: tuple[Responsible, ...]
    is_power: bool

    @property
    def parties(self) -> tuple[str, ...]:
        """Who may have given a ticket: the carriers, then the power company."""
        power = self.site.power_company if self.site else ""
        known = (*(each.circuit.provider for each in self.circuits), power)
        return tuple(dict.fromkeys(name for name in known if name))


def whom_to_call(
    session: AnySession, actor: Actor, incident: Incident, effects: Iterable[IncidentEffect]
) -> Calls:
    """Return whom to call about `incident`, as far as the actor sees them.

    A cut line has its own carrier, a carrier its lines that are out; of anything else the lines
    that end at its site are named. Of a power cut it is no carrier, but the company that feeds the
    places, and the people in charge of them.

    Raises:
        DeniedError: the actor may not read the inventory.
    """
    suffering = tuple(effects)
    dark = sorted({each.site for each in unlit(incident, suffering) if each.site})
    site = _site(session, actor, dark[0] if dark else incident.site)
    circuits = [] if dark else _circuits(session, actor, incident, site, suffering)
    providers = {each.provider for each in circuits}
    accounts = _accounts(session, actor, providers)
    people = inventory.list_responsible(
        session,
        actor,
        sites=dark or ([site.slug] if site else []),
        services=_services(incident, suffering),
        providers=sorted(providers),
    )
    return Calls(
        circuits=tuple(CircuitCall(each, accounts.get(each.provider, "")) for each in circuits),
        site=site,
        people=people,
        is_power=incident.alertname in POWER_ALERTS,
    )


def ending_at(circuits: Iterable[CircuitRow], site: str) -> list[CircuitRow]:
    """Return the circuits with an end at `site`; none when it is not known where."""
    return [each for each in circuits if site and site in (each.a_site, each.z_site)]


def _site(session: AnySession, actor: Actor, slug: str) -> SiteRow | None:
    found = inventory.list_sites(session, actor, Query({"slug": slug})).items if slug else ()
    return found[0] if found else None


def _circuits(
    session: AnySession,
    actor: Actor,
    incident: Incident,
    site: SiteRow | None,
    effects: Iterable[IncidentEffect],
) -> list[CircuitRow]:
    if incident.element.startswith("link:"):
        number = int(incident.element.partition(":")[2])
        carried = select(Circuit.cid).join(Link, Link.circuit_id == Circuit.id)
        cid = session.scalar(carried.where(Link.id == number))
        query = Query({"cid": cid}) if cid else None
        return list(inventory.list_circuits(session, actor, query).items) if query else []
    if incident.element.startswith(CARRIER):
        carrier = incident.element.removeprefix(CARRIER)
        hit = {each.name for each in effects if each.kind == "circuit"}
        rows = inventory.list_circuits(session, actor, EVERYTHING).items
        return [each for each in rows if each.provider == carrier and each.cid in hit]
    if site is None:
        return []
    return ending_at(inventory.list_circuits(session, actor, EVERYTHING).items, site.slug)


def _accounts(session: AnySession, actor: Actor, providers: set[str]) -> dict[str, str]:
    if not providers or not actor.may(Permission.INVENTORY_READ):
        return {}
    rows = inventory.list_elements(session, actor, ElementKind.PROVIDER, EVERYTHING).items
    return {row.key: str(row.fields.get("account") or "") for row in rows if row.key in providers}


def _services(incident: Incident, effects: Iterable[IncidentEffect]) -> list[str]:
    named = [incident.element, *(each.element for each in effects if each.kind == "service")]
    codes = [each.partition(":")[2] for each in named if each.startswith("service:")]
    return codes[:SERVICES]
