"""A readiness run asks bridge, registrar and rooms, and names the cause where they fail."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select

from alerts.models import Incident, IncidentEffect
from conference import service
from conference.bridges.status import BridgeStatus
from conference.choices import BridgeState, Check, CheckResult, Readiness
from conference.models import Meeting, Participant, Point
from conference.service import bridges, checking
from hatang import clock
from hatang.auth import Actor, Grant, Role
from hatang.drivers.fakes import FakeSip
from hatang.drivers.protocols import SipResult
from hatang.errors import NotFoundError
from inventory.models import Room, Unit
from monitors import service as monitors
from monitors.choices import State
from monitors.service import SiteStatus
from tests.conference.janus_server import FakeJanus
from tests.conference.service.test_meetings import MEETING, put

if TYPE_CHECKING:
    from conference.readiness import MeetingVerdict
    from hatang.db import Database

pytestmark = pytest.mark.slow

OK = SipResult(200, "OK", 0.004)
ROOMS = ("sip:xa-01@10.9.1.2:5060", "sip:xa-02@10.9.2.2:5060")


class Province:
    """What the outside answers: the bridge, the registrar, the rooms and the monitors."""

    def __init__(self) -> None:
        self.janus = FakeJanus()
        self.registered = {"xa-01", "xa-02"}
        self.sites = {"dc": State.GOOD, "xa-01": State.GOOD, "xa-02": State.GOOD}
        self.sip = FakeSip(dict.fromkeys(ROOMS, OK))

    def open_client(self, base_url: str, *, ways: bridges.Ways) -> httpx.AsyncClient:
        del ways
        if "5080" in base_url:
            transport = httpx.MockTransport(self.registrar)
            return httpx.AsyncClient(base_url=base_url, transport=transport)
        return self.janus.open_client(base_url)

    def registrar(self, request: httpx.Request) -> httpx.Response:
        user = json.loads(request.content)["params"][1]
        if user not in self.registered:
            return httpx.Response(200, json={"error": {"code": 404, "message": "not found"}})
        contact: dict[str, Any] = {"Contact": {"Address": "sip:x", "Expires": 60}}
        return httpx.Response(200, json={"result": {"Contacts": [contact]}})

    def site_statuses(self, *_args: object) -> list[SiteStatus]:
        return [SiteStatus(slug, slug, state) for slug, state in self.sites.items()]


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Province:
    found = Province()
    monkeypatch.setattr(bridges, "client", found.open_client)
    monkeypatch.setattr(monitors, "site_statuses", found.site_statuses)
    return found


def check(database: Database, actor: Actor, outside: Province) -> MeetingVerdict:
    put(database, actor)
    return service.check_readiness(database, actor, MEETING.uid, prober=outside.sip)


def test_everybody_answers_and_the_meeting_is_ready(
    province: Database, admin: Actor, outside: Province
) -> None:
    verdict = check(province, admin, outside)
    assert (verdict.verdict, verdict.ready, verdict.total) == (Readiness.READY, 2, 2)


def test_a_room_behind_a_dead_site_names_the_site(
    province: Database, admin: Actor, outside: Province
) -> None:
    outside.sites["xa-02"] = State.BAD
    outside.registered.remove("xa-02")
    verdict = check(province, admin, outside)
    assert verdict.verdict is Readiness.AT_RISK
    assert [cause.name for cause in verdict.causes] == ["Trụ sở xã Yên Sơn"]


def test_a_required_room_that_is_not_registered_stops_the_meeting(
    province: Database, admin: Actor, outside: Province
) -> None:
    outside.registered.remove("xa-01")
    verdict = check(province, admin, outside)
    assert verdict.verdict is Readiness.NOT_READY
    assert verdict.causes[0].name == "Phòng họp Tân Lập: not registered"


def test_a_room_that_is_registered_but_does_not_answer_is_not_ready(
    province: Database, admin: Actor, outside: Province
) -> None:
    outside.sip = FakeSip({ROOMS[0]: OK})
    verdict = check(province, admin, outside)
    assert verdict.points[1].verdict is Readiness.NOT_READY


def test_a_site_nobody_measures_leaves_its_room_unknown(
    province: Database, admin: Actor, outside: Province
) -> None:
    outside.sites["xa-01"] = State.UNKNOWN
    assert check(province, admin, outside).verdict is Readiness.UNKNOWN


def test_what_was_found_is_kept_and_read_back(
    province: Database, admin: Actor, outside: Province
) -> None:
    outside.registered.remove("xa-02")
    verdict = check(province, admin, outside)
    with province.read() as session:
        report = service.latest_readiness(session, admin, MEETING.uid)
    assert report.verdict == verdict
    assert report.finished_at is not None


@pytest.mark.parametrize(("minutes", "is_stale"), [(14, False), (16, True)])
def test_an_answer_that_is_too_old_is_stale_and_counts_nothing_as_ready(
    province: Database, admin: Actor, outside: Province, minutes: int, *, is_stale: bool
) -> None:
    assert check(province, admin, outside).verdict is Readiness.READY
    later = clock.now() + timedelta(minutes=minutes)
    with clock.frozen(later), province.read() as session:
        report = service.latest_readiness(session, admin, MEETING.uid)
    assert report.is_stale is is_stale
    assert report.age_seconds is not None
    assert report.age_seconds // 60 >= minutes - 1
    ready = [point for point in report.verdict.points if point.verdict is Readiness.READY]
    assert (report.verdict.verdict is Readiness.READY) is not is_stale
    assert (report.verdict.ready == len(ready) == 2) is not is_stale


def test_what_stood_in_the_way_is_still_told_when_it_is_old(
    province: Database, admin: Actor, outside: Province
) -> None:
    outside.registered.remove("xa-01")
    check(province, admin, outside)
    later = clock.now() + timedelta(hours=2)
    with clock.frozen(later), province.read() as session:
        report = service.latest_readiness(session, admin, MEETING.uid)
    assert report.verdict.verdict is Readiness.NOT_READY
    assert report.verdict.causes


def test_a_bridge_that_is_down_says_why(
    province: Database, admin: Actor, outside: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = partial(outside.open_client)
    outside.janus = FakeJanus(rename=("list", "gone"))
    monkeypatch.setattr(bridges, "client", broken)
    verdict = check(province, admin, outside)
    assert verdict.verdict is Readiness.NOT_READY
    assert verdict.causes[0].name == "bridge mcu-1: protocol_error"


def test_a_bridge_with_an_alarm_is_at_risk_and_names_it(
    province: Database, admin: Actor, outside: Province, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask(*_: object, **__: object) -> BridgeStatus:
        return BridgeStatus(BridgeState.DEGRADED, 0.1, alarms=("license_expiring",))

    monkeypatch.setattr(bridges, "ask", ask)
    put(province, admin)
    with clock.frozen(MEETING.starts_at - timedelta(minutes=30)):
        service.check_readiness(province, admin, MEETING.uid, prober=outside.sip)
        with province.read() as session:
            report = service.latest_readiness(session, admin, MEETING.uid)
    found = {row.check: (row.result, row.cause) for row in report.checks if row.room is None}
    cause = "bridge mcu-1: license_expiring"
    assert found[Check.BRIDGE_REACHABLE] == (CheckResult.WARN, cause)
    assert Check.BRIDGE_PORTS in found


@pytest.mark.parametrize(("ports_used", "result"), [(63, "pass"), (64, "fail")])
def test_a_port_that_a_point_of_the_meeting_holds_is_not_needed_again(
    *, ports_used: int, result: str, province: Database, admin: Actor, outside: Province,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    async def ask(*_: object, **__: object) -> BridgeStatus:
        return BridgeStatus(BridgeState.UP, 0.1, ports_used=ports_used, ports_total=64)

    monkeypatch.setattr(bridges, "ask", ask)
    put(province, admin)
    with province.write() as session:
        first, *others = session.scalars(select(Point).order_by(Point.id)).all()
        assert len(others) == 1
        session.add(
            Participant(
                bridge_id=session.scalars(select(Meeting.bridge_id)).one(),
                conference="1", remote_id="1", display_name="", meeting_id=first.meeting_id,
                room_id=first.room_id, match_method="uri", joined_at=MEETING.starts_at,
                leave_reason="",
            )
        )  # fmt: skip
    with clock.frozen(MEETING.starts_at + timedelta(minutes=5)):
        service.check_readiness(province, admin, MEETING.uid, prober=outside.sip)
        with province.read() as reading:
            report = service.latest_readiness(reading, admin, MEETING.uid)
    assert {row.check: row.result for row in report.checks}[Check.BRIDGE_PORTS] == result


def test_a_cause_that_the_meetings_unit_may_not_know_is_named_to_nobody(
    province: Database, admin: Actor, outside: Province
) -> None:
    outside.sites["xa-02"] = State.BAD
    put(province, admin)
    with province.write() as session:
        texts = dict.fromkeys(("element", "origin", "name", "alertname"), "hub-secret")
        times = {"bad_since": MEETING.starts_at, "opened_at": MEETING.starts_at}
        row = Incident(fault="x", severity="critical", state="open", is_verified=True)
        for name, value in {**texts, **times}.items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        effect = {"kind": "site", "name": "x", "site": "", "people": 0, "impact": "down"}
        session.add(IncidentEffect(incident_id=row.id, element="site:xa-02", **effect))
        tree = dict(session.execute(select(Unit.code, Unit.scope_id)).all())
    operator = Actor(6, "o", frozenset({Role.OPERATOR}), frozenset({tree["tinh"]}))
    for actor in (operator, admin):
        verdict = service.check_readiness(province, actor, MEETING.uid, prober=outside.sip)
        named = [cause.name for cause in verdict.causes]
        assert "Trụ sở xã Yên Sơn" in named
        assert "hub-secret" not in named


def test_who_operates_one_unit_only_looks_at_no_meeting_of_the_province(
    province: Database, admin: Actor, outside: Province
) -> None:
    put(province, admin)
    with province.read() as session:
        own = session.scalars(select(Unit.scope_id).where(Unit.code == "xa-01")).one()
    grants = frozenset({Grant(Role.OPERATOR, own), Grant(Role.VIEWER, None)})
    actor = Actor(6, "o", frozenset({Role.OPERATOR, Role.VIEWER}), frozenset(), grants)
    with pytest.raises(NotFoundError):
        service.check_readiness(province, actor, MEETING.uid, prober=outside.sip)


@pytest.mark.parametrize(
    ("offered", "told"),
    [
        ({"has_video": True, "codecs": ("H264",), "max_kbps": 4096}, ("pass", "")),
        ({"has_video": True, "codecs": ("H264",), "max_kbps": 768}, ("warn", "takes 768 of 2048")),
        ({"has_video": True, "codecs": ("H261",)}, ("warn", "no video codec")),
        ({"has_video": False}, ("fail", "offers no video")),
        ({}, ("skip", "describes no media")),
    ],
)
def test_what_a_room_offers_is_held_against_the_call(
    province: Database,
    admin: Actor,
    outside: Province,
    offered: dict[str, Any],
    told: tuple[str, str],
) -> None:
    outside.sip.answers[ROOMS[0]] = SipResult(200, "OK", 0.004, **offered)
    check(province, admin, outside)
    with province.read() as session:
        report = service.latest_readiness(session, admin, MEETING.uid)
    found = next(one for one in report.checks if (one.room, one.check) == ("room-01", "codec"))
    assert (found.result, told[1] in found.cause) == (told[0], True)
    assert found.measured["source"] == "sip"


def test_every_check_says_its_source_and_its_age(
    province: Database, admin: Actor, outside: Province
) -> None:
    check(province, admin, outside)
    with province.read() as session:
        report = service.latest_readiness(session, admin, MEETING.uid)
    assert {one.check for one in report.checks} >= set(Check) - {Check.BRIDGE_PORTS}
    assert all({"source", "age_seconds"} <= set(one.measured) for one in report.checks)


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254"])
def test_a_room_that_points_at_this_machine_is_not_asked(
    province: Database, admin: Actor, outside: Province, host: str
) -> None:
    address = f"sip:xa-01@{host}:5060"
    outside.sip.answers[address] = OK
    with province.write() as session:
        session.scalars(select(Room).where(Room.code == "room-01")).one().sip_uri = address
    assert check(province, admin, outside).points[0].verdict is Readiness.NOT_READY


def test_a_bridge_that_is_asked_by_sip_has_no_certificate_to_judge() -> None:
    known: Any = SimpleNamespace(driver="generic_sip")
    found = checking._certificate(known, BridgeStatus(BridgeState.UP, 0.1), "bridge mcu-1")
    assert found.result is CheckResult.SKIP
