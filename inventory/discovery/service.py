"""Discovery's verbs: ask for a run, carry it out, look at what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from hatang import audit, clock, jobs, scope
from hatang.auth import Actor
from hatang.errors import (
    ConflictError,
    DeniedError,
    HatangError,
    NotFoundError,
)
from hatang.log import get_logger
from inventory import service
from inventory.discovery import known, logins, proposals, stations, strangers, tries
from inventory.discovery.models import DiscoveryRun
from inventory.discovery.order import Limits, Order, checked
from inventory.discovery.sweep import Found, Sweep
from inventory.discovery.tries import StoredTries
from inventory.rows import EVERYTHING
from inventory.service.importing import WRITE
from inventory.service.reading import READ

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hatang.db import AnySession, Database, WriteSession
    from inventory.discovery.sweep import Transports
    from inventory.inbox.recording import Proposal

LOG: Final = get_logger(__name__)
KEPT_FAILURES: Final = 1000
KEPT_RUNS: Final = 100
RUNNING, DONE, FAILED, CANCELLED = "running", "done", "failed", "cancelled"
JOB: Final = "inventory.discover"
_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found; `proposals` are what it put, or would put, into the inbox."""

    found: Found
    proposals: tuple[Proposal, ...]
    opened: int
    closed: int


@dataclass(frozen=True, slots=True)
class Watch:
    """How a run is watched and stopped."""

    told: Callable[[Found], None] = lambda _found: None
    stopped: Callable[[], bool] = lambda: False


_UNWATCHED: Final = Watch()


def begin(session: WriteSession, actor: Actor, order: Order, *, is_lab: bool = False) -> int:
    """Write a run down and return its number; nothing is asked yet.

    Raises:
        DeniedError: the actor may not write the inventory of the whole province.
        InvalidInputError: with everything wrong about the order at once.
        ConflictError: another run is going on.
    """
    _require_province(actor)
    checked(order, is_lab=is_lab)
    held = session.scalar(select(DiscoveryRun).where(DiscoveryRun.state == RUNNING))
    if held is not None:
        fix = f"Wait for run {held.id}, or `hatang discovery stop {held.id}`."
        raise ConflictError(f"run {held.id} of {held.requester} is going on", fix=fix)
    run = DiscoveryRun(
        scope_id=known.root_scope(session),
        requester=actor.name,
        order=asdict(order),
        state=RUNNING,
        started_at=clock.now(),
    )
    session.add(run)
    session.flush()
    seen = {"seeds": order.seeds, "prefixes": order.prefixes, "within": order.within}
    audit.record(session, actor, "discovery.run", f"discovery/{run.id}", seen)
    return run.id


def queue(session: WriteSession, actor: Actor, order: Order, *, is_lab: bool = False) -> int:
    """Do as `begin`, and have the worker carry the run out; stopping its job stops the run."""
    run_id = begin(session, actor, order, is_lab=is_lab)
    jobs.request(session, JOB, {"run": run_id}, key=f"discovery/{run_id}", actor=actor.name)
    return run_id


def carry_out(
    db: Database,
    run_id: int,
    transports: Transports,
    *,
    is_lab: bool = False,
    watch: Watch = _UNWATCHED,
) -> Outcome:
    """Carry the run out that `begin` wrote down, and put what differs into the inbox.

    A run that breaks is written down as failed, and what it raised goes on.
    """
    with db.read() as session:
        run = _run(session, run_id)
        order = order_of(run.order)
    try:
        outcome = _run_order(db, order, transports, (is_lab, watch), is_kept=True)
    except BaseException as error:
        message = error.message if isinstance(error, HatangError) else type(error).__name__
        _end(db, run_id, None, FAILED, message)
        raise
    _end(db, run_id, outcome, CANCELLED if watch.stopped() else DONE, "")
    return outcome


def try_out(
    db: Database,
    actor: Actor,
    order: Order,
    transports: Transports,
    *,
    is_lab: bool = False,
    watch: Watch = _UNWATCHED,
) -> Outcome:
    """Do all that a run does, but put nothing into the inbox and remember no device.

    Raises:
        DeniedError, InvalidInputError: as `begin`.
    """
    _require_province(actor)
    checked(order, is_lab=is_lab)
    return _run_order(db, order, transports, (is_lab, watch), is_kept=False)


def list_runs(session: AnySession, actor: Actor) -> list[DiscoveryRun]:
    """Return the latest runs, newest first."""
    visible = scope.visible(actor.acting(READ), DiscoveryRun.scope_id)
    newest = select(DiscoveryRun).where(visible).order_by(DiscoveryRun.id.desc())
    return list(session.scalars(newest.limit(KEPT_RUNS)))


def get_run(session: AnySession, actor: Actor, run_id: int) -> DiscoveryRun:
    """Return one run with its failures; NotFoundError when there is none for this actor."""
    visible = scope.visible(actor.acting(READ), DiscoveryRun.scope_id)
    row = session.scalar(select(DiscoveryRun).where(DiscoveryRun.id == run_id, visible))
    if row is None:
        raise NotFoundError(f"there is no discovery run {run_id}")
    return row


