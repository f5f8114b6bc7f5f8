"""From measurements and alerts to incidents, each with its cause: one pure step.

Everything that must survive a restart (who is waiting since when, which incidents are open) comes
in as a `Book` and goes out as decisions; the caller keeps it in the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from alerts.graph import Cut, Graph, Health, cut

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

SEVERITIES: Final = ("info", "warning", "critical")
OPENED_AT_ONCE: Final = 1_000
"""Of more the next step opens the rest, so that no step keeps everything else waiting."""
LOOKS_BELOW: Final = 64
"""How many of those directly below a cause are looked at before it is told, two rounds of live
looks; of more the map is believed until their polls come."""
_SESSIONS: Final = ("bgp:", "ospf:")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing one source says about one element.

    `since` is when it entered `health`, `measured_at` its last evidence. `blocks` means that what
    stands behind the element cannot be reached while the condition is bad.
    """

    key: str
    element: str
    name: str
    severity: str
    health: Health
    since: datetime
    measured_at: datetime
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Fault:
    """What may become the cause of an incident: all blocking conditions of an element, or one
    other condition by itself.
    """

    key: str
    element: str
    name: str
    severity: str
    health: Health
    since: datetime
    measured_at: datetime
    blocks: bool


@dataclass(frozen=True, slots=True)
class Policy:
    """How long to wait. `hold_down` is one poll period of the monitors.

    `unheard` is how long after an element fell silent its state may still say good: until its
    next poll and the confirmation of what that found. `settle` is how long the monitors take to
    write down what a live look showed. What no look can renew waits after its cause has gone: an
    alert `linger`, until Prometheus must have measured and judged anew, a link `come_up`, since a
    router answers before all its ports are up, what it carries `reroute`, since it answers before
    its routing protocol has found the neighbours again (OSPF says hello every 10 s, RFC 2328 C.3),
    a routing session `rejoin`, until the routers must have found each other, and `unheard`, until a
    poll saw it. An alert's own recovery waits `linger` too. A carrier is out when circuits fail
    together at `carrier_places` places, and at least `carrier_share` of all that can be seen of it;
    a power company when UPSs lose the mains together at `power_places` sites. `boot` is how long
    what stood dark may take to answer again once the mains came back; a large router needs minutes.
    """

    hold_down: timedelta = timedelta(seconds=10)
    recovery_hold: timedelta = timedelta(seconds=10)
    verify_patience: timedelta = timedelta(seconds=10)
    reparent_window: timedelta = timedelta(seconds=120)
    unheard: timedelta = timedelta(0)
    settle: timedelta = timedelta(seconds=3)
    linger: timedelta = timedelta(seconds=50)
    come_up: timedelta = timedelta(seconds=20)
    reroute: timedelta = timedelta(seconds=30)
    rejoin: timedelta = timedelta(seconds=120)
    carrier_places: int = 3
    carrier_share: float = 0.5
    power_places: int = 3
    boot: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class OpenIncident:
    """An incident not yet resolved; `verified` says its parents were seen good when it opened.

    `parts` are the faults that a common cause was inferred from.
    """

    number: int
    fault: str
    opened_at: datetime
    verified: bool = True
    parts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Book:
    """What earlier steps left: open incidents, and faults that wait with the time they began."""

    incidents: tuple[OpenIncident, ...] = ()
    pending: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shared:
    """What is known of common causes that nothing measures: `alerts.power` and `alerts.carriers`.

    `evidence` has the faults that each is inferred from, `around` the elements it may have hit too,
    `until` faults that wait so long for one to show, `shape` the cut when it holds with all this,
    `unpowered` what went dark where the mains were lost, for which no carrier has to answer.
    """

    evidence: Mapping[str, frozenset[str]] = field(default_factory=dict)
    around: Mapping[str, frozenset[str]] = field(default_factory=dict)
    until: Mapping[str, datetime] = field(default_factory=dict)
    shape: Cut | None = None
    unpowered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Situation:
    """All that one step looks at.

    `in_maintenance` holds elements and fault keys; `verifiable` the elements a live look can
    measure, None for all.
    """

    graph: Graph
    faults: Mapping[str, Fault]
    in_maintenance: frozenset[str]
    now: datetime
    policy: Policy = field(default_factory=Policy)
    verifiable: frozenset[str] | None = None
    shared: Shared = field(default_factory=Shared)


