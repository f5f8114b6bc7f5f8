"""The life of a failure: a case, a waiver by two people for a time, a fix through a change set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import update

from baselines import packs, service
from baselines.jobs import recheck_all
from baselines.models import AuditRun
from baselines.service.cases import GRACE
from baselines.service.legacy import WaivedLegacySsh
from hatang import clock
from hatang.audit.models import AuditEntry
from hatang.auth import Actor, Grant, Role
from hatang.drivers.target import SshLogin, Target
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from hatang.gates import Verdict
from hatang.scope import add
from inventory import platforms
from inventory import service as inventory
from inventory.models import Device, Software
from playbooks import changes, vault
from playbooks.access import Access
from playbooks.models import ConfigVersion
from tests.playbooks.records import SYSTEM, collected, device, keep

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from hatang.db import Database

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 28, 8, 0, tzinfo=UTC)
BAD = "hostname r1\nlog syslog\nenable password x\ninterface e1\n ip ospf area 0\nexit\nend\n"
GOOD = "hostname r1\nlog syslog informational\nend\n"


def person(number: int, name: str, *roles: Role) -> Actor:
    return Actor(number, name, frozenset(roles), None)


LAN = person(1, "lan", Role.ENGINEER)
HOA = person(2, "hoa", Role.APPROVER)
BOTH = person(3, "both", Role.ENGINEER, Role.APPROVER)
TRUC = person(4, "truc", Role.AUDITOR)
SON = person(5, "son", Role.RULE_AUTHOR)
OPERATOR = person(6, "op", Role.OPERATOR)


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    with clock.frozen(NOW):
        yield


@pytest.fixture
def audited(sqlite_database: Database) -> Database:
    """One FRR router whose enable password is a failure of AAA-04, audited."""
    with sqlite_database.write() as session:
        router = device(session, "r1", "frr")
    keep(sqlite_database, router, BAD)
    service.audit_device(sqlite_database, SYSTEM, "r1")
    return sqlite_database


def verdict(database: Database, rule: str = "AAA-04", at: datetime | None = None) -> str:
    with database.read() as session:
        rows = service.get_findings(session, SYSTEM, "r1", at)
    return {row.rule_id: row.verdict for row in rows}[rule]


def wish(rule: str = "AAA-04", days: int = 90, **texts: str) -> service.Wish:
    reason, measure = texts.get("reason", "old"), texts.get("measure", "only by console")
    return service.Wish("r1", rule, reason, measure, clock.now() + timedelta(days=days))


def waived(database: Database, actor: Actor = LAN, days: int = 90) -> service.WaiverRow:
    with database.write() as session:
        service.request(session, actor, wish(days=days))
    with database.read() as session:
        return service.list_waivers(session, SYSTEM).items[0]


def approve(database: Database, row: service.WaiverRow, actor: Actor = HOA) -> None:
    with database.write() as session:
        service.decide(session, actor, row.id, row.sha256, approve=True)


def case(database: Database, rule: str = "AAA-04") -> service.CaseRow:
    with database.read() as session:
        return {row.rule_id: row for row in service.list_cases(session, SYSTEM).items}[rule]


def mended(database: Database) -> None:
    with database.read() as session:
        row = inventory.get_device(session, SYSTEM, "r1")
    target, login = Target("key-r1", "10.0.0.1", 22), SshLogin("ops", "x")
    access = Access(row.id, row.scope_id, "r1", platforms.get("frr"), target, target, login, login)
    keep(database, access, GOOD)


def test_a_waiver_waits_for_another_person(audited: Database) -> None:
    row = waived(audited)
    assert row.state == "pending"
    assert verdict(audited) == Verdict.FAIL
    approve(audited, row)
    assert verdict(audited) == Verdict.WAIVED


def test_nobody_approves_his_own_waiver(audited: Database) -> None:
    row = waived(audited, BOTH)
    with pytest.raises(DeniedError, match="who asked does not decide"):
        approve(audited, row, BOTH)
    assert verdict(audited) == Verdict.FAIL


@pytest.mark.parametrize("actor", [TRUC, OPERATOR, SON], ids=lambda actor: actor.name)
def test_who_may_not_ask_for_waivers_is_refused(audited: Database, actor: Actor) -> None:
    with pytest.raises(DeniedError), audited.write() as session:
        service.request(session, actor, wish())


def test_a_waiver_that_ran_out_reopens_by_itself(audited: Database) -> None:
    approve(audited, waived(audited, days=365))
    with clock.frozen(NOW + timedelta(days=366)):
        assert verdict(audited) == Verdict.FAIL
        assert verdict(audited, at=NOW + timedelta(days=30)) == Verdict.WAIVED


def test_a_waiver_held_from_its_approval_to_its_end_and_still_did_when_it_ran_out(
    audited: Database,
) -> None:
    row = waived(audited, days=90)
    with clock.frozen(NOW + timedelta(days=10)):
        approve(audited, row)
    with clock.frozen(NOW + timedelta(days=100)), audited.read() as session:
        row = service.list_waivers(session, SYSTEM).items[0]
        assert row.state == "expired"
        days = {day for day in (5, 10, 30, 90) if row.held(NOW + timedelta(days=day))}
    assert days == {10, 30}


def test_the_score_is_shown_without_and_with_waivers(audited: Database) -> None:
    row = waived(audited)
    approve(audited, row)
    with audited.read() as session:
        found = service.score(session, SYSTEM)
    assert found.ratio is not None
    assert found.ratio_unwaived is not None
    assert (row.score_before, row.score_after) == (found.ratio_unwaived, found.ratio)
    assert found.ratio > found.ratio_unwaived
    assert found.verdicts[Verdict.WAIVED] == 1


def test_everything_wrong_with_a_wish_is_said_at_once(audited: Database) -> None:
    bad = wish("LOG-01", days=800, reason=" ", measure="")
    with pytest.raises(InvalidInputError) as caught, audited.write() as session:
        service.request(session, LAN, bad)
    fields = [one.field for one in caught.value.problems]
    assert fields == ["rule", "reason", "measure", "ends_at"]


def test_a_waiver_ended_early_counts_no_more(audited: Database) -> None:
    row = waived(audited)
    approve(audited, row)
    with audited.write() as session:
        service.end(session, LAN, row.id)
    assert verdict(audited) == Verdict.FAIL


def test_a_failure_has_a_case_with_a_time_until_it_is_due(audited: Database) -> None:
    found = case(audited)
    assert found.opened_at == NOW
    assert found.due_at == NOW + GRACE[packs.load().rule("AAA-04").severity]
    with clock.frozen(found.due_at + timedelta(seconds=1)):
        assert case(audited).is_overdue


def test_a_second_audit_opens_no_second_case(audited: Database) -> None:
    before = case(audited)
    service.audit_device(audited, SYSTEM, "r1")
    with audited.read() as session:
        rows = service.list_cases(session, SYSTEM).items
    assert [row.id for row in rows if row.rule_id == "AAA-04"] == [before.id]


def test_an_audit_that_passes_closes_the_case(audited: Database) -> None:
    mended(audited)
    assert recheck_all(audited) == {"audited": 1, "errors": 0}
    assert case(audited).closed_at == NOW
    assert recheck_all(audited) == {"audited": 0, "errors": 0}


def seen_now(database: Database) -> None:
    with database.write() as session:
        session.execute(update(ConfigVersion).values(last_seen_at=clock.now()))


def test_a_backup_that_grows_old_is_judged_again_and_once_seen_again(audited: Database) -> None:
    seen_now(audited)
    service.audit_device(audited, SYSTEM, "r1")
    assert verdict(audited, "AVL-02") == Verdict.PASS
    with clock.frozen(NOW + timedelta(hours=25)):
        assert recheck_all(audited) == {"audited": 1, "errors": 0}
        assert verdict(audited, "AVL-02") == Verdict.FAIL
        assert recheck_all(audited)["audited"] == 0
    with clock.frozen(NOW + timedelta(hours=38)):
        seen_now(audited)
        assert recheck_all(audited)["audited"] == 1
        assert verdict(audited, "AVL-02") == Verdict.PASS


def test_a_backup_of_today_is_not_judged_again_and_again(audited: Database) -> None:
    seen_now(audited)
    service.audit_device(audited, SYSTEM, "r1")
    with clock.frozen(NOW + timedelta(hours=23)):
        assert recheck_all(audited)["audited"] == 0


def test_a_quiet_device_is_judged_again_before_its_audit_is_too_old_for_operation(
    audited: Database,
) -> None:
    seen_now(audited)
    service.audit_device(audited, SYSTEM, "r1")
    with clock.frozen(NOW + timedelta(days=14)):
        seen_now(audited)
        assert recheck_all(audited, golive_days=30)["audited"] == 0
    with clock.frozen(NOW + timedelta(days=16)):
        seen_now(audited)
        assert recheck_all(audited, golive_days=0)["audited"] == 0
        assert recheck_all(audited, golive_days=30)["audited"] == 1
        assert recheck_all(audited, golive_days=30)["audited"] == 0


def runs(database: Database, end: date) -> None:
    with database.write() as session:
        software = Software(name="FRRouting", version="10.1", end_of_support=end)
        session.add(software)
        session.flush()
        session.execute(update(Device).values(software_id=software.id))


def test_support_that_ends_fails_without_any_change_of_the_text(audited: Database) -> None:
    runs(audited, NOW.date())
    assert recheck_all(audited)["audited"] == 1
    assert verdict(audited, "SVC-05") == Verdict.PASS
    with clock.frozen(NOW + timedelta(days=1)):
        seen_now(audited)
        assert recheck_all(audited)["audited"] == 1
        assert verdict(audited, "SVC-05") == Verdict.FAIL
        assert recheck_all(audited)["audited"] == 0


@pytest.mark.parametrize("fact", [{"is_saved": False}, {"transport": f"x{vault.OVER_SHA1}"}])
def test_what_the_vault_learnt_of_the_same_text_is_judged_at_once(
    audited: Database, fact: dict[str, Any]
) -> None:
    with audited.write() as session:
        session.execute(update(ConfigVersion).values(fact))
    assert recheck_all(audited)["audited"] == 1
    assert recheck_all(audited)["audited"] == 0


def test_a_parameter_set_otherwise_is_judged_at_once(audited: Database) -> None:
    with audited.write() as session:
        service.set_override(session, SON, "TIM-01", "sources", "1", reason="one clock")
    assert recheck_all(audited)["audited"] == 1
    assert recheck_all(audited)["audited"] == 0
    with audited.write() as session:
        service.end_override(session, SON, "TIM-01", "sources")
    assert recheck_all(audited)["audited"] == 1


@pytest.mark.parametrize("column", ["pack_sha256", "engine"])
def test_what_another_pack_or_engine_judged_is_judged_again(audited: Database, column: str) -> None:
    with audited.write() as session:
        session.execute(update(AuditRun).values({column: "before"}))
    assert recheck_all(audited)["audited"] == 1
    assert recheck_all(audited)["audited"] == 0


def test_a_case_is_assigned_by_who_may_ask_for_changes(audited: Database) -> None:
    with audited.write() as session:
        service.assign(session, OPERATOR, "r1", "AAA-04", assignee="hoa")
    assert case(audited).assignee == "hoa"
    with pytest.raises(DeniedError), audited.write() as session:
        service.assign(session, TRUC, "r1", "AAA-04", assignee="x")


def test_a_fix_is_a_change_set_that_waits_for_approval(audited: Database) -> None:
    with audited.write() as session:
        number = service.propose_fix(session, LAN, "r1", "AAA-04")
    with audited.read() as session:
        found = changes.get_change(session, LAN, number)
    assert found.change.state == "draft"
    assert case(audited).change_id == number


def test_a_fix_with_places_to_fill_in_asks_for_the_lines(audited: Database) -> None:
    with pytest.raises(NotFoundError), audited.write() as session:
        service.propose_fix(session, LAN, "r1", "LOG-01")
    with pytest.raises(ConflictError, match="places to fill in"), audited.write() as session:
        service.propose_fix(session, LAN, "r1", "RTG-01")


def test_a_parameter_set_here_is_used_and_shown(audited: Database) -> None:
    with audited.write() as session:
        service.set_override(session, SON, "TIM-01", "sources", "1", reason="one clock")
    run = service.audit_device(audited, SYSTEM, "r1")
    with audited.read() as session:
        (row,) = service.list_overrides(session, TRUC)
    assert (row.rule_id, row.value, row.default) == ("TIM-01", 1, 2)
    assert service.reproduce(audited, TRUC, run)[0] == service.reproduce(audited, TRUC, run)[1]


@pytest.mark.parametrize(("parameter", "value"), [("sources", "99"), ("sources", "x"), ("no", "1")])
def test_a_parameter_moves_only_within_its_bounds(
    audited: Database, parameter: str, value: str
) -> None:
    with pytest.raises(InvalidInputError), audited.write() as session:
        service.set_override(session, SON, "TIM-01", parameter, value, reason="x")


@pytest.mark.parametrize("actor", [LAN, TRUC, OPERATOR, HOA], ids=lambda actor: actor.name)
def test_only_a_rule_author_sets_parameters(audited: Database, actor: Actor) -> None:
    with pytest.raises(DeniedError), audited.write() as session:
        service.set_override(session, actor, "TIM-01", "sources", "1", reason="x")


def test_a_rule_author_of_one_unit_sets_nothing_for_the_province(audited: Database) -> None:
    with audited.write() as session:
        unit = add(session)
        service.set_override(session, SON, "TIM-01", "sources", "1", reason="one clock")
    grants = frozenset({Grant(Role.RULE_AUTHOR, unit), Grant(Role.VIEWER, None)})
    author = Actor(7, "of a unit", frozenset({Role.RULE_AUTHOR, Role.VIEWER}), None, grants)
    with pytest.raises(DeniedError), audited.write() as session:
        service.set_override(session, author, "TIM-01", "sources", "3", reason="x")
    with pytest.raises(DeniedError), audited.write() as session:
        service.end_override(session, author, "TIM-01", "sources")


def test_every_step_stands_in_the_audit_log(audited: Database) -> None:
    approve(audited, waived(audited))
    with audited.read() as session:
        actions = {entry.action for entry in session.query(AuditEntry)}
    assert {"baseline.audit", "baseline.request-waiver", "approval.approve"} <= actions


def test_a_device_of_sha1_only_fails_is_waived_and_fails_again(sqlite_database: Database) -> None:
    gate = WaivedLegacySsh()

    def allowed() -> str:
        with sqlite_database.read() as session:
            return gate.allowed(session, router.device_id)

    with sqlite_database.write() as session:
        router = device(session, "r1", "frr")
        gate.seen(session, router.device_id, router.scope_id)
        gate.seen(session, router.device_id, router.scope_id)
    assert (case(sqlite_database, "MGT-03").closed_at, allowed()) == (None, "")
    with sqlite_database.write() as session:
        number = service.request(session, LAN, wish("MGT-03", 30))
    assert allowed() == ""
    with sqlite_database.read() as reading:
        (row,) = service.list_waivers(reading, SYSTEM).items
    approve(sqlite_database, row)
    assert allowed() == f"waiver/{number}"
    with clock.frozen(NOW + timedelta(days=31)):
        assert allowed() == ""


def test_a_login_over_sha1_is_a_failure_whatever_the_text_says(sqlite_database: Database) -> None:
    with sqlite_database.write() as session:
        router = device(session, "r1", "frr")
        found = replace(collected(GOOD), transport=f"napalm frr{vault.OVER_SHA1}")
        vault.store(session, SYSTEM, router, found, source="backup")
    service.audit_device(sqlite_database, SYSTEM, "r1")
    assert verdict(sqlite_database, "MGT-03") == Verdict.FAIL
    with sqlite_database.write() as session:
        vault.store(session, SYSTEM, router, collected(GOOD), source="backup")
    service.audit_device(sqlite_database, SYSTEM, "r1")
    assert verdict(sqlite_database, "MGT-03") == Verdict.NOT_APPLICABLE
