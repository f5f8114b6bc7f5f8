"""One tick of correlation against the database; the worker calls it every second or so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from alerts import carriers, conditions, intake, lease, power, repository
from alerts.correlation import Condition, Policy, Situation, correlate, faults_of
from alerts.graph import Graph, Health
from alerts.maintenance import covered
from hatang import clock
from hatang.errors import HatangError
from hatang.log import get_logger
from inventory import collector

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from alerts.correlation import Book, Outcome
    from alerts.topology import InventoryView
    from hatang.db import AnySession, Database

DUTY: Final = "step"
LEASE: Final = timedelta(seconds=15)
_LOOKS: Final = 6
"""How many times in a row a live look may lead one further up."""
_VERIFIABLE: Final = ("device:", "service:")
logger = get_logger(__name__)


class Verifier(Protocol):
    """Measures elements now, past every schedule."""

    def verify(self, elements: Collection[str]) -> Mapping[str, Health]:
        """Return what each element showed; those that could not be looked at are absent.

        Bad means as sure as the monitors' own confirmation: one lost packet is no answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class StepOptions:
    """Who steps, and how long faults wait."""

    holder: str
    policy: Policy = field(default_factory=Policy)


@dataclass(frozen=True, slots=True)
class _Scene:
    graph: Graph
    conditions: tuple[Condition, ...]
    withheld: frozenset[str]
    book: Book


def step(
    database: Database,
    topology: Callable[[AnySession], InventoryView],
    verifier: Verifier,
    options: StepOptions,
) -> Outcome | None:
    """Correlate everything known now and keep the result; None while another process leads.

    The state is in the database alone: run twice it changes nothing, killed half-way it lost
    nothing. Live looks happen between the two transactions, so that none waits for a device.
    """
    # A step makes no cycles, and a storm's many new objects have the collector walk the whole
    # province again and again (0.2 to 0.6 s of a step at 10,000 devices).
    with collector.held():
        return _stepped(database, topology, verifier, options)


def _stepped(
    database: Database,
    topology: Callable[[AnySession], InventoryView],
    verifier: Verifier,
    options: StepOptions,
) -> Outcome | None:
    with database.write() as session:
        if not lease.hold(session, DUTY, options.holder, LEASE):
            return None
        intake.lapse(session)
    with database.read() as session:
        scene = _read(session, topology(session))
    outcome, checks = _decide(scene, verifier, options.policy)
    with database.write() as session:
        if not lease.hold(session, DUTY, options.holder, LEASE):
            return None
        repository.keep_checks(session, checks)
        repository.apply(session, scene.graph, outcome)
    return outcome


def _read(session: AnySession, view: InventoryView) -> _Scene:
    book = repository.book(session)
    watched = {*book.pending, *(each.fault for each in book.incidents)}
    watched = watched.union(*(each.parts for each in book.incidents))
    reading = conditions.read(session, view.ends, watched)
    return _Scene(
        graph=_drawn(view, frozenset(each.element for each in reading.conditions)),
        conditions=reading.conditions,
        withheld=reading.silenced | _with_links(covered(session, clock.now()), view.ends),
        book=book,
    )


@lru_cache(maxsize=1)
def _drawn(view: InventoryView, parts: frozenset[str]) -> Graph:
    """Return the graph of `view` with `parts`: the same from step to step until either changes."""
    return Graph.of(view, parts)


def _with_links(elements: frozenset[str], ends: Mapping[str, str]) -> frozenset[str]:
    """Return `elements` and the links whose ends are among them: a port's fault is its link's."""
    return elements | {ends[each] for each in elements if each in ends}


def _decide(
    scene: _Scene, verifier: Verifier, policy: Policy
) -> tuple[Outcome, dict[str, tuple[Health, datetime]]]:
    checks: dict[str, tuple[Health, datetime]] = {}
    known = scene.conditions
    outcome = _correlate(scene, known, policy)
    # While no worker stepped nobody looked, and the patience for a look ran out: what it hides
    # is looked at once all the same, or another fault would be taken for the cause of this one.
    wanted = outcome.verify | outcome.unseen
    for _ in range(_LOOKS):
        if not wanted:
            break
        seen = _look(verifier, wanted)
        if not seen:
            break
        checks |= seen
        known = tuple(_seen(each, seen) for each in known)
        outcome = _correlate(scene, known, policy)
        wanted = outcome.verify
    return outcome, checks


def _correlate(scene: _Scene, known: tuple[Condition, ...], policy: Policy) -> Outcome:
    faults = faults_of(known)
    verifiable = frozenset(name for name in faults if name.startswith(_VERIFIABLE))
    situation = Situation(scene.graph, faults, scene.withheld, clock.now(), policy, verifiable)
    whole = carriers.joined(power.joined(situation, scene.book), scene.book)
    return correlate(whole, scene.book)


def _look(verifier: Verifier, elements: frozenset[str]) -> dict[str, tuple[Health, datetime]]:
    began = clock.now()
    try:
        answers = verifier.verify(elements)
    except HatangError as error:
        # Waiting for monitors that are gone must not keep a page from anybody.
        logger.warning("no live look at %d elements: %s", len(elements), error)
        return {}
    return {
        name: (health, began)
        for name, health in answers.items()
        if name in elements and health is not Health.UNKNOWN
    }


def _seen(condition: Condition, seen: Mapping[str, tuple[Health, datetime]]) -> Condition:
    found = seen.get(condition.element) if condition.blocks else None
    if found is None or found[1] < condition.measured_at:
        return condition
    health, at = found
    since = condition.since if health is condition.health else at
    return replace(condition, health=health, since=since, measured_at=at)
