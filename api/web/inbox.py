"""The deviations inbox: what is intended beside what was observed, and what is done about it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api.callers import Caller, CallerDep
from api.rest.hostkeys import prove_accepting
from api.rest.paging import WindowDep, window
from api.web import decisions, terms
from api.web.rendering import page
from hatang import clock
from hatang.auth import Permission
from hatang.errors import ConflictError, InvalidInputError, Problem
from inventory import platforms
from inventory import service as inventory
from inventory.choices import DeviceRole, ElementKind
from inventory.inbox import service
from inventory.inbox.choices import WAITING, DeviationKind, DeviationState
from inventory.inbox.listing import InboxRow
from inventory.rows import EVERYTHING

router = APIRouter(prefix="/inbox")
Text = Annotated[str, Query(max_length=255)]
Words = Annotated[str, Form(max_length=1_000)]
Short = Annotated[str, Form(max_length=64)]
ALL = "all"
CONFIRMED_ABOVE = 10
"""More differences than this are decided at once only with their count typed."""
USUAL_DAYS = 30


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is asked by; the address can be sent to a colleague."""

    kind: str
    element_kind: str
    unit: str
    state: str

    @property
    def query(self) -> str:
        """The filters as part of an address."""
        given = {"kind": self.kind, "element_kind": self.element_kind, "unit": self.unit}
        return urlencode({name: value for name, value in given.items() if value} | self._state())

    @property
    def columns(self) -> dict[str, str | None]:
        """What the rows are filtered by, None where they are not."""
        state = None if self.state == ALL else self.state
        return {
            "kind": self.kind or None,
            "element_kind": self.element_kind or None,
            "state": state,
        }

    def _state(self) -> dict[str, str]:
        return {} if self.state == DeviationState.OPEN else {"state": self.state}


def filters_of(
    kind: Text = "", element_kind: Text = "", unit: Text = "", state: Text = "open"
) -> Filters:
    """Return the filters of an address."""
    return Filters(kind, element_kind, unit.strip(), state or ALL)


FiltersDep = Annotated[Filters, Depends(filters_of)]


def chosen(ids: Annotated[list[int] | None, Form(max_length=10_000)] = None) -> list[int]:
    """Return the numbers that were ticked, each once."""
    return list(dict.fromkeys(ids or ()))


def gaps(
    name: Short = "", site: Short = "", role: Short = "", platform: Short = ""
) -> dict[str, str]:
    """Return what a new device could not tell of itself."""
    return {"name": name.strip(), "site": site, "role": role, "platform": platform}


def until_when(
    until: Annotated[date | None, Form()] = None, reason: Words = ""
) -> tuple[date, str]:
    """Return until which day and why; no day is today, which is refused with the rest."""
    return (clock.now().date() if until is None else until, reason)


IdsDep = Annotated[list[int], Depends(chosen)]
GapsDep = Annotated[dict[str, str], Depends(gaps)]
UntilDep = Annotated[tuple[date, str], Depends(until_when)]


@router.get("")
def list_page(
    request: Request,
    caller: CallerDep,
    window: WindowDep,
    filters: FiltersDep,
    done: Annotated[int, Query(ge=0)] = 0,
) -> HTMLResponse:
    """Show differences between the inventory and what was observed, the latest seen first."""
    values: dict[str, Any] = {
        "window": window,
        "done": done,
        "problems": (),
        "chosen": frozenset[int](),
    }
    return page(request, "inbox.html", **values, **_listed(caller, filters, window))


@router.post("/accept")
def accept(
    request: Request,
    caller: CallerDep,
    filters: FiltersDep,
    *,
    ids: IdsDep,
    values: GapsDep,
    confirm: Short = "",
) -> Response:
    """Write what was observed into the inventory, all of it or nothing."""
    if _must_confirm(ids, confirm):
        return _confirmation(request, caller, filters, verb="accept", ids=ids, values=values)
    try:
        _require_some(ids)
        with caller.write() as session:
            lab = caller.context.settings.lab
            prove_accepting(caller, session, ids)
            count = service.accept(session, caller.actor, ids, values, is_lab=lab)
    except (InvalidInputError, ConflictError) as error:
        return _refused(request, caller, filters, error, ids)
    return _back(filters, count)


@router.post("/ignore")
def ignore(
    request: Request,
    caller: CallerDep,
    filters: FiltersDep,
    *,
    ids: IdsDep,
    leave: UntilDep,
    confirm: Short = "",
) -> Response:
    """Leave differences as they are until a day, when they open again."""
    day, reason = leave
    if _must_confirm(ids, confirm):
        values = {"until": day.isoformat(), "reason": reason}
        return _confirmation(request, caller, filters, verb="ignore", ids=ids, values=values)
    try:
        _require_some(ids)
        with caller.write() as session:
            count = service.ignore(session, caller.actor, ids, day, reason)
    except (InvalidInputError, ConflictError) as error:
        return _refused(request, caller, filters, error, ids)
    return _back(filters, count)


