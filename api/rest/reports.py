"""How long people took, and what carriers owe."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query, Response

from alerts import service
from alerts.correlated import Correlated
from alerts.credit import Outage as CountedOutage
from alerts.service import Grouping
from api.callers import Caller, CallerDep
from api.credits import credit, line, minutes
from api.periods import days, month_named
from api.rest.files import Language
from api.rest.schemas.reports import CarrierCredit, Cause, CircuitCredit, Gap, Outage, ResponseTimes
from api.web.attachments import Form, attached
from hatang.i18n import use_language

router = APIRouter(prefix="/reports", tags=["reports"])
Month = Annotated[str, Query(description="Such as 2026-10.", max_length=7)]
Carrier = Annotated[str, Query(min_length=1, max_length=100)]


@router.get("/times")
def response_times(
    caller: CallerDep, since: date, until: date, by: Grouping = Grouping.UNIT
) -> list[ResponseTimes]:
    """Return times to acknowledge and to repair of the days `since` to `until`, both counted."""
    zone = ZoneInfo(caller.context.settings.timezone)
    with caller.read() as session:
        found = service.response_times(session, caller.actor, by, days(since, until, zone))
    return [ResponseTimes.model_validate(each) for each in found]


@router.get("/carriers")
def carriers(caller: CallerDep) -> list[str]:
    """Return the carriers of circuits in use."""
    with caller.read() as session:
        return service.carriers(session, caller.actor)


@router.get("/credit")
def carrier_credit(caller: CallerDep, carrier: Carrier, month: Month) -> CarrierCredit:
    """Return outages, gaps, availability and credit of each circuit of a carrier in a month."""
    found = credit_of(caller, carrier, month)
    own = {name: getattr(found, name) for name in ("carrier", "month", "since", "until")}
    circuits = [_circuit(each) for each in found.circuits]
    return CarrierCredit(**own, is_whole=found.is_whole, circuits=circuits)


@router.get("/credit/file", response_class=Response)
def credit_file(
    caller: CallerDep,
    carrier: Carrier,
    month: Month,
    language: Language = "vi",
    *,
    form: Literal["pdf", "xlsx"] = "pdf",
) -> Response:
    """Return the same as a file: PDF to print, XLSX to count with."""
    return attached_credit(caller, (carrier, month), language, form)


def credit_of(caller: Caller, carrier: str, month: str) -> service.CarrierCredit:
    """Return what `carrier` owes for a month such as 2026-10."""
    settings = caller.context.settings
    named = (month_named(month), ZoneInfo(settings.timezone))
    contracts = settings.alerts.contracts
    with caller.read() as session:
        return service.carrier_credit(session, caller.actor, carrier, named, contracts)


def attached_credit(caller: Caller, of: tuple[str, str], language: str, form: Form) -> Response:
    """Return what a carrier owes for a month (`of`) as a file in `language`."""
    found = credit_of(caller, *of)
    with use_language(language):
        document = credit(found, caller.context.settings.timezone)
        return attached(document, form, f"credit-{found.month:%Y-%m}")


def _circuit(of: service.CircuitCredit) -> CircuitCredit:
    pairs = zip(of.balance.outages, of.causes, strict=True)
    gaps = [
        Gap(starts_at=start, ends_at=end, minutes=minutes(end - start), reason=why)
        for (start, end), why in of.balance.gaps
    ]
    return CircuitCredit(
        **asdict(line(of)), outages=[_outage(each, cause) for each, cause in pairs], gaps=gaps
    )


def _outage(of: CountedOutage, cause: Correlated | None) -> Outage:
    return Outage(
        starts_at=of.starts_at,
        ends_at=of.ends_at,
        minutes=minutes(of.ends_at - of.starts_at),
        counted_minutes=minutes(of.counted),
        excluded_minutes={why: minutes(lasting) for why, lasting in of.excluded.items()},
        cause=Cause(
            incident=cause.number,
            alertname=cause.alertname,
            name=cause.name,
            is_elsewhere=cause.is_elsewhere,
            ticket=cause.ticket,
        )
        if cause
        else None,
    )
