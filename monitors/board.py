"""The states of all elements of one monitor."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.feed import Feed
from monitors.state import ElementState, Measurement, Policy, Transition, expire, lose, observe

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

PERIODS_UNTIL_STALE: Final = 3
_NOTHING: Final[Mapping[Element, ElementState]] = MappingProxyType({})
_WHOLES: Final = frozenset({ElementKind.DEVICE, ElementKind.SERVICE})


def policies(period_seconds: float) -> dict[ElementKind, Policy]:
    """Return how sure each kind of state must be when elements are polled every `period_seconds`.

    A device is bad after a lost packet and the three of the re-probe; a part is bad as soon as
    its device says so, a service as soon as one of its probes has failed three times in a row.
    """
    stale = period_seconds * PERIODS_UNTIL_STALE
    rules = {kind: Policy(confirm=1, stale_after_seconds=stale) for kind in ElementKind}
    rules[ElementKind.DEVICE] = Policy(confirm=4, stale_after_seconds=stale)
    return rules


class Board:
    """Applies measurements, remembers states, and gives every transition to the feed.

    Almost every poll of a quiet network says what the one before said. So an owner whose parts
    are all settled is confirmed as a whole, and growing old costs a look at each owner, not at
    each of its parts. `parts` are the elements of each owner, itself included, with their states,
    `scopes` the scope each owner belongs to. Not for several threads: it belongs to the poll loop.
    """

    def __init__(self, rules: Mapping[ElementKind, Policy]) -> None:
        self.feed = Feed()
        self.counts: Counter[State] = Counter()
        self._rules = rules
        self._latest = ElementState()
        self._shortest = min(rule.stale_after_seconds for rule in rules.values())
        self.parts: dict[str, dict[Element, ElementState]] = {}
        self.scopes: dict[str, int | None] = {}
        # Owners whose parts a poll that says the same may confirm, and when the last one did.
        self._settled: set[str] = set()
        self._confirmed: dict[str, datetime] = {}
        # No part of the owner can be too old before then.
        self._due: dict[str, datetime] = {}

    def states(self) -> Iterator[tuple[Element, ElementState]]:
        """Yield every element that has a state."""
        for element in [element for parts in self.parts.values() for element in parts]:
            yield element, self.state(element)

    def state(self, element: Element) -> ElementState:
        """Return the state of `element`; one nobody measured is unknown."""
        held = self.parts.get(element.owner, _NOTHING).get(element)
        if held is None:
            return ElementState()
        confirmed = None if element.kind in _WHOLES else self._confirmed.get(element.owner)
        if confirmed is None or confirmed <= held.measured_at or held.state is State.UNKNOWN:
            return held
        return replace(held, measured_at=confirmed)

    def restore(self, element: Element, state: ElementState) -> None:
        """Take over what an earlier process knew, unless there is something newer."""
        if element not in self.parts.get(element.owner, _NOTHING):
            self._put(element, state)

    def observe(self, element: Element, measurement: Measurement) -> Transition | None:
        """Apply one measurement and return the transition it caused."""
        before = self.state(element)
        after, transition = observe(element, before, measurement, self._rules[element.kind])
        self._put(element, after)
        return self._publish(transition)

    def settle(self, owner: str, at: datetime) -> None:
        """Remember that a poll that ended at `at` was judged, so that an equal one confirms it.

        Only when every part that is known was measured by it and nothing is in doubt: a part that
        flaps, or whose table was not read, has to be looked at each time.
        """
        parts = self.parts.get(owner, _NOTHING).items()
        if all(
            one.kind in _WHOLES or held.state is State.UNKNOWN or _is_quiet(held, at)
            for one, held in parts
        ):
            self._settled.add(owner)
        else:
            self._settled.discard(owner)

    def confirm(self, owner: str, at: datetime) -> bool:
        """Take all parts of `owner` as measured again at `at`; return False where that is too rash.

        For a poll that said of every part what the one before said.
        """
        if owner not in self._settled:
            return False
        self._confirmed[owner] = at
        return True

    def lose_parts(self, owner: str, at: datetime) -> None:
        """Make all parts of a silent device unknown: nothing about them is known any more."""
        for element in sorted(self.parts.get(owner, ())):
            before = self.state(element)
            if element.kind is ElementKind.DEVICE or before.state is State.UNKNOWN:
                continue
            after, transition = lose(element, before, Cause.DEVICE_SILENT, at)
            self._put(element, after)
            self._publish(transition)

    def expire(self, at: datetime) -> int:
        """Make unknown what was not measured for too long; return how many became so."""
        return sum(self.expiring(at))

    def expiring(self, at: datetime) -> Iterator[int]:
        """Do what `expire` does owner by owner, so that polls may go on between them."""
        for owner in [owner for owner, moment in self._due.items() if moment < at]:
            yield self._expire_owner(owner, at)

    def forget(self, owner: str) -> set[Element]:
        """Drop an owner that is no target any more and return the elements it had."""
        gone = self.parts.pop(owner, {})
        for state in gone.values():
            self.counts[state.state] -= 1
        self.scopes.pop(owner, None)
        self._settled.discard(owner)
        self._confirmed.pop(owner, None)
        self._due.pop(owner, None)
        return set(gone)

    def _expire_owner(self, owner: str, at: datetime) -> int:
        confirmed = self._confirmed_until(owner)
        if confirmed is not None and confirmed >= at:
            self._due[owner] = confirmed
            return 0
        count, deadlines = 0, []
        for element in sorted(self.parts.get(owner, ())):
            before, rule = self.state(element), self._rules[element.kind]
            after, transition = expire(element, before, at, rule)
            if self._publish(transition) is not None:
                self._put(element, after)
                count += 1
            elif after.state is not State.UNKNOWN:
                deadlines.append(_deadline(after, rule))
        self._set_due(owner, deadlines)
        return count

    def _confirmed_until(self, owner: str) -> datetime | None:
        """Return until when all parts of a device that was confirmed as a whole are good for."""
        confirmed = self._confirmed.get(owner)
        device = self.parts.get(owner, _NOTHING).get(Element(ElementKind.DEVICE, owner))
        if confirmed is None or device is None or device.state is State.UNKNOWN:
            return None
        return min(confirmed, device.measured_at) + timedelta(seconds=self._shortest)

    def _set_due(self, owner: str, deadlines: list[datetime]) -> None:
        if deadlines:
            self._due[owner] = min(deadlines)
        else:
            self._due.pop(owner, None)

    def _put(self, element: Element, state: ElementState) -> None:
        owner = element.owner
        # The ports of a device that were measured together mostly are in one state.
        if state == self._latest:
            state = self._latest
        self._latest = state
        parts = self.parts.get(owner)
        if parts is None:
            parts = self.parts[owner] = {}
        before = parts.get(element)
        if before is not None:
            self.counts[before.state] -= 1
        self.counts[state.state] += 1
        parts[element] = state
        if before is None or before.state is not state.state:
            self._settled.discard(owner)
            if state.state is not State.UNKNOWN:
                deadline = _deadline(state, self._rules[element.kind])
                self._due[owner] = min(deadline, self._due.get(owner, deadline))

    def _publish(self, transition: Transition | None) -> Transition | None:
        if transition is not None:
            self.feed.publish(transition, self.scopes.get(transition.element.owner))
        return transition


def _is_quiet(held: ElementState, at: datetime) -> bool:
    is_doubted = held.failures > 0 and held.state is not State.BAD
    return held.measured_at == at and held.seen is held.state and not (is_doubted or held.changes)


def _deadline(state: ElementState, rule: Policy) -> datetime:
    return state.measured_at + timedelta(seconds=rule.stale_after_seconds)
