"""The states of all elements of one monitor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from monitors.choices import Cause, ElementKind, State
from monitors.feed import Feed
from monitors.state import ElementState, Measurement, Policy, Transition, expire, lose, observe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from monitors.elements import Element

PERIODS_UNTIL_STALE: Final = 3


def policies(period_seconds: float) -> dict[ElementKind, Policy]:
    """Return how sure each kind of state must be when elements are polled every `period_seconds`.

    A device is bad after a lost packet and the three of the re-probe, a service after three
    failures in a row; a part is bad as soon as its device says so.
    """
    stale = period_seconds * PERIODS_UNTIL_STALE
    rules = {kind: Policy(confirm=1, stale_after_seconds=stale) for kind in ElementKind}
    rules[ElementKind.DEVICE] = Policy(confirm=4, stale_after_seconds=stale)
    rules[ElementKind.SERVICE] = Policy(confirm=3, stale_after_seconds=stale)
    return rules


class Board:
    """Applies measurements, remembers states, and gives every transition to the feed.

    Not for several threads: it belongs to the poll loop.
    """

    def __init__(self, rules: Mapping[ElementKind, Policy]) -> None:
        self.feed = Feed()
        self._rules = rules
        self._states: dict[Element, ElementState] = {}
        self._parts: dict[str, set[Element]] = {}
        self._scopes: dict[str, int | None] = {}

    @property
    def states(self) -> Mapping[Element, ElementState]:
        """Return every element that has a state."""
        return self._states

    def state(self, element: Element) -> ElementState:
        """Return the state of `element`; one nobody measured is unknown."""
        return self._states.get(element, ElementState())

    def parts(self, owner: str) -> set[Element]:
        """Return the elements of `owner`, itself included."""
        return set(self._parts.get(owner, ()))

    def scope(self, owner: str) -> int | None:
        """Return the scope `owner` belongs to."""
        return self._scopes.get(owner)

    def adopt(self, owner: str, scope_id: int | None) -> None:
        """Remember which scope `owner` belongs to."""
        self._scopes[owner] = scope_id

    def restore(self, element: Element, state: ElementState) -> None:
        """Take over what an earlier process knew, unless there is something newer."""
        if element not in self._states:
            self._put(element, state)

    def observe(self, element: Element, measurement: Measurement) -> Transition | None:
        """Apply one measurement and return the transition it caused."""
        before = self.state(element)
        after, transition = observe(element, before, measurement, self._rules[element.kind])
        self._put(element, after)
        return self._publish(transition)

    def lose_parts(self, owner: str, at: datetime) -> None:
        """Make all parts of a silent device unknown: nothing about them is known any more."""
        for element in sorted(self._parts.get(owner, ())):
            before = self._states[element]
            if element.kind is ElementKind.DEVICE or before.state is State.UNKNOWN:
                continue
            after, transition = lose(element, before, Cause.DEVICE_SILENT, at)
            self._states[element] = after
            self._publish(transition)

    def expire(self, at: datetime) -> int:
        """Make unknown what was not measured for too long; return how many became so."""
        count = 0
        for element, before in tuple(self._states.items()):
            after, transition = expire(element, before, at, self._rules[element.kind])
            if self._publish(transition) is not None:
                self._states[element] = after
                count += 1
        return count

    def forget(self, owner: str) -> set[Element]:
        """Drop an owner that is no target any more and return the elements it had."""
        gone = self._parts.pop(owner, set())
        for element in gone:
            self._states.pop(element, None)
        self._scopes.pop(owner, None)
        return gone

    def _put(self, element: Element, state: ElementState) -> None:
        if element not in self._states:
            self._parts.setdefault(element.owner, set()).add(element)
        self._states[element] = state

    def _publish(self, transition: Transition | None) -> Transition | None:
        if transition is not None:
            self.feed.publish(transition, self._scopes.get(transition.element.owner))
        return transition