class Withheld(StrEnum):
    """Why a bad fault is no incident of its own now."""

    EFFECT = "effect"
    MAINTENANCE = "maintenance"


@dataclass(frozen=True, slots=True)
class Opening:
    """A new incident; `verified` is false when the live check did not answer in time."""

    fault: Fault
    verified: bool


@dataclass(frozen=True, slots=True)
class Move:
    """The cause of an announced incident turned out to be further up: same incident, no page."""

    number: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the step decided; `verify` lists elements to measure now, before the next step.

    `unseen` has those that nobody measured in time before what is told, moved or opened here.
    `parts` has what each common cause is inferred from.
    """

    cut: Cut
    opened: tuple[Opening, ...]
    moved: tuple[Move, ...]
    resolved: tuple[int, ...]
    pending: Mapping[str, datetime]
    withheld: Mapping[str, Withheld]
    verify: frozenset[str]
    unseen: frozenset[str] = frozenset()
    parts: Mapping[str, frozenset[str]] = field(default_factory=dict)


def faults_of(conditions: Iterable[Condition]) -> dict[str, Fault]:
    """Join conditions into faults; several sources that call one element down are one fault."""
    joined: dict[str, list[Condition]] = {}
    for condition in conditions:
        key = condition.element if condition.blocks else condition.key
        joined.setdefault(key, []).append(condition)
    return {key: _join(key, each) for key, each in joined.items()}


def _join(key: str, conditions: list[Condition]) -> Fault:
    if len(conditions) == 1:
        return _fault(key, conditions[0], conditions[0].since, conditions[0].measured_at)
    bad = [each for each in conditions if each.health is Health.BAD]
    good = [each for each in conditions if each.health is Health.GOOD]
    unknown = [each for each in conditions if each.health is Health.UNKNOWN]
    if bad:
        telling, since = bad, min(each.since for each in bad)
    elif good and (not unknown or _latest(good) > _latest(unknown)):
        # Good only once every part is: the last one to turn good says since when.
        telling, since = good, max(each.since for each in conditions)
    else:
        telling, since = unknown or good, min(each.since for each in unknown or good)
    lead = max(telling, key=lambda each: (SEVERITIES.index(each.severity), each.key))
    return _fault(key, lead, since, _latest(telling))


def _fault(key: str, lead: Condition, since: datetime, measured_at: datetime) -> Fault:
    return Fault(
        key=key,
        element=lead.element,
        name=lead.name,
        severity=lead.severity,
        health=lead.health,
        since=since,
        measured_at=measured_at,
        blocks=lead.blocks,
    )


def _latest(conditions: list[Condition]) -> datetime:
    return max(each.measured_at for each in conditions)


def correlate(situation: Situation, book: Book) -> Outcome:
    """Decide what opens, moves and resolves now.

    An element is the cause when it is bad and no upstream suffices to explain it. Creation is
    suppressed by a cause upstream or by maintenance; resolution never is, and asks only for a
    fresh good measurement of the cause itself.
    """
    if situation.verifiable is not None:
        seen = situation.verifiable & situation.faults.keys()
        situation = replace(situation, verifiable=seen)
    shape = situation.shared.shape or shape_of(situation)
    resolved = _recovered(situation, book)
    remaining = tuple(each for each in book.incidents if each.number not in resolved)
    withheld = _withheld(situation, shape, {each.fault for each in remaining})
    pending = _waiting(situation, book, withheld, shape)
    opened: list[Opening] = []
    moved: dict[int, Move] = {}
    verify: set[str] = set()
    unseen: set[str] = set()
    for key in sorted(pending, key=lambda each: _rank(situation.faults[each])):
        if len(opened) >= OPENED_AT_ONCE:
            break
        fault, since = situation.faults[key], pending[key]
        waited, held = situation.now - since, _hold_down(situation, fault, since)
        is_early = situation.shared.until.get(key, situation.now) > situation.now
        if is_early or waited < situation.policy.hold_down:
            continue
        stale = _not_seen_since(situation, fault, since)
        unsure = stale | _presumed_below(situation, shape, fault) | _around(situation, key, since)
        if unsure and waited < held + situation.policy.verify_patience:
            verify |= unsure
            continue
        if waited < held:
            continue
        if not stale and _is_unwritten(situation, fault, since):
            continue
        unseen |= unsure
        mover = _to_move(situation, shape, fault, (e for e in remaining if e.number not in moved))
        if mover is None:
            opened.append(Opening(fault, verified=not stale))
        else:
            moved[mover.number] = Move(mover.number, fault)
    done = {each.fault.key for each in opened} | {each.fault.key for each in moved.values()}
    return Outcome(
        cut=shape,
        opened=tuple(opened),
        moved=tuple(moved.values()),
        resolved=tuple(sorted(resolved)),
        pending={key: since for key, since in pending.items() if key not in done},
        withheld=withheld,
        verify=frozenset(verify),
        unseen=frozenset(unseen),
        parts=situation.shared.evidence,
    )


def _rank(fault: Fault) -> tuple[bool, int, str]:
    """Return the place of `fault` where not all can be told at once: what hides others first."""
    return (not fault.blocks, -SEVERITIES.index(fault.severity), fault.key)


def shape_of(situation: Situation) -> Cut:
    """Return what the bad elements of `situation` cut off and where each cut begins."""
    blocking = [fault for fault in situation.faults.values() if fault.blocks]
    health = {fault.element: fault.health for fault in blocking}
    since = {fault.element: fault.since.timestamp() for fault in blocking}
    heard = situation.now - situation.policy.unheard
    sure = {fault.element: max(fault.measured_at, heard).timestamp() for fault in blocking}
    return cut(situation.graph, health, since, sure)


def _recovered(situation: Situation, book: Book) -> set[int]:
    numbers = set()
    for incident in book.incidents:
        fault = situation.faults.get(incident.fault)
        if fault is None or fault.health is not Health.GOOD:
            continue
        if situation.now - fault.since >= _recovery_hold(situation.policy, fault):
            numbers.add(incident.number)
    return numbers


def _recovery_hold(policy: Policy, fault: Fault) -> timedelta:
    """Return how long `fault` must be good.

    A Prometheus that was stopped first judges what it measured before, calls its alerts over
    since that is too old, and fires them again when it has measured anew.
    """
    return policy.recovery_hold if fault.blocks else max(policy.recovery_hold, policy.linger)


def _withheld(situation: Situation, shape: Cut, announced: set[str]) -> dict[str, Withheld]:
    found: dict[str, Withheld] = {}
    for key, fault in situation.faults.items():
        if fault.health is not Health.BAD or key in announced:
            continue
        hidden = shape.explained(fault.element) if fault.blocks else fault.element in shape.elements
        if hidden:
            found[key] = Withheld.EFFECT
        elif situation.in_maintenance & {key, fault.element}:
            found[key] = Withheld.MAINTENANCE
    return found


def _waiting(
    situation: Situation, book: Book, withheld: Mapping[str, Withheld], shape: Cut
) -> dict[str, datetime]:
    # A fault that was hidden waits anew from the moment it shows: its last measurement may be
    # older than the parent's recovery. A cause found while its effects waited inherits their
    # wait, so that a chain of parents costs one hold-down and not one each.
    announced = {each.fault for each in book.incidents}
    waiting: dict[str, datetime] = {}
    for key, fault in situation.faults.items():
        if fault.health is not Health.BAD or key in withheld or key in announced:
            continue
        below = shape.below(fault.element) if fault.blocks else frozenset()
        since = [book.pending[each] for each in (key, *below) if each in book.pending]
        waiting[key] = min(since, default=situation.now)
    return waiting


def _hold_down(situation: Situation, fault: Fault, since: datetime) -> timedelta:
    """Return how long `fault` waits; longer when what carries it came back not long before.

    An alert that was bad before it showed waits longer too, for a cause hid it. A routing session's
    own router, cut off, still called it good when it was last heard, and learns of the loss with
    its return.
    """
    policy = situation.policy
    was_hidden = since - fault.since > policy.hold_down
    if was_hidden and not fault.blocks:
        return max(policy.hold_down, policy.linger)
    is_session = fault.element.startswith(_SESSIONS)
    if is_session and (was_hidden or _is_carried_anew(situation, fault, policy.rejoin)):
        return max(policy.hold_down, policy.rejoin + policy.unheard)
    if fault.blocks:
        patience = policy.come_up if fault.element in situation.graph.ends else policy.reroute
        anew = _is_carried_anew(situation, fault, patience)
        return max(policy.hold_down, patience) if anew else policy.hold_down
    return policy.hold_down


def _is_carried_anew(situation: Situation, fault: Fault, within: timedelta) -> bool:
    """Whether a device or link that `fault` needs turned good at most so long before, or since.

    Between two routers of an inventory stands the way over their cable, which nothing measures:
    who stands behind that and was good before `fault` began has nothing to do with it.
    """
    direct = situation.graph.upstream(fault.element)
    near = situation.graph.measured_upstream(fault.element, situation.faults) | direct
    return any(
        each.health is Health.GOOD
        and (
            fault.since < each.since
            or (each.element in direct and fault.since - each.since <= within)
        )
        for each in (situation.faults.get(name) for name in near)
        if each is not None and each.blocks
    )


def _is_unwritten(situation: Situation, fault: Fault, since: datetime) -> bool:
    """Whether a look at what carries `fault` may have shown it good, not yet written down.

    A port is measured with its device: when the device answers again the port's last state is
    older than the repair, and a page about it would be false.
    """
    if not fault.blocks or fault.measured_at >= since or fault.element in _verifiable(situation):
        return False
    faults = situation.faults
    carriers = situation.graph.measured_upstream(fault.element, _verifiable(situation))
    looked = [faults[name].measured_at for name in carriers]
    return bool(looked) and situation.now - max(looked) < situation.policy.settle


def _verifiable(situation: Situation) -> frozenset[str]:
    """Return the elements that a live look can measure."""
    known = situation.verifiable
    return frozenset(situation.faults) if known is None else known


def _not_seen_since(situation: Situation, fault: Fault, since: datetime) -> set[str]:
    """Return the fault's element and its parents as far as they were not measured since.

    Of a common cause it is what it was inferred from, and the parents of that.
    """
    faults = situation.faults
    looked_at = _verifiable(situation)
    shown = situation.shared.evidence.get(fault.key, frozenset((fault.element,)))
    parents = (situation.graph.measured_upstream(each, looked_at) for each in shown)
    around = looked_at & shown.union(*parents)
    return {name for name in around if faults[name].measured_at < since}


def _around(situation: Situation, key: str, since: datetime) -> set[str]:
    """Return what a common cause may have hit too and nobody looked at since it began to wait."""
    near = situation.shared.around.get(key, frozenset()) & _verifiable(situation)
    unseen = (name for name in near if situation.faults[name].measured_at < since)
    return set(sorted(unseen)[:LOOKS_BELOW])


def _presumed_below(situation: Situation, shape: Cut, fault: Fault) -> set[str]:
    """Return those directly below `fault` that the map calls cut off and no measurement yet.

    Who is hit stands in the page, and a page is sent once: the first row is looked at before,
    and what it shows decides about those behind it.
    """
    if not fault.blocks:
        return set()
    looked_at = _verifiable(situation)
    nearest = situation.graph.measured_downstream(fault.element, looked_at)
    presumed = {
        name
        for name in nearest & shape.below(fault.element)
        if situation.faults[name].health is Health.GOOD
    }
    return set(sorted(presumed)[:LOOKS_BELOW])


def _to_move(
    situation: Situation, shape: Cut, cause: Fault, incidents: Iterable[OpenIncident]
) -> OpenIncident | None:
    """Return the oldest announced incident that `cause` explains as one and the same outage.

    One whose element is not known any more is another outage: it was measured bad while what
    stands above it still answered, as a UPS that told of its battery before its hub fell silent.
    """
    if not cause.blocks:
        return None
    candidates = []
    for incident in incidents:
        fault = situation.faults.get(incident.fault)
        if fault is None or not fault.blocks or fault.health is not Health.BAD:
            continue
        if cause.element not in shape.roots.get(fault.element, frozenset()):
            continue
        policy = situation.policy
        window = policy.hold_down if incident.verified else policy.reparent_window
        if abs(cause.since - fault.since) <= window:
            candidates.append(incident)
    return min(candidates, key=lambda each: (each.opened_at, each.number), default=None)
