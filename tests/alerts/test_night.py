"""Who works on an incident, what carriers promise, and how a shift goes to the next person."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from alerts import maintenance, service
from alerts.choices import IncidentState
from alerts.maintenance import covered
from alerts.models import Acknowledgement, Incident, Maintenance
from alerts.service import MaintenanceRequest, SeriesRequest, TicketInput
from hatang import clock
from hatang.audit import AuditEntry
from hatang.auth import Actor, Role, User, users
from hatang.calendar import recurrence
from hatang.calendar.recurrence import Frequency, Rule
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError
from inventory.models import Contact, ContactSite, Device, Site, Unit
from tests.api import province
from tests.seeds import plant, sow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hatang.clock import Hand
    from hatang.db import Database

NOW = datetime(2026, 11, 28, 14, 0, tzinfo=UTC)
ZONE = "Asia/Ho_Chi_Minh"


class Night:
    """The province with hub-2 down (incident 1), an operator, one more, and one of a region."""

    def __init__(self, database: Database, hand: Hand) -> None:
        self.database, self.hand = database, hand

    def who(self, name: str) -> Actor:
        with self.database.read() as session:
            return users.actor_of(session, users.get_user(session, name))

    def take(self, name: str, hours: float = 4, note: str = "gọi Viettel") -> None:
        with self.database.write() as session:
            until = clock.now() + timedelta(hours=hours)
            service.acknowledge(session, self.who(name), 1, note=note, ends_at=until)

    def owner(self) -> str:
        with self.database.read() as session:
            held = service.holder(session, session.get_one(Incident, 1))
            return held.actor if held else ""

    def audited(self, action: str) -> list[AuditEntry]:
        with self.database.read() as session:
            return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))

    def kinds(self) -> list[str]:
        with self.database.read() as session:
            return [line.kind for line in service.get_incident(session, self.who("an"), 1).events]


def _fill(database: Database) -> None:
    with database.write() as session:
        scopes = province.load(session)
        province.measure(session, broken=True)
        province.outage(session)
        province.person(session, "an", Role.OPERATOR)
        province.person(session, "binh", Role.ACKNOWLEDGER)
        province.person(session, "chi", Role.OPERATOR, scope_id=scopes["kv-phuong-nam"])
        province.person(session, "dung", Role.VIEWER)


@pytest.fixture(scope="module")
def sown(sqlite_template: Path, _keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("night") / "data"
    with clock.frozen(NOW):
        sow(sqlite_template, _keys, directory, _fill)
    return directory


@pytest.fixture
def night(sqlite_database: Database, data_dir: Path, sown: Path) -> Iterator[Night]:
    plant(sown, sqlite_database, data_dir)
    with clock.frozen(NOW) as hand:
        yield Night(sqlite_database, hand)


def test_the_first_of_two_who_take_an_incident_at_once_keeps_it(night: Night) -> None:
    night.take("an")
    with pytest.raises(ConflictError, match="an works on incident 1"):
        night.take("binh")
    assert night.owner() == "an"


def test_taking_ones_own_again_moves_its_end_also_nearer(night: Night) -> None:
    night.take("an", hours=8)
    night.take("an", hours=1)
    night.hand.advance(2 * 3600)
    assert night.owner() == ""


def test_taking_over_names_both_people_in_timeline_and_audit(night: Night) -> None:
    night.take("an")
    with night.database.write() as session:
        until = clock.now() + timedelta(hours=1)
        service.take_over(session, night.who("binh"), 1, note="An đi hiện trường", ends_at=until)
    assert night.owner() == "binh"
    with night.database.read() as session:
        last = service.get_incident(session, night.who("an"), 1).events[-1]
    assert (last.kind, last.actor, last.detail["before"]) == ("taken_over", "binh", "an")
    assert [entry.actor for entry in night.audited("incident.take-over")] == ["binh"]


@pytest.mark.parametrize("before", ["", "binh"])
def test_only_what_another_works_on_is_taken_over(night: Night, before: str) -> None:
    if before:
        night.take(before)
    until = clock.now() + timedelta(hours=1)
    with night.database.write() as session, pytest.raises(ConflictError):
        service.take_over(session, night.who("binh"), 1, ends_at=until)


def test_giving_back_opens_the_incident_again_with_a_reason(night: Night) -> None:
    night.take("an")
    with night.database.write() as session:
        service.release(session, night.who("an"), 1, reason="sang điểm khác")
    with night.database.read() as session:
        assert session.get_one(Incident, 1).state == IncidentState.OPEN
        still = Acknowledgement.ends_at > clock.now()
        assert session.scalar(select(func.count()).select_from(Acknowledgement).where(still)) == 0
    assert night.kinds()[-1] == "released"
    assert len(night.audited("incident.release")) == 1


@pytest.mark.parametrize(("who", "reason"), [("binh", "x"), ("an", " ")])
def test_nobody_gives_back_anothers_or_without_a_reason(
    night: Night, who: str, reason: str
) -> None:
    night.take("an")
    with (
        night.database.write() as session,
        pytest.raises((ConflictError, InvalidInputError)),
    ):
        service.release(session, night.who(who), 1, reason=reason)
    assert night.owner() == "an"


def test_a_ticket_replaces_what_the_same_carrier_said_and_keeps_it_as_history(
    night: Night,
) -> None:
    first, later = NOW + timedelta(hours=2), NOW + timedelta(hours=5)
    with night.database.write() as session:
        for promised in (first, later):
            said = TicketInput("Viettel", "SC-0142", promised)
            service.record_ticket(session, night.who("binh"), 1, said)
        service.record_ticket(session, night.who("binh"), 1, TicketInput("Điện lực", "9"))
    with night.database.read() as session:
        tickets = service.get_incident(session, night.who("dung"), 1).tickets
    assert [row.promised_at for row in tickets] == [first, later, None]
    held = {row.party: row.promised_at for row in service.standing(tickets)}
    assert held == {"Viettel": later, "Điện lực": None}
    assert len(night.audited("incident.ticket")) == 3


def test_every_fault_of_a_ticket_is_named_at_once(night: Night) -> None:
    said = TicketInput(" ", "x" * 101, NOW - timedelta(days=1))
    with night.database.write() as session, pytest.raises(InvalidInputError) as caught:
        service.record_ticket(session, night.who("an"), 1, said)
    assert [each.field for each in caught.value.problems] == ["party", "number", "promised_at"]


def test_who_may_only_look_records_no_ticket(night: Night) -> None:
    with night.database.write() as session, pytest.raises(DeniedError):
        service.record_ticket(session, night.who("dung"), 1, TicketInput("VNPT", "1"))


def test_whom_to_call_names_line_place_power_and_people(night: Night) -> None:
    with night.database.write() as session:
        site = session.scalars(select(Site).where(Site.slug == "hub-2")).one()
        site.phone, site.power_company, site.power_hotline = "0234 111", "Điện lực", "19001909"
        contact = Contact(code="c1", name="Lê Văn Trực", mobile="0905", scope_id=site.scope_id)
        session.add(contact)
        session.flush()
        session.add(ContactSite(contact_id=contact.id, site_id=site.id))
    with night.database.read() as session:
        detail = service.get_incident(session, night.who("an"), 1)
        calls = service.whom_to_call(session, night.who("an"), detail.incident, detail.effects)
    (line,) = calls.circuits
    assert (line.circuit.cid, line.circuit.hotline) == ("VTL-002", "18008000")
    assert calls.site is not None
    assert (calls.site.phone, calls.site.power_hotline) == ("0234 111", "19001909")
    assert [(one.name, one.mobile) for one in calls.people] == [("Lê Văn Trực", "0905")]
    assert calls.parties == ("Viettel", "Điện lực")


def test_a_shift_is_handed_over_with_its_incidents_and_a_summary_that_stays(night: Night) -> None:
    night.take("an")
    with night.database.write() as session:
        said = TicketInput("Viettel", "SC-0142", NOW + timedelta(hours=2))
        service.record_ticket(session, night.who("an"), 1, said)
        work = MaintenanceRequest(("rtr-01",), NOW, NOW + timedelta(hours=3), "thay nguồn")
        service.create_maintenance(session, night.who("an"), work)
    with night.database.write() as session:
        done = service.hand_over(session, night.who("an"), receiver="binh", note="Viettel gọi lại")
    assert night.owner() == "binh"
    with night.database.write() as session:
        session.get_one(Incident, 1).state = IncidentState.RESOLVED
    with night.database.read() as session:
        kept = service.get_handover(session, night.who("dung"), done.id)
    assert (kept.actor, kept.receiver, kept.note) == ("an", "binh", "Viettel gọi lại")
    (line,) = kept.summary.open
    assert (line.owner, line.people, line.down["site"]) == ("binh", 120, 4)
    assert [one.number for one in line.promises] == ["SC-0142"]
    assert [one.kind for one in kept.summary.done] == ["acknowledged", "ticket", "handed_over"]
    assert [one.reason for one in kept.summary.work] == ["thay nguồn"]
    assert [entry.target for entry in night.audited("incident.hand-over")] == ["handover/1"]


def test_the_next_summary_begins_where_the_shift_was_taken(night: Night) -> None:
    with night.database.write() as session:
        service.hand_over(session, night.who("an"), receiver="binh")
    night.hand.advance(3600)
    with night.database.read() as session:
        assert service.draft_handover(session, night.who("binh")).since == NOW
        assert service.draft_handover(session, night.who("dung")).since < NOW


def test_what_the_receiver_may_not_see_stays_and_is_not_read_by_him(night: Night) -> None:
    night.take("an")
    with night.database.write() as session:
        done = service.hand_over(session, night.who("an"), receiver="chi")
    assert night.owner() == "an"
    with night.database.read() as session:
        assert service.get_handover(session, night.who("chi"), done.id).summary.open == []
        assert service.get_handover(session, night.who("binh"), done.id).summary.open


@pytest.mark.parametrize("receiver", ["an", "dung", "nobody", ""])
def test_a_shift_goes_to_another_person_who_may_acknowledge(night: Night, receiver: str) -> None:
    with night.database.write() as session, pytest.raises(InvalidInputError):
        service.hand_over(session, night.who("an"), receiver=receiver)


def test_a_person_who_left_takes_no_shift(night: Night) -> None:
    with night.database.write() as session:
        session.scalars(select(User).where(User.name == "binh")).one().is_active = False
    with night.database.read() as session:
        names = [one.name for one in service.list_takers(session, night.who("an"))]
    assert names == ["chi"]


def test_a_summary_reaches_no_further_back_than_a_week(night: Night) -> None:
    with night.database.read() as session, pytest.raises(InvalidInputError):
        service.draft_handover(session, night.who("an"), NOW - timedelta(days=8))


def rule(**changes: object) -> Rule:
    given = {
        "frequency": Frequency.WEEKLY, "begin": time(22), "minutes": 120,
        "first": date(2026, 12, 1), "until": date(2026, 12, 31), "weekdays": (5,),
    }  # fmt: skip
    return Rule(**(given | changes))  # type: ignore[arg-type]


MONTHLY = {"frequency": Frequency.MONTHLY, "weekdays": (), "until": date(2027, 3, 31)}


@pytest.mark.parametrize(
    ("changes", "days"),
    [
        ({}, ["05/12", "12/12", "19/12", "26/12"]),
        ({"weekdays": (0, 6), "until": date(2026, 12, 8)}, ["06/12", "07/12"]),
        (MONTHLY | {"monthday": 31}, ["31/12", "31/01", "31/03"]),
        (MONTHLY | {"monthday": -1}, ["31/12", "31/01", "28/02", "31/03"]),
        (MONTHLY | {"week": 2, "weekdays": (5,)}, ["12/12", "09/01", "13/02", "13/03"]),
        (MONTHLY | {"week": 5, "weekdays": (6,)}, ["27/12", "31/01", "28/02", "28/03"]),
    ],
)
def test_a_rule_comes_on_these_days_at_its_local_hour(
    changes: dict[str, object], days: list[str]
) -> None:
    wanted = rule(**changes)
    assert recurrence.problems(wanted) == []
    found = recurrence.windows(wanted, ZONE)
    assert [start.strftime("%d/%m %H") for start, _ in found] == [f"{day} 15" for day in days]
    assert {end - start for start, end in found} == {timedelta(hours=2)}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"weekdays": ()}, "weekdays"),
        ({"weekdays": (7,)}, "weekdays"),
        ({"until": date(2026, 11, 30)}, "until"),
        ({"until": date(2028, 1, 1)}, "until"),
        ({"weekdays": tuple(range(7)), "until": date(2027, 11, 30)}, "until"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 24 * 60 + 1}, "minutes"),
        ({"until": date(2026, 12, 2)}, "until"),
        (MONTHLY | {"monthday": 32}, "monthday"),
        (MONTHLY | {"week": 6, "weekdays": (1,)}, "week"),
        (MONTHLY | {"week": 1, "weekdays": (1, 2)}, "week"),
        ({"monthday": 3}, "monthday"),
    ],
)
def test_an_impossible_or_endless_rule_is_refused_by_its_field(
    changes: dict[str, object], field: str
) -> None:
    assert [problem.field for problem in recurrence.problems(rule(**changes))] == [field]


def series(**changes: object) -> SeriesRequest:
    return SeriesRequest(("rtr-01",), rule(**changes), "vá lỗi định kỳ", ZONE)


def test_each_time_of_a_series_covers_and_one_is_ended_by_itself(night: Night) -> None:
    with night.database.write() as session:
        _, times = service.create_series(session, night.who("an"), series())
        assert len(times) == 4
        service.end_maintenance(session, night.who("an"), times[0].id)
    with night.database.read() as session:
        assert not covered(session, times[0].created_at + timedelta(days=7, hours=2))
        assert covered(session, datetime(2026, 12, 12, 15, 30, tzinfo=UTC))
        assert not covered(session, datetime(2026, 12, 12, 17, 30, tzinfo=UTC))


def test_a_device_put_up_at_an_announced_site_later_is_in_the_work_too(night: Night) -> None:
    asked = SeriesRequest(("site:xa-01",), rule(), "vá lỗi định kỳ", ZONE)
    during = datetime(2026, 12, 12, 15, 30, tzinfo=UTC)
    with night.database.write() as session:
        service.create_series(session, night.who("an"), asked)
        site = session.scalars(select(Site).where(Site.slug == "xa-01")).one()
        known = {"scope_id": site.scope_id, "site_id": site.id, "platform": "frr"}
        session.add(Device(device_key="new", name="new", role="router", **known))
    with night.database.write() as session:
        before = covered(session, during)
        maintenance.renew(session, during)
        assert covered(session, during) == before | {"device:new"}
        assert "device:new" not in covered(session, during + timedelta(days=7))


def test_a_series_ended_comes_no_more(night: Night) -> None:
    with night.database.write() as session:
        row, _ = service.create_series(session, night.who("an"), series())
    night.hand.advance(8 * 24 * 3600)
    with night.database.write() as session:
        assert service.end_series(session, night.who("an"), row.id) == 3
        with pytest.raises(ConflictError):
            service.end_series(session, night.who("an"), row.id)
    with night.database.read() as session:
        assert not covered(session, datetime(2026, 12, 12, 15, 30, tzinfo=UTC))


def test_a_series_names_all_that_is_wrong_and_writes_nothing(night: Night) -> None:
    wrong = SeriesRequest(("typo",), rule(weekdays=()), " ", ZONE)
    with night.database.write() as session:
        with pytest.raises(InvalidInputError) as caught:
            service.create_series(session, night.who("an"), wrong)
        assert session.scalar(select(func.count()).select_from(Maintenance)) == 0
    assert {each.field for each in caught.value.problems} == {"weekdays", "elements", "reason"}


def test_a_series_elsewhere_does_not_exist(night: Night) -> None:
    with night.database.write() as session:
        hub = session.scalar(select(Unit.scope_id).where(Unit.code == "kv-song-huong"))
        wanted = SeriesRequest(("hub-2",), rule(), "x", ZONE)
        row, _ = service.create_series(session, night.who("an"), wanted)
        assert row.scope_id == hub
        with pytest.raises(NotFoundError):
            service.end_series(session, night.who("chi"), row.id)
