"""The deviations inbox: what is intended beside what was observed, and what is done about it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from api.callers import Caller, CallerDep
from api.rest.hostkeys import prove_accepting
from api.rest.paging import WindowDep, window
from api.web import decisions, terms
from api.web.rendering import page
from hatang.auth import Permission
from hatang.errors import ConflictError, InvalidInputError, Problem
from inventory import platforms
from inventory import service as inventory
from inventory.choices import DeviceRole, ElementKind
from inventory.inbox import service
from inventory.inbox.choices import WAITING, DeviationKind, DeviationState
from inventory.inbox.listing import InboxRow
from inventory.jobs import today
from inventory.rows import EVERYTHING

router = APIRouter(prefix="/inbox")
Text = Annotated[str, Query(max_length=255)]
Words = Annotated[str, Form(max_length=1_000)]
Ticked = Annotated[str, Field(pattern=r"^[0-9]{1,9}:[0-9a-f]{16}$")]
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


def chosen(ids: Annotated[list[Ticked] | None, Form(max_length=10_000)] = None) -> dict[int, str]:
    """Return the digests of what was ticked as the page showed them, by number."""
    pairs = (one.partition(":") for one in ids or ())
    return {int(number): digest for number, _, digest in pairs}


def gaps(
    name: Short = "", site: Short = "", role: Short = "", platform: Short = ""
) -> dict[str, str]:
    """Return what a new device could not tell of itself."""
    return {"name": name.strip(), "site": site, "role": role, "platform": platform}


def until_when(
    caller: CallerDep, until: Annotated[date | None, Form()] = None, reason: Words = ""
) -> tuple[date, str]:
    """Return until which day and why; no day is today, which is refused with the rest."""
    return (today(caller.context.settings) if until is None else until, reason)


ShownDep = Annotated[dict[int, str], Depends(chosen)]
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
        "chosen": {},
    }
    return page(request, "inbox.html", **values, **_listed(caller, filters, window))


@router.post("/accept")
def accept(
    request: Request,
    caller: CallerDep,
    filters: FiltersDep,
    *,
    shown: ShownDep,
    values: GapsDep,
    confirm: Short = "",
) -> Response:
    """Write what was shown into the inventory, all of it or nothing; a key is compared first."""
    if len(shown) == 1 and (device := _keyed(caller, next(iter(shown)))):
        return RedirectResponse(f"/devices/{quote(device, safe='')}/host-keys", 303)
    if _must_confirm(shown, confirm):
        return _confirmation(request, caller, filters, verb="accept", shown=shown, values=values)
    try:
        _require_some(shown)
        with caller.write() as session:
            lab = caller.context.settings.lab
            prove_accepting(caller, session, shown)
            count = service.accept(session, caller.actor, shown, values, is_lab=lab)
    except (InvalidInputError, ConflictError) as error:
        return _refused(request, caller, filters, error, shown)
    return _back(filters, count)


@router.post("/ignore")
def ignore(
    request: Request,
    caller: CallerDep,
    filters: FiltersDep,
    *,
    shown: ShownDep,
    leave: UntilDep,
    confirm: Short = "",
) -> Response:
    """Leave differences as they are until a day, when they open again."""
    day, reason = leave
    if _must_confirm(shown, confirm):
        values = {"until": day.isoformat(), "reason": reason}
        return _confirmation(request, caller, filters, verb="ignore", shown=shown, values=values)
    try:
        _require_some(shown)
        with caller.write() as session:
            now = today(caller.context.settings)
            count = service.ignore(session, caller.actor, shown, day, reason, today=now)
    except (InvalidInputError, ConflictError) as error:
        return _refused(request, caller, filters, error, shown)
    return _back(filters, count)


@router.post("/fix")
def fix(
    request: Request,
    caller: CallerDep,
    filters: FiltersDep,
    *,
    shown: ShownDep,
    reason: Words = "",
    confirm: Short = "",
) -> Response:
    """Open a change for each difference; one alone leads to its change."""
    if _must_confirm(shown, confirm):
        values = {"reason": reason}
        return _confirmation(request, caller, filters, verb="fix", shown=shown, values=values)
    try:
        _require_some(shown)
        _require_reason(reason)
        with caller.write() as session:
            keys = [
                service.fix(session, caller.actor, one, digest, reason.strip())
                for one, digest in shown.items()
            ]
    except (InvalidInputError, ConflictError) as error:
        return _refused(request, caller, filters, error, shown)
    if len(keys) == 1:
        return RedirectResponse(f"/changes/{keys[0].rpartition('/')[2]}", 303)
    return _back(filters, len(keys))


def _listed(caller: Caller, filters: Filters, part: Any) -> dict[str, Any]:  # noqa: ANN401 RUF100
    asked, day = part.query(filters.columns, sort="-at"), today(caller.context.settings)
    with caller.read() as session:
        found = service.list_deviations(session, caller.actor, asked, today=day, unit=filters.unit)
        units = inventory.list_units(session, caller.actor, EVERYTHING).items
        sites = inventory.list_sites(session, caller.actor, EVERYTHING).items
    return {
        "found": found,
        "filters": filters,
        "units": sorted(units, key=lambda unit: unit.name),
        "sites": sites,
        "kinds": list(DeviationKind),
        "element_kinds": (
            ElementKind.DEVICE,
            ElementKind.INTERFACE,
            ElementKind.LINK,
            ElementKind.SITE,
        ),
        "states": list(DeviationState),
        "roles": list(DeviceRole),
        "platforms": sorted(platforms.names()),
        "usual_day": day + timedelta(days=USUAL_DAYS),
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


def _keyed(caller: Caller, number: int) -> str:
    """Return the device whose key the difference is, nothing when it is about something else."""
    with caller.read() as session:
        row = service.get_deviation(session, caller.actor, number)
    return row.element if row.is_host_key else ""


def _must_confirm(shown: dict[int, str], confirm: str) -> bool:
    return len(shown) > CONFIRMED_ABOVE and confirm.strip() != str(len(shown))


def _confirmation(
    request: Request,
    caller: Caller,
    filters: Filters,
    *,
    verb: str,
    shown: dict[int, str],
    values: dict[str, str],
) -> HTMLResponse:
    with caller.read() as session:
        rows = [service.get_deviation(session, caller.actor, one) for one in shown]
    texts: dict[str, Any] = {"rows": rows, "verb": verb, "values": values, "filters": filters}
    texts["shown"] = shown
    both = {row.id: _both(row) for row in rows}
    return page(request, "inbox_confirm.html", both=both, decisions=decisions, **texts)


def _refused(
    request: Request,
    caller: Caller,
    filters: Filters,
    error: InvalidInputError | ConflictError,
    shown: dict[int, str],
) -> HTMLResponse:
    part = window()
    problems = [Problem("inbox", "ids", "", error.message, error.fix)]
    if isinstance(error, InvalidInputError):
        problems = list(error.problems)
    values: dict[str, Any] = {
        "window": part,
        "done": 0,
        "problems": problems,
        "chosen": shown,
    }
    return page(request, "inbox.html", **values, **_listed(caller, filters, part))


def _require_some(shown: dict[int, str]) -> None:
    if not shown:
        fix_ = "Tick the differences it is about."
        raise InvalidInputError([Problem("inbox", "ids", "", "nothing is chosen", fix_)])


def _require_reason(reason: str) -> None:
    if not reason.strip():
        fix_ = "Say why the device is to be changed."
        raise InvalidInputError([Problem("inbox", "reason", "", "is missing", fix_)])


def _back(filters: Filters, count: int) -> RedirectResponse:
    return RedirectResponse(f"/inbox?{filters.query}&done={count}".replace("?&", "?"), 303)
