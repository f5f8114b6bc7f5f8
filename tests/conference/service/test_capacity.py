"""Before the meeting: lines and bridge at that hour, other meetings, work, waivers, what-if."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from alerts.models import Maintenance
from conference import service
from conference.choices import Check, CheckResult, Readiness, Trigger
from conference.jobs import due, latest
from conference.service import bridges, known
from conference.service.known import Terms
from hatang import clock
from hatang.auth import Actor, Role
from hatang.errors import InvalidInputError
from inventory import service as inventory
from inventory.models import Bridge, Device, Unit
from monitors import service as monitors
from monitors.models import RollupRow
from playbooks.choices import ChangeState
from playbooks.models import Change, ChangeTarget
from tests.conference.service.test_checking import Province
from tests.conference.service.test_meetings import AT, MEETING, put

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conference.service import ReadinessReport
    from hatang.db import Database

pytestmark = pytest.mark.slow

CARRIER = """
version: 1
providers: [{name: Viettel}]
circuits: [{cid: TSLCD-1, provider: Viettel, a: hub-1, z: dc, commit_rate_kbps: RATE}]
links: [{a: "core-1:e1", b: "hub-1:e1", circuit: TSLCD-1}]
"""


@pytest.fixture(autouse=True)
def before() -> Iterator[None]:
    with clock.frozen(AT - timedelta(hours=1)):
        yield


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Province:
    found = Province()
    monkeypatch.setattr(bridges, "client", found.open_client)
    monkeypatch.setattr(monitors, "site_statuses", found.site_statuses)
    return found


def rent(database: Database, actor: Actor, kbps: int) -> None:
    with database.write() as session:
        text = CARRIER.replace("RATE", str(kbps))
        plan = inventory.plan_import(session, actor, text, filename="carrier.yaml")
        inventory.apply_import(session, actor, plan, "test")


def use(database: Database, bps: float, weeks: int = 4) -> None:
    """Let the circuit have carried `bps` at the meeting's hours, each way, and nothing else."""
    day = AT.astimezone(ZoneInfo("Asia/Ho_Chi_Minh")).date()
    hours = [bps if 8 <= hour < 10 else 0.0 for hour in range(24)]
    with database.write() as session:
        for week in range(1, weeks + 1):
            for metric in ("in", "out"):
                session.add(
                    RollupRow(
                        kind="circuit",
                        key="TSLCD-1",
                        metric=metric,
                        day=day - timedelta(weeks=week),
                        samples=288,
                        expected=288,
                        average=bps,
                        percentile95=bps,
                        maximum=bps,
                        hours=hours,
                        hours_percentile95=hours,
                        source="prometheus",
                        is_whole=True,
                    )
                )


def check(
    database: Database, actor: Actor, outside: Province, terms: Terms | None = None
) -> ReadinessReport:
    service.check_readiness(
        database, actor, MEETING.uid, prober=outside.sip, terms=terms or Terms()
    )
    with database.read() as session:
        return service.latest_readiness(session, actor, MEETING.uid)


def result(report: ReadinessReport, name: Check, room: str | None = "room-01") -> str:
    return next(row.result for row in report.checks if (row.check, row.room) == (name, room))


def test_an_uplink_too_narrow_for_all_points_at_once_is_one_cause(
    province: Database, admin: Actor, outside: Province
) -> None:
    rent(province, admin, 4_000)
    use(province, 0.0)
    put(province, admin)
    report = check(province, admin, outside)
    (cause,) = report.verdict.causes
    assert (cause.name, cause.points) == (
        "line TSLCD-1: 5.1 Mbit/s needed for 2 points, 4.0 Mbit/s free",
        2,
    )


def test_each_call_fits_by_itself_all_the_same(
    province: Database, admin: Actor, outside: Province
) -> None:
    rent(province, admin, 4_000)
    use(province, 0.0)
    put(province, admin)
    assert result(check(province, admin, outside), Check.HEADROOM) == CheckResult.PASS


