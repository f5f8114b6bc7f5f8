"""How things stand at a date: by group, without what was retired, with what was not collected."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from baselines import service
from baselines.golive import GoLive
from baselines.models import AuditFinding
from baselines.service import By, standing
from hatang import clock
from hatang.gates import Verdict
from inventory.models import Device, Service, ServiceDevice, Unit
from inventory.rows import Query
from tests.baselines.service.test_life import BAD, GOOD, LAN, approve, mended, waived
from tests.playbooks.records import SYSTEM, device, keep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.db import Database

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """A bad router r1 of a level-3 system, a good one r2 of none, and r3 never collected."""
    with sqlite_database.write() as session:
        routers = [device(session, name, "frr") for name in ("r1", "r2", "r3")]
        unit = session.scalars(select(Unit).where(Unit.code == "u-r1")).one()
        system = Service(
            scope_id=unit.scope_id, code="portal", name="Cổng", kind="portal", unit_id=unit.id
        )
        system.level = 3
        session.add(system)
        session.flush()
        session.add(ServiceDevice(service_id=system.id, device_id=routers[0].device_id))
    for router, text in zip(routers, (BAD, GOOD), strict=False):
        keep(sqlite_database, router, text)
        service.audit_device(sqlite_database, SYSTEM, router.name)
    with sqlite_database.write() as session:
        standing.follow(session)
    return sqlite_database


def groups(database: Database, by: By, at: datetime | None = None) -> dict[str, service.PostureRow]:
    with database.read() as session:
        return {row.key: row for row in service.posture(session, SYSTEM, by, at)}


def retire(database: Database, name: str) -> None:
    with database.write() as session:
        session.execute(update(Device).where(Device.name == name).values(status="decommissioning"))
        standing.follow(session)


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (By.UNIT, {"u-r1", "u-r2", "u-r3"}),
        (By.SYSTEM, {"portal", ""}),
        (By.LEVEL, {"3", ""}),
        (By.DEVICE, {"r1", "r2", "r3"}),
    ],
)
def test_devices_are_added_up_by_their_group(database: Database, by: By, keys: set[str]) -> None:
    assert set(groups(database, by)) == keys


def test_what_was_never_collected_has_no_score_and_is_told(database: Database) -> None:
    row = groups(database, By.DEVICE)["r3"]
    assert (row.ratio, row.devices, row.not_collected) == (None, 0, 1)


def test_the_worst_stands_first_and_what_nobody_judged_last(database: Database) -> None:
    assert list(groups(database, By.DEVICE)) == ["r1", "r2", "r3"]


def test_a_rule_is_told_across_the_fleet(database: Database) -> None:
    row = groups(database, By.RULE)["AAA-04"]
    assert row.verdicts[Verdict.FAIL] == 1
    assert (row.devices, row.not_collected) == (2, 1)


def test_a_retired_device_counts_no_longer_but_did_then(database: Database) -> None:
    with clock.frozen(NOW + timedelta(days=1)):
        retire(database, "r1")
        assert "r1" not in groups(database, By.DEVICE)
        with database.read() as session:
            assert service.score(session, SYSTEM).devices == 1
            assert service.score(session, SYSTEM, NOW).devices == 2
        assert "r1" in groups(database, By.DEVICE, NOW)


def test_the_trend_shows_the_repair(database: Database) -> None:
    later = NOW + timedelta(days=2)
    with clock.frozen(later):
        mended(database)
        service.audit_device(database, SYSTEM, "r1")
        with database.read() as session:
            before, after = service.trend(session, SYSTEM, [NOW, later])
            rows = service.repairs(session, SYSTEM, NOW, later)
    assert after.failed < before.failed
    assert {row.median_seconds for row in rows if row.repaired} == {2 * 86400.0}


def test_nothing_goes_live_with_a_high_failure_unless_it_is_waived(database: Database) -> None:
    gate = GoLive()
    with database.read() as session:
        found = {one.reason for one in gate.check(session, "device:r1", "active")}
        below = gate.check(session, "service:portal", "active")
        assert gate.check(session, "device:r1", "staged") == []
        assert gate.check(session, "device:r3", "active") == []
    assert "AAA-04 (high) fails" in found
    assert {one.element for one in below} == {"device:r1"}
    approve(database, waived(database))
    with database.read() as session:
        left = {one.reason for one in gate.check(session, "device:r1", "active")}
    assert left == found - {"AAA-04 (high) fails"}


def refused(database: Database, days: int, device: str = "r3") -> list[str]:
    with database.read() as session:
        return [one.reason for one in GoLive(days).check(session, f"device:{device}", "active")]


def test_a_device_that_nobody_audited_goes_live_only_under_a_waiver(database: Database) -> None:
    (said,) = refused(database, 30)
    assert said.startswith("was never audited: run `hatang backup run --devices r3`")
    wish = service.Wish("r3", "AUD-00", "no way in", "guarded by hand", NOW + timedelta(days=9))
    with database.write() as session:
        number = service.request(session, LAN, wish)
        (asked,) = [one for one in service.list_waivers(session, SYSTEM).items if one.id == number]
    approve(database, asked)
    assert refused(database, 30) == []


def test_an_audit_too_old_is_none(database: Database) -> None:
    old = [one for one in refused(database, 30, "r1") if "audited" in one]
    with clock.frozen(NOW + timedelta(days=31)):
        late = [one for one in refused(database, 30, "r1") if "audited" in one]
        assert refused(database, 0, "r3") == []
    assert (len(old), len(late)) == (0, 1)


def test_who_names_a_device_before_its_operation_sees_its_findings(database: Database) -> None:
    with database.write() as session:
        session.execute(update(Device).where(Device.name == "r1").values(status="staged"))
    with database.read() as session:
        every = service.list_findings(session, SYSTEM, Query({}, limit=None)).items
        named = service.list_findings(session, SYSTEM, Query({"device": "r1"}, limit=None)).items
    assert {row.device for row in every} == {"r2"}
    assert {row.device for row in named} == {"r1"}


def test_the_sample_names_all_it_was_drawn_of(database: Database) -> None:
    with database.read() as session:
        sample = service.draw(session, SYSTEM, 2, "seed")
    assert (len(sample.drawn), sample.size, len(sample.strata)) == (2, 3, 3)


def test_a_part_is_added_up_by_itself(database: Database) -> None:
    good, rule = service.Part(frozenset({"r2", "r3"})), service.Part(rule="AAA-04")
    with database.read() as session:
        score = service.score(session, SYSTEM, part=good)
        (point,) = service.trend(session, SYSTEM, [NOW], good)
        sample = service.draw(session, SYSTEM, 9, "seed", part=good)
        opened = service.repairs(session, SYSTEM, NOW, NOW, good)
        of_rule = service.repairs(session, SYSTEM, NOW, NOW, rule)
        failed = service.score(session, SYSTEM, part=rule).verdicts[Verdict.FAIL]
    assert (score.devices, score.not_collected, point.devices) == (1, ("r3",), 1)
    assert set(sample.drawn) == {"r2", "r3"}
    assert sum(row.opened for row in opened) == score.verdicts[Verdict.FAIL]
    assert (sum(row.opened for row in of_rule), failed) == (1, 1)


def test_a_device_added_later_did_not_count_before(database: Database) -> None:
    with clock.frozen(NOW + timedelta(days=1)):
        with database.write() as session:
            device(session, "r4", "frr")
            standing.follow(session)
        assert "r4" in groups(database, By.DEVICE, clock.now())
        assert set(groups(database, By.DEVICE, NOW)) == {"r1", "r2", "r3"}
        assert set(groups(database, By.DEVICE, NOW - timedelta(days=1))) == {"r1", "r2", "r3"}


def test_nothing_goes_live_where_a_high_rule_could_not_be_judged(database: Database) -> None:
    of_rule = update(AuditFinding).where(AuditFinding.rule_id == "AAA-04")
    with database.write() as session:
        session.execute(of_rule.values(verdict=Verdict.ERROR.value))
    with database.read() as session:
        found = {one.reason: one.verdict for one in GoLive().check(session, "device:r2", "active")}
    assert found["AAA-04 (high) could not be judged"] == Verdict.ERROR
