"""What is known about elements, for people: filtered by scope, and honest about its age.

The database holds the last states the monitors wrote down. When a monitor has given no sign of
life for `silences.SILENT_AFTER_SECONDS`, everything it said is unknown here, with what it last said
beside it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, or_, select

from hatang import clock, scope
from hatang.auth import Permission
from inventory import service as inventory
from inventory.rows import EVERYTHING, Query
from monitors import exposition, repository
from monitors.choices import Cause, ElementKind, State, worst
from monitors.elements import Element
from monitors.fitting import Cost, Fit, Limits, fit
from monitors.models import ElementRow, HeartbeatRow, TransitionRow
from monitors.past import states_at
from monitors.silences import is_silent
from monitors.watched import WATCHED

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import DeviceRow

READ: Final = Permission.MONITOR_READ
_DEVICE_KINDS: Final = frozenset(ElementKind) - {ElementKind.SERVICE}


@dataclass(frozen=True, slots=True)
class ElementStatus:
    """An element's state now; `last_state` is what was last known, the same while it is fresh."""

    element: Element
    state: State
    cause: Cause
    since: datetime | None
    last_state: State
    scope_id: int | None


@dataclass(frozen=True, slots=True)
class DeviceStatus:
    """A device with its parts."""

    name: str
    device: ElementStatus
    parts: tuple[ElementStatus, ...]