def test_what_runs_there_each_monday_at_that_hour_is_not_free(
    province: Database, admin: Actor, outside: Province
) -> None:
    rent(province, admin, 10_000)
    use(province, 6_000_000.0)
    put(province, admin)
    assert check(province, admin, outside).verdict.ready == 0


def test_a_line_with_room_to_spare_passes(
    province: Database, admin: Actor, outside: Province
) -> None:
    rent(province, admin, 10_000)
    use(province, 4_000_000.0)
    put(province, admin)
    report = check(province, admin, outside)
    assert result(report, Check.SHARED_HEADROOM) == CheckResult.PASS
    assert report.verdict.verdict is Readiness.READY


def test_a_line_nobody_measured_is_named_as_not_looked_at(
    province: Database, admin: Actor, outside: Province
) -> None:
    rent(province, admin, 10_000)
    put(province, admin)
    assert check(province, admin, outside).not_looked_at["shared_headroom"] == 2


def test_a_check_that_is_required_and_was_not_made_leaves_nobody_ready(
    province: Database, admin: Actor, outside: Province
) -> None:
    put(province, admin)
    terms = Terms(required=frozenset({Check.PATH}))
    assert check(province, admin, outside, terms).verdict.verdict is Readiness.UNKNOWN


def test_another_meeting_at_that_hour_takes_ports_of_the_same_bridge(
    province: Database, admin: Actor, outside: Province
) -> None:
    with province.write() as session:
        session.execute(update(Bridge).values(capacity_ports=3))
    put(province, admin)
    put(province, admin, replace(MEETING, uid="khac@tinh", starts_at=AT + timedelta(hours=1)))
    causes = {cause.name for cause in check(province, admin, outside).verdict.causes}
    assert "bridge mcu-1: 1 of 2 ports free at that hour" in causes


def announce(database: Database) -> None:
    """Announce work on a site, known to the whole province only."""
    with database.write() as session:
        session.add(
            Maintenance(
                reason="thay nguồn",
                elements=["site:xa-02"],
                scope_id=None,
                starts_at=AT,
                ends_at=AT + timedelta(hours=1),
                source="test",
                created_by="lan",
                created_at=AT,
            )
        )


def test_hours_of_one_week_are_one_week(province: Database, admin: Actor) -> None:
    rent(province, admin, 4_000)
    use(province, 0.0, weeks=1)
    put(province, admin)
    with province.read() as session:
        found = known.read(session, admin, MEETING.uid)
    assert found.ways.by_key["circuit:TSLCD-1"].weeks == 1


def test_announced_work_on_the_way_puts_the_points_at_risk(
    province: Database, admin: Actor, outside: Province
) -> None:
    put(province, admin)
    announce(province)
    report = check(province, admin, outside)
    verdicts = [point.verdict for point in report.verdict.points]
    assert verdicts == [Readiness.READY, Readiness.AT_RISK]
    assert report.verdict.causes[0].name == "announced work"


@pytest.mark.parametrize("is_system", [False, True])
def test_work_beyond_who_reads_it_is_told_without_its_reason(
    province: Database, admin: Actor, outside: Province, *, is_system: bool
) -> None:
    put(province, admin)
    announce(province)
    with province.read() as session:
        tree = dict(session.execute(select(Unit.code, Unit.scope_id)).all())
    person = Actor(6, "o", frozenset({Role.OPERATOR}), frozenset({tree["tinh"]}))
    actor = Actor.system("conference") if is_system else person
    report = check(province, actor, outside)
    assert report.verdict.causes[0].name == "announced work"


