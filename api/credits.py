"""What a carrier owes, as it is printed, counted with and shown: one document for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Final

from alerts.credit import NOT_DRAWN, NOT_KEPT, Excluded
from api.web import causes, formats, words
from hatang.i18n import _, language, ngettext
from hatang.reports import Document, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta
    from fractions import Fraction

    from alerts.correlated import Correlated
    from alerts.credit import Outage
    from alerts.service import CarrierCredit, CircuitCredit
    from hatang.reports import Cell

MINUTE: Final = 60
_THOUSANDTH: Final = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class CircuitLine:
    """A circuit's month in plain numbers: shares in percent rounded down, times in minutes.

    None is what is not known: a formula, a fee, an availability where no time was agreed on.
    """

    cid: str
    contract: str
    promised_percent: float | None
    agreed_minutes: float
    down_minutes: float
    unmeasured_minutes: float
    availability_least_percent: float | None
    availability_most_percent: float | None
    credit_percent: float | None
    credit_at_most_percent: float | None
    owed_vnd: int | None
    owed_at_most_vnd: int | None
    measured_ends: int


def line(of: CircuitCredit) -> CircuitLine:
    """Return a circuit's month in plain numbers."""
    found = of.balance
    return CircuitLine(
        cid=of.cid,
        contract=of.contract,
        promised_percent=of.level.availability if of.level else None,
        agreed_minutes=minutes(found.agreed),
        down_minutes=minutes(found.down),
        unmeasured_minutes=minutes(found.unmeasured),
        availability_least_percent=percent(found.availability_least),
        availability_most_percent=percent(found.availability_most),
        credit_percent=found.credit,
        credit_at_most_percent=found.credit_at_most,
        owed_vnd=of.amount,
        owed_at_most_vnd=of.amount_at_most,
        measured_ends=of.measured_ends,
    )


def percent(share: Fraction | None) -> float | None:
    """Return a share in percent, rounded down: what is missed must not look kept."""
    if share is None:
        return None
    exact = Decimal(share.numerator) * 100 / Decimal(share.denominator)
    return float(exact.quantize(_THOUSANDTH, ROUND_FLOOR))


def minutes(lasting: timedelta) -> float:
    """Return minutes, to the hundredth."""
    return round(lasting.total_seconds() / MINUTE, 2)


def credit(found: CarrierCredit, zone: str) -> Document:
    """Return the report of one carrier's month, in the current language.

    Nothing in it says when it was written: of a month that is over the same data gives the same
    document, today and later.
    """
    lines = [line(each) for each in found.circuits]
    month = f"{found.month:%m/%Y}"
    title = _("What %(carrier)s owes for %(month)s") % {"carrier": found.carrier, "month": month}
    tables = [
        Table(_("Circuits"), _circuit_columns(), [_circuit(each) for each in lines], zone),
        Table(_("Outages"), _outage_columns(), _outages(found), zone),
        Table(_("Gaps in measurement"), _gap_columns(), _gaps(found), zone),
    ]
    until = formats.moment(found.until, zone)
    footer = _("hatang, measurements until %(at)s") % {"at": until}
    return Document(
        title, tables, _facts(found, lines, zone), footer, language(), is_landscape=True
    )


def _facts(found: CarrierCredit, lines: Sequence[CircuitLine], zone: str) -> list[tuple[str, str]]:
    until = formats.moment(found.until, zone)
    period = f"{formats.moment(found.since, zone)} – {until}"
    if not found.is_whole:
        period = _("%(period)s, the month is not over") % {"period": period}
    no_formula = sum(each.credit_percent is None for each in lines)
    owed = [each.owed_vnd for each in lines if each.owed_vnd is not None]
    most = [each.owed_at_most_vnd for each in lines if each.owed_at_most_vnd is not None]
    amount = formats.NOTHING
    if owed:
        amount = _("%(least)s VND, at most %(most)s VND") % {
            "least": formats.number(sum(owed)),
            "most": formats.number(sum(most)),
        }
    without = ngettext("%(num)s circuit", "%(num)s circuits", no_formula)
    return [
        (_("Period"), period),
        (_("Owed, where fee and formula are known"), amount),
        (_("No formula known"), without % {"num": formats.number(no_formula)}),
        (
            _("How it is reckoned"),
            _(
                "Availability is 1 - down / agreed. Agreed are the contract's hours without "
                "announced work and without the time a port was shut by us. Time that nobody "
                "measured is neither up nor down: the lower availability takes it as down, the "
                "higher as up. What is owed follows from the higher, at most from the lower."
            ),
        ),
    ]


