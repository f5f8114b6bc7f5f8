"""A month of three leased lines, written down as the monitors and the correlation would."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import select

from alerts.models import Incident, IncidentEffect, IncidentEvent, Maintenance, Ticket
from hatang.auth import Actor
from hatang.settings.contracts import Contract, CreditTier
from inventory import service as inventory
from inventory.models import Circuit, Device, Link
from monitors.models import ElementRow, HeartbeatRow, SilenceRow, TransitionRow

if TYPE_CHECKING:
    from hatang.db import WriteSession

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
SYSTEM = Actor.system("test")
CARRIER = "Viễn thông Thử"
INVENTORY = f"""\
version: 1
units:
  - {{code: tinh, name: "Tỉnh", kind: province, parent: null}}
  - {{code: xa-1, name: "Xã Một", kind: commune, parent: tinh}}
sites:
  - {{slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}}
  - {{slug: xa-1, name: "Trụ sở xã Một", unit: xa-1, kind: commune}}
devices:
  - {{name: core, site: dc, role: core, platform: frr}}
  - {{name: r1, site: xa-1, role: commune-router, platform: frr}}
  - {{name: r2, site: xa-1, role: commune-router, platform: frr}}
providers:
  - {{name: "{CARRIER}", hotline: "18001"}}
circuits:
  - {{cid: L-1, provider: "{CARRIER}", a: dc, z: xa-1, contract_number: HD-1}}
  - {{cid: L-2, provider: "{CARRIER}", a: dc, z: xa-1, contract_number: HD-2}}
  - {{cid: L-3, provider: "{CARRIER}", a: dc, z: xa-1, contract_number: HD-1}}
links:
  - {{a: "core:e1", b: "r1:e0", circuit: L-1}}
  - {{a: "core:e2", b: "r2:e0", circuit: L-2}}
"""
CONTRACT = Contract(
    carrier=CARRIER,
    number="HD-1",
    availability=99.5,
    tiers=(
        CreditTier(below=99.5, credit=5),
        CreditTier(below=99.0, credit=10),
        CreditTier(below=95.0, credit=25),
    ),
    fees={"L-1": 12_000_000},
)
NOW = datetime(2026, 11, 5, 8, tzinfo=ZONE)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """Return a time of October 2026."""
    return datetime(2026, 10, day, hour, minute, tzinfo=ZONE)


BEGIN = at(1) - timedelta(days=11)


def load(session: WriteSession) -> None:
    """Write down October: L-1 fails twice, is shut once; the monitor is silent for half a day."""
    plan = inventory.plan_import(session, SYSTEM, INVENTORY, "leased.yaml")
    inventory.apply_import(session, SYSTEM, plan, "test")
    up, down, shut = ("good", "oper_up"), ("bad", "oper_down"), ("bad", "admin_down")
    _track(
        session,
        _port(session, "core", "e1"),
        [
            *((BEGIN, up), (at(3, 1), down), (at(3, 7), up)),
            *((at(10), down), (at(10, 2), up)),
            *((at(25, 10), shut), (at(25, 11), up)),
        ],
    )
    _track(session, _port(session, "r1", "e0"), [(BEGIN, up)])
    flapping = ("degraded", "flapping")
    moves = [(BEGIN, up), (at(5), flapping), (at(5, 1), up)]
    _track(session, _port(session, "core", "e2"), moves)
    session.add(SilenceRow(monitor="m", starts_at=at(20), ends_at=at(20, 12)))
    session.add(HeartbeatRow(monitor="m", epoch="e", at=NOW))
    _explain(session)
    _work(session, "carrier:" + CARRIER, (at(10, 0, 30), at(10, 1, 30)))


def _port(session: WriteSession, device: str, name: str) -> str:
    key = session.scalars(select(Device.device_key).where(Device.name == device)).one()
    return f"interface:{key}:{name}"


def link_of(session: WriteSession, cid: str) -> str:
    """Return the link that is drawn over a circuit."""
    of = Link.circuit_id == select(Circuit.id).where(Circuit.cid == cid).scalar_subquery()
    return f"link:{session.scalars(select(Link.id).where(of)).one()}"


def _track(
    session: WriteSession, element: str, moves: list[tuple[datetime, tuple[str, str]]]
) -> None:
    before = "unknown"
    kind, owner, name = element.split(":")
    scope_id = session.scalars(select(Device.scope_id).where(Device.device_key == owner)).one()
    for number, (when, (state, cause)) in enumerate(moves):
        session.add(
            TransitionRow(
                monitor="m",
                epoch=element[-32:],
                sequence=number,
                element=element,
                scope_id=scope_id,
                from_state=before,
                to_state=state,
                cause=cause,
                at=when,
                evidence={},
            )
        )
        before = state
    session.flush()
    since, (state, cause) = moves[-1]
    row = ElementRow(element=element, kind=kind, owner=owner, name=name, monitor="m")
    row.scope_id, row.state, row.cause, row.since = scope_id, state, cause, since
    session.add(row)


def incident(
    session: WriteSession, element: str, since: datetime, until: datetime | None
) -> Incident:
    """Write down an incident opened a minute after its fault began."""
    scope_id = session.scalars(select(Device.scope_id).where(Device.name == "r1")).one()
    row = Incident(
        fault=element,
        element=element,
        origin=element,
        name=element,
        alertname="LinkDown" if element.startswith("link") else "DeviceUnreachable",
        severity="warning",
        state="open" if until is None else "resolved",
        scope_id=scope_id,
        is_verified=True,
        bad_since=since,
        opened_at=since + timedelta(minutes=1),
        resolved_at=until,
    )
    session.add(row)
    session.flush()
    return row


def _explain(session: WriteSession) -> None:
    link = link_of(session, "L-1")
    first = incident(session, link, at(3, 1), at(3, 7))
    for number, hour in (("SR-99", 2), ("SR-123", 3)):  # the later one holds
        said = Ticket(incident_id=first.id, party="VNPT", number=number, note="", actor="an")
        said.promised_at, said.at = None, at(3, hour)
        session.add(said)
    line = IncidentEvent(incident_id=first.id, at=at(3, 2), kind="ticket", actor="an")
    line.detail = {"party": "VNPT", "number": "SR-99"}
    session.add(line)
    key = session.scalars(select(Device.device_key).where(Device.name == "r1")).one()
    second = incident(session, f"device:{key}", at(10), at(10, 2))
    effect = IncidentEffect(incident_id=second.id, element=link, kind="link", name=link, site="")
    effect.scope_id, effect.people, effect.impact = second.scope_id, 0, "down"
    session.add(effect)


def _work(session: WriteSession, source: str, span: tuple[datetime, datetime]) -> None:
    session.add(
        Maintenance(
            reason="cable",
            elements=[link_of(session, "L-1")],
            scope_id=None,
            starts_at=span[0],
            ends_at=span[1],
            source=source,
            created_by="an",
            created_at=span[0],
        )
    )


def outage(session: WriteSession, cids: tuple[str, ...], span: tuple[datetime, datetime]) -> None:
    """Write down an outage of the carrier that took these circuits, with its ticket."""
    row = incident(session, f"provider:{CARRIER}", *span)
    row.alertname = "CarrierOutage"
    for cid in cids:
        effect = IncidentEffect(incident_id=row.id, element=f"circuit:{cid}", kind="circuit")
        effect.name, effect.site, effect.people, effect.impact = cid, "", 0, "down"
        effect.scope_id = row.scope_id
        session.add(effect)
    said = Ticket(incident_id=row.id, party=CARRIER, number="SR-200", note="", actor="an")
    said.promised_at, said.at = None, span[0]
    session.add(said)