@router.post("/fix")
def fix(
    request: Request,
    caller: CallerDep,
    filters: FiltersDep,
    *,
    ids: IdsDep,
    reason: Words = "",
    confirm: Short = "",
) -> Response:
    """Open a change for each difference; one alone leads to its change."""
    if _must_confirm(ids, confirm):
        values = {"reason": reason}
        return _confirmation(request, caller, filters, verb="fix", ids=ids, values=values)
    try:
        _require_some(ids)
        _require_reason(reason)
        with caller.write() as session:
            keys = [service.fix(session, caller.actor, one, reason.strip()) for one in ids]
    except (InvalidInputError, ConflictError) as error:
        return _refused(request, caller, filters, error, ids)
    if len(keys) == 1:
        return RedirectResponse(f"/changes/{keys[0].rpartition('/')[2]}", 303)
    return _back(filters, len(keys))


def _listed(caller: Caller, filters: Filters, part: Any) -> dict[str, Any]:  # noqa: ANN401 RUF100
    asked = part.query(filters.columns, sort="-at")
    with caller.read() as session:
        found = service.list_deviations(session, caller.actor, asked, unit=filters.unit)
        units = inventory.list_units(session, caller.actor, EVERYTHING).items
        sites = inventory.list_sites(session, caller.actor, EVERYTHING).items
    return {
        "found": found,
        "filters": filters,
        "units": sorted(units, key=lambda unit: unit.name),
        "sites": sites,
        "kinds": list(DeviationKind),
        "element_kinds": (ElementKind.DEVICE, ElementKind.INTERFACE, ElementKind.LINK),
        "states": list(DeviationState),
        "roles": list(DeviceRole),
        "platforms": sorted(platforms.names()),
        "usual_day": clock.now().date() + timedelta(days=USUAL_DAYS),
        "both": {row.id: _both(row) for row in found.items},
        "waiting": {row.id for row in found.items if row.state in WAITING},
        "decisions": decisions,
        "may_write": caller.actor.may(Permission.INVENTORY_WRITE),
        "may_fix": caller.actor.may(Permission.CHANGE_REQUEST),
    }


def _both(row: InboxRow) -> tuple[str, str]:
    """Return what is intended and what was observed, in words."""
    return (_told(row, row.intended), _told(row, row.observed))


def _told(row: InboxRow, given: Any) -> str:  # noqa: ANN401 RUF100 - what a field holds
    if row.field:
        return terms.value(row.element_kind, row.field, given)
    if isinstance(given, dict) and set(given) == {"a", "b"}:
        return f"{given['a']} – {given['b']}"
    if isinstance(given, dict):
        known = {terms.field(row.element_kind, name): one for name, one in given.items()}
        return terms.plain(known)
    return terms.plain(given)


def _must_confirm(ids: list[int], confirm: str) -> bool:
    return len(ids) > CONFIRMED_ABOVE and confirm.strip() != str(len(ids))


def _confirmation(
    request: Request,
    caller: Caller,
    filters: Filters,
    *,
    verb: str,
    ids: list[int],
    values: dict[str, str],
) -> HTMLResponse:
    with caller.read() as session:
        rows = [service.get_deviation(session, caller.actor, one) for one in ids]
    texts: dict[str, Any] = {"rows": rows, "verb": verb, "values": values, "filters": filters}
    both = {row.id: _both(row) for row in rows}
    return page(request, "inbox_confirm.html", both=both, decisions=decisions, **texts)


def _refused(
    request: Request,
    caller: Caller,
    filters: Filters,
    error: InvalidInputError | ConflictError,
    ids: list[int],
) -> HTMLResponse:
    part = window()
    problems = [Problem("inbox", "ids", "", error.message, error.fix)]
    if isinstance(error, InvalidInputError):
        problems = list(error.problems)
    values: dict[str, Any] = {
        "window": part,
        "done": 0,
        "problems": problems,
        "chosen": frozenset(ids),
    }
    return page(request, "inbox.html", **values, **_listed(caller, filters, part))


def _require_some(ids: list[int]) -> None:
    if not ids:
        fix_ = "Tick the differences it is about."
        raise InvalidInputError([Problem("inbox", "ids", "", "nothing is chosen", fix_)])


def _require_reason(reason: str) -> None:
    if not reason.strip():
        fix_ = "Say why the device is to be changed."
        raise InvalidInputError([Problem("inbox", "reason", "", "is missing", fix_)])


def _back(filters: Filters, count: int) -> RedirectResponse:
    return RedirectResponse(f"/inbox?{filters.query}&done={count}".replace("?&", "?"), 303)