def test_a_change_beyond_who_reads_it_is_told_without_its_title(province: Database) -> None:
    with province.write() as session:
        hub = session.scalars(select(Device).where(Device.name == "hub-1")).one()
        texts = dict.fromkeys(("reason", "intent", "requester"), "x")
        change = Change(title="bí mật", state=ChangeState.RUNNING, revert_seconds=0, **texts)
        change.created_at = AT
        session.add(change)
        session.flush()
        state = dict.fromkeys(("state", "rendered", "commit_id", "safety"), "x")
        session.add(ChangeTarget(change_id=change.id, device_id=hub.id, **state))
        session.flush()
        far = Actor(6, "o", frozenset({Role.OPERATOR}), frozenset({0}))
        key = f"device:{hub.device_key}"
        assert known._work(session, far, AT, AT)[key] == "change under way"
        own = Actor(6, "o", frozenset({Role.OPERATOR}), frozenset({hub.scope_id}))
        assert known._work(session, own, AT, AT)[key] == "change under way: bí mật"


def waive(database: Database, actor: Actor, **change: object) -> None:
    wanted = service.WaiverInput("room-01", Check.REGISTERED, "đã gọi điện", MEETING.ends_at)
    with database.write() as session:
        service.put_waiver(session, actor, MEETING.uid, replace(wanted, **change))  # type: ignore[arg-type]


def test_a_waived_failure_stops_no_meeting_but_is_never_ready(
    province: Database, admin: Actor, outside: Province
) -> None:
    put(province, admin)
    outside.registered.remove("xa-01")
    waive(province, admin)
    report = check(province, admin, outside)
    assert report.verdict.verdict is Readiness.AT_RISK
    assert report.verdict.points[0].verdict is Readiness.AT_RISK


def test_a_waiver_that_expired_no_longer_counts(
    province: Database, admin: Actor, outside: Province
) -> None:
    put(province, admin)
    outside.registered.remove("xa-01")
    waive(province, admin, expires_at=AT - timedelta(minutes=50))
    with clock.frozen(AT - timedelta(minutes=40)):
        assert check(province, admin, outside).verdict.verdict is Readiness.NOT_READY


def test_all_that_is_wrong_with_a_waiver_is_told_at_once(province: Database, admin: Actor) -> None:
    put(province, admin)
    with pytest.raises(InvalidInputError) as caught:
        waive(province, admin, room="nowhere", reason=" ", expires_at=AT - timedelta(days=1))
    assert {problem.field for problem in caught.value.problems} == {"room", "reason", "expires_at"}


def test_what_if_names_the_line_and_the_ports_and_writes_nothing(
    province: Database, admin: Actor
) -> None:
    rent(province, admin, 4_000)
    use(province, 0.0)
    with province.read() as session:
        found = service.what_if(session, admin, MEETING)
        assert service.list_meetings(session, admin).total == 0
    assert {(one.name, one.direction) for one in found.congested} == {
        ("TSLCD-1", "up"),
        ("TSLCD-1", "down"),
    }
    assert found.missing_ports == 0


@pytest.mark.parametrize(
    ("minutes", "trigger"),
    [
        (1440, Trigger.DAY),
        (61, Trigger.DAY),
        (60, Trigger.HOUR),
        (15, Trigger.QUARTER),
        (5, Trigger.LAST),
        (1, Trigger.LAST),
    ],
)
def test_the_look_that_is_due_follows_from_the_time_left(minutes: int, trigger: Trigger) -> None:
    assert latest(timedelta(minutes=minutes)) is trigger


def test_only_planned_meetings_of_the_coming_day_are_due(province: Database, admin: Actor) -> None:
    put(province, admin)
    put(province, admin, replace(MEETING, uid="huy", is_cancelled=True))
    later = {"starts_at": AT + timedelta(days=2), "ends_at": AT + timedelta(days=2, hours=1)}
    put(province, admin, replace(MEETING, uid="sau", **later))  # type: ignore[arg-type]
    with province.read() as session:
        assert [trigger for _, trigger, _ in due(session, clock.now())] == [Trigger.HOUR]
        assert due(session, datetime(2026, 11, 1, tzinfo=UTC)) == []
