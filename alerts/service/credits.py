"""What a carrier owes for a month: outages of its circuits, gaps, availability, credit."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Final

from alerts.circuits import Carried, carried
from alerts.correlated import Correlated, correlated
from alerts.credit import NOT_DRAWN, NOT_KEPT, Balance, Outage, Windows, balance, hours_of, line
from alerts.maintenance import announced_by, windows
from alerts.spans import merged
from hatang import clock
from hatang.auth import Permission
from hatang.errors import InvalidInputError, NotFoundError, Problem
from inventory import service as inventory
from inventory.choices import SiteStatus
from inventory.rows import EVERYTHING
from monitors.choices import Cause
from monitors.past import kept_since
from monitors.tracks import tracks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from alerts.models import Maintenance
    from alerts.spans import Span
    from hatang.auth import Actor
    from hatang.db import AnySession
    from hatang.settings.contracts import Contract
    from inventory.rows import CircuitRow
    from monitors.tracks import Stretch

IN_USE: Final = frozenset({SiteStatus.ACTIVE, SiteStatus.DECOMMISSIONING})


@dataclass(frozen=True, slots=True)
class CircuitCredit:
    """A circuit's month; `causes` belong to the balance's outages, None where none is known.

    `amount` is what is owed in VND, None where the fee or the formula is not known.
    """

    cid: str
    contract: str
    level: Contract | None
    balance: Balance
    causes: tuple[Correlated | None, ...]
    measured_ends: int
    amount: int | None
    amount_at_most: int | None


@dataclass(frozen=True, slots=True)
class CarrierCredit:
    """What one carrier owes for the month that begins on `month`, until `until` if not over."""

    carrier: str
    month: date
    since: datetime
    until: datetime
    is_whole: bool
    circuits: tuple[CircuitCredit, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """All that is read once for every circuit."""

    span: Span
    zone: ZoneInfo
    of: Mapping[str, Carried]
    states: Mapping[str, Sequence[Stretch]]
    works: Sequence[Maintenance]
    incidents: Mapping[str, Sequence[Correlated]]
    nothing: str


def month_of(month: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when the month of `month` begins and ends in `zone`.

    Raises:
        InvalidInputError: it has not begun.
    """
    first = month.replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    begin, end = (datetime.combine(each, time(), zone) for each in (first, after))
    if begin >= clock.now():
        shown = f"{first:%Y-%m}"
        problem = Problem("request", "month", shown, "has not begun", "Name a month before.")
        raise InvalidInputError([problem])
    return begin, end


def carriers(session: AnySession, actor: Actor) -> list[str]:
    """Return the carriers of the circuits that the actor sees, by name. Raises DeniedError."""
    found = inventory.list_circuits(session, actor, EVERYTHING).items
    return sorted({row.provider for row in found if row.status in IN_USE})


def carrier_credit(
    session: AnySession,
    actor: Actor,
    carrier: str,
    month: tuple[date, ZoneInfo],
    contracts: Sequence[Contract],
) -> CarrierCredit:
    """Return what `carrier` owes for a month (in a time zone) by `contracts`; see alerts.credit.

    Every moment that a circuit was measured down counts, whatever the correlation found to be the
    cause: that stands beside it. Of the circuits the actor sees, by contract and cid.

    Raises:
        DeniedError: the actor may read no incidents, or no states.
        NotFoundError: no circuit of this carrier is within the actor's reach.
        InvalidInputError: the month has not begun.
    """
    acting = actor.acting(Permission.INCIDENT_READ)
    on, zone = month
    begin, end = month_of(on, zone)
    until = min(end, clock.now())
    rows = [
        row
        for row in inventory.list_circuits(session, actor, EVERYTHING).items
        if row.provider == carrier and row.status in IN_USE
    ]
    if not rows:
        raise NotFoundError(f"there is no circuit of {carrier}")
    of = {cid: one for cid, one in carried(session).items() if cid in {row.cid for row in rows}}
    kept = kept_since(session)
    ports = {port for one in of.values() for port in one.ports}
    befallen = {each for one in of.values() for each in (*one.lines, *one.devices)}
    known = _Known(
        span=(begin, until),
        zone=zone,
        of=of,
        states=tracks(session, actor, ports, (begin, until)),
        works=windows(session, begin, until),
        incidents=correlated(session, acting, befallen, (begin, until)),
        nothing=NOT_KEPT if kept is None or kept >= until else Cause.NEVER_MEASURED,
    )
    found = [_circuit(row, known, _level(row, contracts)) for row in rows]
    found.sort(key=lambda one: (one.contract, one.cid))
    first = on.replace(day=1)
    return CarrierCredit(carrier, first, begin, until, until == end, tuple(found))


def _level(row: CircuitRow, contracts: Iterable[Contract]) -> Contract | None:
    """Return the terms of the circuit's own contract, else those of all of the carrier's."""
    mine = {each.number: each for each in contracts if each.carrier == row.provider}
    return mine.get(row.contract_number) or mine.get("")


def _circuit(row: CircuitRow, known: _Known, level: Contract | None) -> CircuitCredit:
    of = known.of.get(row.cid)
    ends = [known.states[port] for port in sorted(of.ports if of else ()) if port in known.states]
    whole = line(ends, known.span, known.nothing if of else NOT_DRAWN)
    hours = hours_of(level, known.span, known.zone)
    found = balance(whole, _windows(row.provider, of, known.works, hours), level)
    fee = level.fees.get(row.cid) if level else None
    return CircuitCredit(
        cid=row.cid,
        contract=row.contract_number,
        level=level,
        balance=found,
        causes=tuple(_cause(each, of, known.incidents) for each in found.outages),
        measured_ends=len(ends),
        amount=_amount(fee, found.credit),
        amount_at_most=_amount(fee, found.credit_at_most),
    )


def _windows(
    carrier: str, of: Carried | None, works: Iterable[Maintenance], hours: Sequence[Span]
) -> Windows:
    own: list[Span] = []
    theirs: list[Span] = []
    touched = of.links | of.ports | of.devices if of else set()
    for work in works:
        if touched.isdisjoint(work.elements):
            continue
        is_theirs = work.source == announced_by(carrier)
        (theirs if is_theirs else own).append((work.starts_at, work.ends_at))
    return Windows(hours, merged(theirs), merged(own))


def _cause(
    outage: Outage, of: Carried | None, incidents: Mapping[str, Sequence[Correlated]]
) -> Correlated | None:
    """Return the incident of the outage: the circuit's own, else the one that lasted with it."""
    if of is None:
        return None
    of_devices = [replace(each, is_elsewhere=True) for device in sorted(of.devices)
                  for each in incidents.get(device, ())]  # fmt: skip
    of_links = [each for line in sorted(of.lines) for each in incidents.get(line, ())]

    def shared(each: Correlated) -> timedelta:
        end = min(each.ends_at or outage.ends_at, outage.ends_at)
        return end - max(each.starts_at, outage.starts_at)

    mine = [each for each in (*of_links, *of_devices) if shared(each) > timedelta()]
    return max(mine, key=lambda one: (not one.is_elsewhere, shared(one)), default=None)


def _amount(fee: int | None, credit: float | None) -> int | None:
    """Return whole VND, rounded half up."""
    if fee is None or credit is None:
        return None
    exact = Decimal(fee) * Decimal(str(credit)) / 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
