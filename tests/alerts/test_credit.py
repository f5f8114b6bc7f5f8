"""What a carrier owes, against figures reckoned by hand.

October 2026 has 31 days of 1,440 minutes: 44,640. On L-1 the carrier announced 60 of them and we
shut the port for 60, so 44,520 were agreed on. It was down from 01:00 to 07:00 on the third (360)
and from 00:00 to 02:00 on the tenth, half of that announced (60): 420 in all. Nobody measured for
720. So between (44,520 - 420 - 720) / 44,520 = 97.44 % and (44,520 - 420) / 44,520 = 99.06 % is
sure: under 99.5 % for certain, 5 % of the fee, and under 99.0 % if the gap was an outage, 10 %.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from alerts import service
from alerts.credit import NOT_DRAWN, NOT_KEPT, Excluded, hours_of, line, owed
from hatang import clock
from hatang.auth import Actor
from hatang.errors import DeniedError, InvalidInputError, NotFoundError
from hatang.settings.contracts import Contract, CreditTier
from hatang.settings.model import AlertsSettings
from monitors.choices import Cause, State
from monitors.tracks import Stretch
from tests.alerts import leased
from tests.alerts.leased import CARRIER, CONTRACT, NOW, ZONE, at

if TYPE_CHECKING:
    from alerts.service import CarrierCredit, CircuitCredit
    from hatang.db import Database

OCTOBER = date(2026, 10, 1)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def filled(database: Database) -> Database:
    with clock.frozen(NOW), database.write() as session:
        leased.load(session)
    return database


@pytest.fixture
def october(sqlite_database: Database) -> Database:
    return filled(sqlite_database)


def report(
    database: Database, month: date = OCTOBER, contracts: tuple[Contract, ...] = (CONTRACT,)
) -> CarrierCredit:
    with clock.frozen(NOW), database.read() as session:
        return service.carrier_credit(session, leased.SYSTEM, CARRIER, (month, ZONE), contracts)


def circuit(database: Database, cid: str, month: date = OCTOBER) -> CircuitCredit:
    return next(each for each in report(database, month).circuits if each.cid == cid)


def test_a_month_comes_to_what_was_reckoned_by_hand(database: Database) -> None:
    found = circuit(filled(database), "L-1").balance
    assert found.agreed == minutes(44_520)
    assert found.down == minutes(420)
    assert found.unmeasured == minutes(720)
    assert found.availability_most == Fraction(44_100, 44_520)
    assert found.availability_least == Fraction(43_380, 44_520)
    assert (found.credit, found.credit_at_most) == (5, 10)


def test_the_fee_gives_the_amount(october: Database) -> None:
    found = circuit(october, "L-1")
    assert (found.amount, found.amount_at_most) == (600_000, 1_200_000)


def test_each_outage_says_what_of_it_counts_and_why_the_rest_does_not(october: Database) -> None:
    first, second, third = circuit(october, "L-1").balance.outages
    assert (first.starts_at, first.ends_at) == (at(3, 1), at(3, 7))
    assert (first.counted, first.excluded) == (minutes(360), {})
    assert second.counted == minutes(60)
    assert second.excluded == {Excluded.CARRIER_MAINTENANCE: minutes(60)}
    assert third.counted == minutes(0)
    assert third.excluded == {Excluded.SHUT: minutes(60)}


def test_each_outage_says_what_the_correlation_found_and_the_carriers_ticket(
    october: Database,
) -> None:
    first, second, third = circuit(october, "L-1").causes
    assert first is not None
    assert (first.ticket, first.is_elsewhere, first.alertname) == ("SR-123", False, "LinkDown")
    assert second is not None
    assert (second.is_elsewhere, second.alertname) == (True, "DeviceUnreachable")
    assert third is None


def test_the_carriers_own_outage_is_the_cause_of_its_circuits_outages(october: Database) -> None:
    with clock.frozen(NOW), october.write() as session:
        leased.outage(session, ("L-1", "L-2"), (at(10), at(10, 2)))
    second = circuit(october, "L-1").causes[1]
    assert second is not None
    assert (second.ticket, second.is_elsewhere, second.alertname) == (
        "SR-200",
        False,
        "CarrierOutage",
    )


def test_a_gap_is_named_and_neither_up_nor_down(october: Database) -> None:
    found = circuit(october, "L-2").balance
    assert found.down == minutes(0)
    assert [(span, why) for span, why in found.gaps] == [
        ((at(5), at(5, 1)), Cause.FLAPPING),
        ((at(20), at(20, 12)), Cause.STALE),
    ]
    assert found.availability_most == 1
    assert found.availability_least == Fraction(44_640 - 60 - 720, 44_640)


def test_without_tiers_no_formula_is_known_and_nothing_is_owed_or_not_owed(
    october: Database,
) -> None:
    found = circuit(october, "L-2")
    assert found.level is None
    assert (found.balance.credit, found.balance.credit_at_most) == (None, None)
    assert (found.amount, found.amount_at_most) == (None, None)


def test_a_circuit_no_cable_is_drawn_over_was_not_measured(october: Database) -> None:
    found = circuit(october, "L-3").balance
    assert found.unmeasured == found.agreed == minutes(44_640)
    assert [why for _, why in found.gaps] == [NOT_DRAWN]
    assert (found.credit, found.credit_at_most) == (0, 25)


def test_what_is_no_longer_kept_is_a_gap(october: Database) -> None:
    september = circuit(october, "L-1", month=date(2026, 9, 1)).balance
    ((begin, end), why), *rest = september.gaps
    assert (begin.astimezone(ZONE), end, why) == (
        datetime(2026, 9, 1, tzinfo=ZONE),
        leased.BEGIN,
        NOT_KEPT,
    )
    assert not rest
    august = circuit(october, "L-1", month=date(2026, 8, 1)).balance
    assert august.unmeasured == august.agreed
    assert [why for _, why in august.gaps] == [NOT_KEPT]


def test_a_month_that_is_not_over_is_reckoned_until_now(october: Database) -> None:
    found = report(october, month=date(2026, 11, 1))
    assert (found.is_whole, found.until) == (False, NOW)
    assert found.circuits[0].balance.agreed == minutes(4 * 1440 + 8 * 60)


def test_a_month_that_has_not_begun_is_refused(october: Database) -> None:
    with pytest.raises(InvalidInputError):
        report(october, month=date(2026, 12, 1))


def test_a_carrier_nobody_knows_is_not_found(october: Database) -> None:
    with clock.frozen(NOW), october.read() as session, pytest.raises(NotFoundError):
        service.carrier_credit(session, leased.SYSTEM, "X", (OCTOBER, ZONE), ())


def test_a_carriers_terms_hold_for_contracts_that_have_no_own(october: Database) -> None:
    rest = Contract(carrier=CARRIER, availability=99.0)
    found = {each.cid: each.level for each in report(october, contracts=(CONTRACT, rest)).circuits}
    assert found == {"L-1": CONTRACT, "L-2": rest, "L-3": CONTRACT}


def test_carriers_are_those_of_circuits_in_use(october: Database) -> None:
    with october.read() as session:
        assert service.carriers(session, leased.SYSTEM) == [CARRIER]


def test_who_may_read_no_incidents_gets_no_report(october: Database) -> None:
    nobody = Actor(7, "chi", frozenset(), frozenset())
    with clock.frozen(NOW), october.read() as session, pytest.raises(DeniedError):
        service.carrier_credit(session, nobody, CARRIER, (OCTOBER, ZONE), ())


def test_hours_of_a_contract_are_its_days_and_times() -> None:
    office = Contract(
        carrier="x", availability=99, begin="07:00", end="17:00", days=(1, 2, 3, 4, 5)
    )
    found = hours_of(office, (at(1), at(8)), ZONE)  # a Thursday to the next
    starts = [start.astimezone(ZONE) for start, _ in found]
    assert starts == [at(day, 7) for day in (1, 2, 5, 6, 7)]
    assert {end - start for start, end in found} == {timedelta(hours=10)}


def test_a_day_without_hours_lasts_until_midnight() -> None:
    whole = Contract(carrier="x", availability=99)
    assert hours_of(whole, (at(1), at(3, 12)), ZONE) == [(at(1), at(3, 12))]


@pytest.mark.parametrize(
    ("availability", "credit"),
    [("0.995", 0.0), ("0.9949999", 5), ("0.99", 5), ("0.9899", 10), ("0.9", 25), ("1", 0.0)],
)
def test_the_lowest_tier_that_is_missed_counts(availability: str, credit: float) -> None:
    assert owed(CONTRACT, Fraction(availability)) == credit


def test_where_no_time_was_agreed_on_nothing_can_be_owed() -> None:
    assert owed(CONTRACT, None) is None


@pytest.mark.parametrize(
    "tiers",
    [((99.0, 5), (99.5, 10)), ((99.0, 10), (98.0, 5)), ((99.9, 5),)],
)
def test_tiers_that_contradict_themselves_or_the_promise_are_refused(
    tiers: tuple[tuple[float, float], ...],
) -> None:
    with pytest.raises(ValidationError):
        Contract(
            carrier="x",
            availability=99.5,
            tiers=tuple(CreditTier(below=below, credit=credit) for below, credit in tiers),
        )


def test_a_contract_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="stand twice"):
        AlertsSettings(contracts=(CONTRACT, CONTRACT))


def stretch(start: int, end: int, state: State, cause: Cause) -> Stretch:
    return Stretch(at(1, start), at(1, end), state, cause)


def test_a_port_shut_by_us_makes_the_other_end_no_fault_of_the_carrier() -> None:
    ours = [stretch(0, 2, State.GOOD, Cause.OPER_UP), stretch(2, 4, State.BAD, Cause.ADMIN_DOWN)]
    far = [stretch(0, 2, State.GOOD, Cause.OPER_UP), stretch(2, 4, State.BAD, Cause.OPER_DOWN)]
    found = line([ours, far], (at(1), at(1, 4)), NOT_DRAWN)
    assert (found.down, found.shut) == ((), ((at(1, 2), at(1, 4)),))


def test_one_end_that_is_not_heard_keeps_the_other_from_being_good_and_not_from_being_bad() -> None:
    near = [stretch(0, 2, State.GOOD, Cause.OPER_UP), stretch(2, 4, State.BAD, Cause.OPER_DOWN)]
    far = [stretch(0, 4, State.UNKNOWN, Cause.DEVICE_SILENT)]
    found = line([near, far], (at(1), at(1, 4)), NOT_DRAWN)
    assert found.down == ((at(1, 2), at(1, 4)),)
    assert found.unknown == (((at(1), at(1, 2)), Cause.DEVICE_SILENT),)