def _circuit_columns() -> list[str]:
    return [
        *(_("Circuit"), _("Contract"), _("Promised (%)")),
        *(_("Agreed (min)"), _("Down (min)"), _("Not measured (min)")),
        *(_("Availability at least (%)"), _("Availability at most (%)")),
        *(_("Credit (%)"), _("Credit at most (%)"), _("Owed (VND)"), _("Owed at most (VND)")),
    ]


def _circuit(of: CircuitLine) -> list[Cell]:
    known = of.credit_percent is not None
    unknown = _("no formula known")
    return [
        *(of.cid, of.contract, of.promised_percent),
        *(of.agreed_minutes, of.down_minutes, of.unmeasured_minutes),
        *(of.availability_least_percent, of.availability_most_percent),
        of.credit_percent if known else unknown,
        of.credit_at_most_percent if known else unknown,
        *(_amount(of.owed_vnd), _amount(of.owed_at_most_vnd)),
    ]


def _amount(vnd: int | None) -> Cell:
    return None if vnd is None else float(vnd)


def _outage_columns() -> list[str]:
    return [
        *(_("Circuit"), _("From"), _("To"), _("Minutes"), _("Counted (min)")),
        *(_("Not counted"), _("Cause"), _("Carrier's ticket")),
    ]


def _outages(found: CarrierCredit) -> list[list[Cell]]:
    return [
        _outage(of.cid, outage, cause, found.until)
        for of in found.circuits
        for outage, cause in zip(of.balance.outages, of.causes, strict=True)
    ]


def _outage(cid: str, of: Outage, cause: Correlated | None, until: datetime) -> list[Cell]:
    left_out = [f"{_excluded(why)}: {formats.number(minutes(lasting))}"
                for why, lasting in of.excluded.items()]  # fmt: skip
    return [
        cid,
        of.starts_at,
        of.ends_at if of.ends_at < until else _("not over"),
        minutes(of.ends_at - of.starts_at),
        minutes(of.counted),
        "; ".join(left_out),
        _cause(cause),
        cause.ticket if cause else "",
    ]


def _cause(of: Correlated | None) -> str:
    if of is None:
        return _("no incident")
    told = f"#{of.number} {words.alert(of.alertname)}: {of.name}"
    return _("%(incident)s (found elsewhere)") % {"incident": told} if of.is_elsewhere else told


def _excluded(why: Excluded) -> str:
    return {
        Excluded.OUTSIDE_HOURS: _("outside the contract's hours"),
        Excluded.CARRIER_MAINTENANCE: _("work announced by the carrier"),
        Excluded.OWN_MAINTENANCE: _("work announced by us"),
        Excluded.SHUT: _("port shut by us"),
    }[why]


def _gap_columns() -> list[str]:
    return [_("Circuit"), _("From"), _("To"), _("Minutes"), _("Why nothing is known")]


def _gaps(found: CarrierCredit) -> list[list[Cell]]:
    return [
        [of.cid, start, end, minutes(end - start), gap(why)]
        for of in found.circuits
        for (start, end), why in of.balance.gaps
    ]


def gap(why: str) -> str:
    """Return why nothing is known of a time, as people say it."""
    own = {
        NOT_KEPT: _("no longer kept"),
        NOT_DRAWN: _("no cable is drawn over the circuit"),
        "stale": _("the monitor was not heard"),
    }
    return own.get(why) or causes.cause(why)