@dataclass(frozen=True, slots=True)
class SiteStatus:
    """The worst of a site's devices, and how many there are in each state."""

    site: str
    name: str
    state: State
    counts: dict[State, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TransitionRecord:
    """A change of state that was written down."""

    element: Element
    from_state: State
    to_state: State
    cause: Cause
    at: datetime
    evidence: dict[str, Any]


def list_status(
    session: AnySession,
    actor: Actor,
    *,
    kind: ElementKind | None = None,
    owner: str | Collection[str] | None = None,
    state: State | None = None,
) -> list[ElementStatus]:
    """Return the states the actor may see, by element; `state` asks for what was last measured.

    Only elements that were measured at least once are here. Raises DeniedError.
    """
    query = select(ElementRow).order_by(ElementRow.element)
    if kind is not None:
        query = query.where(ElementRow.kind == kind)
    if owner is not None:
        owners = {owner} if isinstance(owner, str) else owner
        query = query.where(ElementRow.owner.in_(sorted(owners)))
    if state is not None:
        query = query.where(ElementRow.state == state)
    narrowed = actor.acting(READ)
    rows = session.scalars(query.where(scope.visible(narrowed, ElementRow.scope_id)))
    alive = living(session)
    return [_status(row, is_fresh=row.monitor in alive) for row in rows]


def device_status(session: AnySession, actor: Actor, name_or_key: str) -> DeviceStatus:
    """Return a device and its parts; a device that was never measured is unknown.

    Raises:
        NotFoundError: there is no such device, or the actor may not see it.
        DeniedError: the actor may see no states.
    """
    row = inventory.get_device(session, actor, name_or_key)
    return _whole(row, list_status(session, actor, owner=row.device_key))


def device_statuses(
    session: AnySession, actor: Actor, names: Collection[str]
) -> dict[str, DeviceStatus]:
    """Return the devices of these names that the actor sees, with their parts, by name.

    For a few hundred at most. Raises DeniedError.
    """
    rows = inventory.find_devices(session, actor, names).values()
    found: dict[str, list[ElementStatus]] = {}
    for status in list_status(session, actor, owner={row.device_key for row in rows}):
        found.setdefault(status.element.owner, []).append(status)
    return {row.name: _whole(row, found.get(row.device_key, [])) for row in rows}


def _whole(row: DeviceRow, found: list[ElementStatus]) -> DeviceStatus:
    mine = [status for status in found if status.element.kind in _DEVICE_KINDS]
    whole = next((s for s in mine if s.element.kind is ElementKind.DEVICE), _never(row))
    parts = tuple(s for s in mine if s.element.kind is not ElementKind.DEVICE)
    return DeviceStatus(row.name, whole, parts)


def site_statuses(
    session: AnySession, actor: Actor, at: datetime | None = None
) -> list[SiteStatus]:
    """Return every site with devices, by slug: worst of its devices, unknown never good.

    With `at` as they stood then, in today's inventory; raises as `past.states_at`.
    """
    known = _device_states(session, actor) if at is None else _past_states(session, actor, at)
    sites: dict[tuple[str, str], Counter[State]] = {}
    for key, *site in inventory.device_sites(session, actor):
        counts = sites.setdefault((site[0], site[1]), Counter())
        counts[known.get(key, State.UNKNOWN)] += 1
    return [
        SiteStatus(slug, name, worst(counts), dict(counts))
        for (slug, name), counts in sorted(sites.items())
    ]


def _device_states(session: AnySession, actor: Actor) -> dict[str, State]:
    """Return the state of each measured device the actor sees, by its key; no more of it."""
    columns = select(ElementRow.owner, ElementRow.state, ElementRow.monitor)
    visible = scope.visible(actor.acting(READ), ElementRow.scope_id)
    alive = living(session)
    return {
        owner: State(state) if monitor in alive else State.UNKNOWN
        for owner, state, monitor in session.execute(
            columns.where(ElementRow.kind == ElementKind.DEVICE, visible)
        )
    }


def _past_states(session: AnySession, actor: Actor, at: datetime) -> dict[str, State]:
    found = states_at(session, actor, at, kinds=(ElementKind.DEVICE,))
    return {each.element.owner: each.state for each in found}


def list_transitions(
    session: AnySession,
    actor: Actor,
    *,
    element: Element | None = None,
    after: datetime | None = None,
    limit: int = 200,
) -> list[TransitionRecord]:
    """Return changes of state the actor may see, newest first."""
    query = select(TransitionRow)
    if element is not None:
        query = query.where(TransitionRow.element == element.key)
    if after is not None:
        query = query.where(TransitionRow.at > after)
    visible = scope.visible(actor.acting(READ), TransitionRow.scope_id)
    newest = (TransitionRow.at.desc(), TransitionRow.id.desc())
    return [
        _record(row) for row in session.scalars(query.where(visible).order_by(*newest).limit(limit))
    ]


def transitions_of(
    session: AnySession,
    actor: Actor,
    of: tuple[Collection[str], Collection[str]],
    span: tuple[datetime, datetime],
    limit: int,
) -> tuple[list[TransitionRecord], int]:
    """Return changes of state within `span`, earliest first, and how many there are in all.

    Of the elements `of[0]`, and of all that belongs to the devices whose keys are `of[1]`.
    """
    parts = select(ElementRow.element).where(ElementRow.owner.in_(sorted(of[1])))
    asked = or_(TransitionRow.element.in_(sorted(of[0])), TransitionRow.element.in_(parts))
    visible = scope.visible(actor.acting(READ), TransitionRow.scope_id)
    within = asked, visible, TransitionRow.at.between(*span)
    total = session.scalar(select(func.count()).select_from(TransitionRow).where(*within)) or 0
    first = select(TransitionRow).where(*within).order_by(TransitionRow.at, TransitionRow.id)
    return [_record(row) for row in session.scalars(first.limit(limit))], total


def _record(row: TransitionRow) -> TransitionRecord:
    return TransitionRecord(
        Element.parse(row.element),
        State(row.from_state),
        State(row.to_state),
        Cause(row.cause),
        row.at,
        row.evidence,
    )


def sd_targets(session: AnySession, actor: Actor, address: str) -> list[dict[str, object]]:
    """Return Prometheus' http_sd answer for all monitors.

    Before the first has said where it is, for one at `address` (host:port).
    """
    announced = repository.announced(session)
    if announced:
        return [
            target
            for row in announced
            for target in exposition.sd_targets(row.devices, row.address)
        ]
    total = inventory.list_devices(session, actor, Query(limit=1)).total
    return exposition.sd_targets(total, address)


def plan(session: AnySession, actor: Actor, costs: Iterable[Cost], limits: Limits) -> Fit:
    """Return whether what is polled fits, and what it costs; `costs` are the monitors' own."""
    rows = inventory.list_devices(session, actor, EVERYTHING).items
    active = {row.device_key for row in rows if row.primary_ip4 and row.status in WATCHED}
    seen = [cost for cost in costs if cost.key in active]
    circuits = inventory.list_circuits(session, actor, EVERYTHING).items
    topology = inventory.load_topology(session)
    carried = {link.key: link.circuit for link in topology.network.links if link.circuit}
    ways = {
        cost.key: {carried[one.key] for one in topology.path(cost.key) if one.key in carried}
        for cost in seen
        if topology.is_placed(cost.key)
    }
    rates = {row.cid: row.commit_rate_kbps for row in circuits}
    return fit(seen, len(active) - len(seen), limits, ways, rates)


def living(session: AnySession) -> set[str]:
    """Return the monitors that gave a sign of life lately; what others said is unknown by now."""
    now = clock.now()
    return {row.monitor for row in session.scalars(select(HeartbeatRow)) if not is_silent(row, now)}


def heard_seconds_ago(session: AnySession) -> float | None:
    """Return how long ago a monitor last gave a sign of life; None when none ever did."""
    last = session.scalar(select(func.max(HeartbeatRow.at)))
    return None if last is None else max(0.0, (clock.now() - last).total_seconds())


def version(session: AnySession) -> tuple[object, ...]:
    """Return what differs once a state has changed or a monitor fell silent.

    On PostgreSQL a transition with a lower id may be committed later: do not trust it for long.
    """
    last = session.scalar(select(func.max(TransitionRow.id))) or 0
    return (last, *sorted(living(session)))


def _status(row: ElementRow, *, is_fresh: bool) -> ElementStatus:
    last = State(row.state)
    return ElementStatus(
        element=Element(ElementKind(row.kind), row.owner, row.name),
        state=last if is_fresh else State.UNKNOWN,
        cause=Cause(row.cause) if is_fresh else Cause.STALE,
        since=row.since,
        last_state=last,
        scope_id=row.scope_id,
    )


def _never(row: DeviceRow) -> ElementStatus:
    return ElementStatus(
        element=Element(ElementKind.DEVICE, row.device_key),
        state=State.UNKNOWN,
        cause=Cause.NEVER_MEASURED,
        since=None,
        last_state=State.UNKNOWN,
        scope_id=row.scope_id,
    )
