"""The state machine of one element: pure, so that time and order can be tested at will.

Rules it keeps:

* only a measurement leads to good, degraded or bad; silence leads to unknown and nowhere else;
* bad by absence of an answer needs `confirm` failures in a row: one lost packet is no transition;
* an element that changes too often is degraded and *flapping* until it has settled;
* a measurement older than the newest one is ignored.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from monitors.choices import Cause, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from monitors.elements import Element

Evidence = dict[str, str | int | float]

EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Policy:
    """How sure a state must be; seconds unless the name says otherwise."""

    confirm: int = 1
    stale_after_seconds: float = 180.0
    flap_changes: int = 6
    flap_window_seconds: float = 600.0
    flap_settle_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one look at an element showed; `state` is never unknown unless the look was in vain."""

    state: State
    cause: Cause
    at: datetime
    evidence: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state, as it is stored, streamed and alerted on."""

    element: Element
    from_state: State
    to_state: State
    cause: Cause
    at: datetime
    evidence: Mapping[str, str | int | float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ElementState:
    """Everything the machine remembers of an element.

    `seen` is what confirmed measurements say and `seen_since` since when, `failures` how many
    measurements were bad in a row, `changes` when `seen` went from one state to another lately.
    """

    state: State = State.UNKNOWN
    cause: Cause = Cause.NEVER_MEASURED
    since: datetime = EPOCH
    measured_at: datetime = EPOCH
    evidence: Mapping[str, str | int | float] = field(default_factory=dict)
    seen: State = State.UNKNOWN
    seen_since: datetime = EPOCH
    failures: int = 0
    changes: tuple[datetime, ...] = ()

    @property
    def is_pending(self) -> bool:
        """Return whether failures were seen that are not confirmed yet: look again soon."""
        return self.failures > 0 and self.state is not State.BAD

    def again(self, measurement: Measurement) -> ElementState:
        """Return the same state, measured anew; `replace` would cost three times as much."""
        return ElementState(
            self.state,
            self.cause,
            self.since,
            measurement.at,
            measurement.evidence,
            self.seen,
            self.seen_since,
        )


def observe(
    element: Element, before: ElementState, measurement: Measurement, policy: Policy
) -> tuple[ElementState, Transition | None]:
    """Return the element's state after `measurement`, and the transition if there is one."""
    if measurement.at < before.measured_at:
        return before, None
    if _says_the_same(before, measurement):
        return before.again(measurement), None
    after = _remember(before, measurement, policy)
    state, cause = _decide(before, after, measurement, policy)
    return _enter(element, after, state, cause)


def expire(
    element: Element, before: ElementState, at: datetime, policy: Policy
) -> tuple[ElementState, Transition | None]:
    """Return the state at `at` if nothing was measured since; too old becomes unknown."""
    if before.state is State.UNKNOWN:
        return before, None
    if (at - before.measured_at).total_seconds() <= policy.stale_after_seconds:
        return before, None
    return lose(element, before, Cause.STALE, at)


def lose(
    element: Element, before: ElementState, cause: Cause, at: datetime
) -> tuple[ElementState, Transition | None]:
    """Return the element as unknown because of `cause`: it cannot be measured any more."""
    after = replace(before, seen=State.UNKNOWN, seen_since=at, failures=0)
    return _enter(element, after, State.UNKNOWN, cause, at=at)


def _says_the_same(before: ElementState, measurement: Measurement) -> bool:
    """Return whether nothing can change, as in almost every measurement of a quiet network."""
    return (
        measurement.state is before.state
        and measurement.state is before.seen
        and measurement.cause is before.cause
        and before.failures == 0
        and not before.changes
    )


def _remember(before: ElementState, measurement: Measurement, policy: Policy) -> ElementState:
    seen = measurement.state
    failures = before.failures + 1 if seen is State.BAD else 0
    if seen is State.BAD and failures < policy.confirm:
        # A failure in doubt keeps what is known, and is no change that counts as flapping.
        return replace(before, measured_at=measurement.at, failures=failures)
    is_new = seen is not before.seen
    changes = before.changes
    if before.seen is not State.UNKNOWN and seen is not State.UNKNOWN and is_new:
        changes = (*changes, measurement.at)
    window = measurement.at - timedelta(seconds=policy.flap_window_seconds)
    return replace(
        before,
        measured_at=measurement.at,
        evidence=measurement.evidence,
        seen=seen,
        seen_since=measurement.at if is_new else before.seen_since,
        failures=failures,
        changes=tuple(change for change in changes if change > window)[-policy.flap_changes :],
    )


def _decide(
    before: ElementState, after: ElementState, measurement: Measurement, policy: Policy
) -> tuple[State, Cause]:
    if measurement.state is State.UNKNOWN:
        return State.UNKNOWN, measurement.cause
    if measurement.state is State.BAD and after.failures < policy.confirm:
        return before.state, before.cause
    if len(after.changes) >= policy.flap_changes:
        settled = (measurement.at - after.seen_since).total_seconds() >= policy.flap_settle_seconds
        if not settled:
            return State.DEGRADED, Cause.FLAPPING
    return measurement.state, measurement.cause


def _enter(
    element: Element,
    after: ElementState,
    state: State,
    cause: Cause,
    at: datetime | None = None,
) -> tuple[ElementState, Transition | None]:
    if state is after.state:
        return replace(after, cause=cause), None
    moment = after.measured_at if at is None else at
    entered = replace(after, state=state, cause=cause, since=moment)
    return entered, Transition(element, after.state, state, cause, moment, after.evidence)
