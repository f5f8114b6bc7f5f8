"""A province as the doors find it: inventory, people with roles and scopes, states, an outage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from alerts import service as alerts
from alerts.choices import IncidentEventKind
from alerts.models import Incident, IncidentEffect
from alerts.repository import tell
from conference import service as conference
from conference.choices import PointRole
from hatang import clock
from hatang.auth import Actor, Role, User, UserRole, tokens, users
from inventory import service as inventory
from inventory.models import Device, Unit
from monitors.models import ElementRow, HeartbeatRow, HintRow

if TYPE_CHECKING:
    from hatang.db import Database, WriteSession
    from tests.api.conftest import People

FILE = Path(__file__).with_name("province.yaml")
SYSTEM = Actor.system("test")
MEETING = "giao-ban-2026-11@tinh.test"
PASSWORD = "Duong-truyen-4631"
CUT_OFF = ("hub-2", "rtr-05", "rtr-06", "rtr-07", "rtr-08")
ON_BATTERY = "ups-3"


@dataclass(frozen=True)
class Person:
    """Somebody with his token's text."""

    id: int
    name: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """What a program of this person sends."""
        return {"Authorization": f"Bearer {self.token}"}


def load(session: WriteSession) -> dict[str, int]:
    """Import the province; return the scopes of its units by code."""
    plan = inventory.plan_import(session, SYSTEM, FILE)
    inventory.apply_import(session, SYSTEM, plan, "test")
    return dict(session.execute(select(Unit.code, Unit.scope_id)).all())


def person(session: WriteSession, name: str, *roles: Role, scope_id: int | None = None) -> Person:
    """Create somebody who holds `roles` in one scope, with a token that carries them all."""
    user = User(name=name, display_name=name, password_hash=None, created_at=clock.now())
    session.add(user)
    session.flush()
    for role in roles:
        session.add(
            UserRole(
                user_id=user.id,
                role=role,
                scope_id=scope_id,
                granted_by="test",
                granted_at=clock.now(),
            )
        )
    session.flush()
    actor = users.actor_of(session, user)
    expiry = clock.now() + timedelta(days=30)
    text = tokens.create_token(session, actor, "test", roles, expiry)
    return Person(user.id, name, text)


def actor_of(database: Database, someone: Person) -> Actor:
    """Return the person as an actor."""
    with database.read() as session:
        return users.actor_of(session, session.get_one(User, someone.id))


def measure(session: WriteSession, *, broken: bool) -> None:
    """Write the states a monitor would; `broken`: hub-2 is down with its communes."""
    moment = clock.now()
    session.merge(HeartbeatRow(monitor="monitor-0", epoch="e", at=moment))
    for device in session.scalars(select(Device)).all():
        down = broken and device.name in CUT_OFF
        state, cause = ("bad", "timeout") if down else ("good", "answered")
        row = ElementRow(
            element=f"device:{device.device_key}",
            kind="device",
            owner=device.device_key,
            name="",
            monitor="monitor-0",
            scope_id=device.scope_id,
            state=state,
            cause=cause,
            since=moment - (timedelta(minutes=7) if down else timedelta(days=3, hours=2)),
        )
        if broken and device.name == ON_BATTERY:
            row.state, row.cause = "degraded", "on_battery"
        session.merge(row)


def hints(session: WriteSession, count: int = 1) -> None:
    """Keep a log line and, `count` times, a trap of core-1."""
    device = session.scalars(select(Device).where(Device.name == "core-1")).one()
    line = "%LINK-3-UPDOWN: Interface Gi0/1, changed state to down"
    trap = {"1.3.6.1.2.1.2.2.1.1.3": "3"}
    said = [("syslog", "cisco.updown_down", {"line": line}, 3)]
    said += [("trap", "standard.linkDown", trap, 1)] * count
    for number, (source, rule, detail, times) in enumerate(said):
        session.add(
            HintRow(
                at=clock.now() - timedelta(minutes=number + 2),
                last_at=clock.now() - timedelta(minutes=number + 1),
                owner=device.device_key,
                element=f"interface:{device.device_key}/eth1",
                scope_id=device.scope_id,
                kind="link_down",
                source=source,
                rule=rule,
                detail=detail,
                count=times,
                is_verified=number == 0,
            )
        )


def outage(session: WriteSession) -> int:
    """Open the incident of hub-2 as the correlation would and return its number."""
    hub = session.scalars(select(Device).where(Device.name == "hub-2")).one()
    moment = clock.now()
    incident = Incident(
        fault=f"device:{hub.device_key}",
        element=f"device:{hub.device_key}",
        origin=f"device:{hub.device_key}",
        name="hub-2",
        site="hub-2",
        alertname="DeviceUnreachable",
        severity="critical",
        state="open",
        scope_id=hub.scope_id,
        is_verified=True,
        bad_since=moment - timedelta(minutes=7),
        opened_at=moment - timedelta(minutes=6),
    )
    session.add(incident)
    session.flush()
    for device in session.scalars(select(Device).where(Device.name.in_(CUT_OFF[1:]))).all():
        site = f"xa-{device.name[-2:]}"
        hit = (("device", device.device_key, device.name), ("site", site, site))
        for kind, key, name in hit:
            session.add(
                IncidentEffect(
                    incident_id=incident.id,
                    element=f"{kind}:{key}",
                    kind=kind,
                    name=name,
                    site=site,
                    scope_id=device.scope_id,
                    people=30 if kind == "site" else 0,
                    impact="down",
                )
            )
    tell(session, incident, IncidentEventKind.OPENED, element=incident.element)
    return incident.id


def night(database: Database, people: People) -> None:
    """Let the operator take the first incident, get a ticket, announce work, and hand over."""
    operator = actor_of(database, people.operator)
    moment = clock.now()
    with database.write() as session:
        alerts.acknowledge(session, operator, 1, note="x", ends_at=moment + timedelta(hours=4))
        promised = moment + timedelta(hours=2)
        said = alerts.TicketInput("Viettel", "SC-0142", promised, "x")
        alerts.record_ticket(session, operator, 1, said)
        work = alerts.MaintenanceRequest(
            ("rtr-01",), moment, moment + timedelta(hours=2), "x", "notice", "x"
        )
        alerts.create_maintenance(session, operator, work)
        alerts.hand_over(session, operator, receiver=people.engineer.name, note="x")


def meeting(session: WriteSession) -> None:
    """Plan a meeting of all twelve communes for tomorrow."""
    start = clock.now() + timedelta(hours=20)
    rooms = [f"room-{number:02}" for number in range(1, 13)]
    wanted = conference.MeetingInput(
        uid=MEETING,
        title="Giao ban trực tuyến toàn tỉnh",
        starts_at=start,
        ends_at=start + timedelta(hours=2),
        bridge="mcu-1",
        points=[conference.PointInput(room, PointRole.VIEWER, required=True) for room in rooms],
    )
    conference.put_meeting(session, SYSTEM, wanted)