def stop(session: WriteSession, actor: Actor, run_id: int) -> None:
    """Have a run end where it is; what it read so far counts."""
    _require_province(actor)
    run = _run(session, run_id)
    if run.state == RUNNING:
        run.state = CANCELLED
        audit.record(session, actor, "discovery.stop", f"discovery/{run_id}")


def is_stopped(db: Database, run_id: int) -> bool:
    """Return whether somebody stopped the run."""
    with db.read() as session:
        return _run(session, run_id).state == CANCELLED


def forget(session: WriteSession, actor: Actor, address: str) -> int:
    """Let refused credentials be tried again at an address; return how many were held back."""
    _require_province(actor)
    count = tries.forget(session, address)
    audit.record(session, actor, "discovery.forget", f"address/{address}", {"count": count})
    return count


def order_of(stored: Mapping[str, Any]) -> Order:
    """Return the order that a run was asked for."""
    texts = {name: tuple(stored[name]) for name in ("seeds", "prefixes", "within", "credentials")}
    return Order(**texts, limits=Limits(**stored["limits"]))


def _run_order(
    db: Database,
    order: Order,
    transports: Transports,
    given: tuple[bool, Watch],
    *,
    is_kept: bool,
) -> Outcome:
    is_lab, watch = given
    with db.read() as session:
        chosen = logins.load(session, order)
        expected = _expected(session)
    memory = StoredTries(db, order.limits.tries)
    held, stop = chosen.held, watch.stopped
    sweep = Sweep(order, held, transports, memory, is_lab, stop, watch.told, expected)
    sweep.offered = chosen.of
    found = asyncio.run(sweep.run())
    silent = frozenset(sweep.silent)
    if not is_kept:
        with db.read() as session:
            return Outcome(found, tuple(_differences(session, found, silent)), 0, 0)
    _record(db, found)
    with db.write() as session:
        return _keep(session, found, silent, is_whole=not watch.stopped())


def _expected(session: AnySession) -> frozenset[str]:
    """Return the addresses of the inventory's devices."""
    rows = service.list_devices(session, Actor.system("discovery"), EVERYTHING).items
    return frozenset(row.primary_ip4 for row in rows if row.primary_ip4)


def _record(db: Database, found: Found) -> None:
    """Write down what was observed, some devices at a time: nobody waits for all of them."""
    system = Actor.system("discovery")
    with db.read() as session:
        matches = known.match(found.devices, known.recall(session, system))
        interfaces = service.list_interfaces(session, system, EVERYTHING).items
        root = known.root_scope(session)
    for start in range(0, len(matches), _AT_ONCE):
        with db.write() as session:
            proposals.record_fields(session, matches[start : start + _AT_ONCE], interfaces)
    stations.record(db, matches, root)


def _differences(session: AnySession, found: Found, silent: frozenset[str]) -> Sequence[Proposal]:
    system = Actor.system("discovery")
    memory = known.recall(session, system)
    matches = known.match(found.devices, memory)
    root = known.root_scope(session)
    listed = proposals.propose(session, system, matches, memory, root)
    listed += strangers.proposals(session, found.closed, matches, memory, root)
    return [*listed, *proposals.vanished(matches, memory, silent)]


def _keep(
    session: WriteSession, found: Found, silent: frozenset[str], *, is_whole: bool
) -> Outcome:
    system = Actor.system("discovery")
    memory = known.recall(session, system)
    matches = known.match(found.devices, memory)
    root = known.root_scope(session)
    listed = proposals.propose(session, system, matches, memory, root)
    listed += strangers.proposals(session, found.closed, matches, memory, root)
    if is_whole:
        listed += proposals.vanished(matches, memory, silent)
    known.remember(session, matches, root)
    opened, closed = proposals.note(session, listed, matches)
    return Outcome(found, tuple(listed), opened, closed)


def _end(db: Database, run_id: int, outcome: Outcome | None, state: str, error: str) -> None:
    with db.write() as session:
        run = _run(session, run_id)
        run.state, run.ended_at, run.error = state, clock.now(), error[:1000]
        if outcome is None:
            return
        found = outcome.found
        run.asked, run.answered, run.is_cut = found.asked, found.answered, found.is_cut
        run.devices, run.failed, run.proposed = (
            len(found.devices),
            len(found.failures),
            len(outcome.proposals),
        )
        run.failures = [
            {
                "address": one.address,
                "reason": one.reason.value,
                "message": one.message[:300],
                "next_step": one.next_step,
            }
            for one in found.failures[:KEPT_FAILURES]
        ]


def _run(session: AnySession, run_id: int) -> DiscoveryRun:
    row = session.get(DiscoveryRun, run_id)
    if row is None:
        raise NotFoundError(f"there is no discovery run {run_id}")
    return row


def _require_province(actor: Actor) -> None:
    # A run tries the credentials of all, and what it finds belongs to any unit.
    if actor.acting(WRITE).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} may not discover the whole province",
            fix="Ask somebody whose role reaches the whole province.",
        )
