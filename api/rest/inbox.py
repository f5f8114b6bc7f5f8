"""Where reality differs from the inventory: listing, deciding, and looking again."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from api.callers import CallerDep
from api.rest.hostkeys import prove_accepting
from api.rest.paging import Page, WindowDep, page_of
from api.rest.schemas.inbox import (
    Accept,
    Decided,
    DiscoveryOrder,
    DiscoveryRun,
    Fix,
    Ignore,
    InboxItem,
    Opened,
)
from inventory.discovery import service as discovery
from inventory.discovery.order import Limits, Order
from inventory.inbox import service
from inventory.jobs import today

router = APIRouter(tags=["inbox"])
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Text = Annotated[str | None, Query(max_length=255)]


@router.get("/inbox")
def list_inbox(
    caller: CallerDep,
    window: WindowDep,
    *,
    kind: Text = None,
    element: Text = None,
    certainty: Text = None,
    state: Text = "open",
) -> Page[InboxItem]:
    """Return differences; `state` open unless asked otherwise."""
    given = {"kind": kind, "element": element, "certainty": certainty, "state": state}
    with caller.read() as session:
        query = window.query(given)
        day = today(caller.context.settings)
        return page_of(InboxItem, service.list_deviations(session, caller.actor, query, today=day))


@router.post("/inbox/accept")
def accept(caller: CallerDep, body: Accept) -> Decided:
    """Write what was shown into the inventory: all of it, or nothing and every error at once."""
    values = body.model_dump(include={"name", "site", "role", "platform"})
    is_lab = caller.context.settings.lab
    with caller.write() as session:
        prove_accepting(caller, session, body.digests)
        count = service.accept(session, caller.actor, body.digests, values, is_lab=is_lab)
        return Decided(count=count)


@router.post("/inbox/ignore")
def ignore(caller: CallerDep, body: Ignore) -> Decided:
    """Leave differences as they are until a day, when they open again."""
    with caller.write() as session:
        day, shown = today(caller.context.settings), body.digests
        count = service.ignore(session, caller.actor, shown, body.until, body.reason, today=day)
        return Decided(count=count)


@router.get("/inbox/{number}")
def get_inbox_item(caller: CallerDep, number: Number) -> InboxItem:
    """Return one difference."""
    with caller.read() as session:
        day = today(caller.context.settings)
        found = service.get_deviation(session, caller.actor, number, today=day)
    return InboxItem.model_validate(found)


@router.post("/inbox/{number}/fix", status_code=201)
def fix(caller: CallerDep, number: Number, body: Fix) -> Opened:
    """Open a change that makes the device as intended."""
    with caller.write() as session:
        change = service.fix(session, caller.actor, number, body.digest, body.reason)
        return Opened(change=change)


@router.get("/discovery/runs")
def list_runs(caller: CallerDep, window: WindowDep) -> Page[DiscoveryRun]:
    """Return the latest runs of discovery, newest first."""
    with caller.read() as session:
        return window.cut(DiscoveryRun, discovery.list_runs(session, caller.actor))


@router.post("/discovery/runs", status_code=202)
def create_run(caller: CallerDep, body: DiscoveryOrder) -> DiscoveryRun:
    """Have the worker look for devices and cables; what differs comes into the inbox."""
    limits = Limits(addresses=body.addresses, depth=body.depth, per_second=body.per_second)
    order = Order(
        seeds=tuple(body.seeds),
        prefixes=tuple(body.prefixes),
        within=tuple(body.within),
        credentials=tuple(body.credentials),
        limits=limits,
    )
    is_lab = caller.context.settings.lab
    with caller.write() as session:
        number = discovery.queue(session, caller.actor, order, is_lab=is_lab)
        return DiscoveryRun.model_validate(discovery.get_run(session, caller.actor, number))


@router.get("/discovery/runs/{number}")
def get_discovery_run(caller: CallerDep, number: Number) -> DiscoveryRun:
    """Return one run with its failures and their next steps."""
    with caller.read() as session:
        return DiscoveryRun.model_validate(discovery.get_run(session, caller.actor, number))


@router.post("/discovery/runs/{number}/stop", status_code=204)
def stop_run(caller: CallerDep, number: Number) -> None:
    """End a run where it is; what it read so far counts."""
    with caller.write() as session:
        discovery.stop(session, caller.actor, number)
