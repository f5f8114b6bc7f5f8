"""Pushes one device's part of a change so that it undoes itself unless it is proven to work.

The device's own timer is armed by the driver before anything is applied. Proof is a login of its
own after the change, through the network as it then is; only that confirms. Every step looks at
the device first, because after a crash it runs again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Protocol, TypeAlias

from hatang import clock
from hatang.errors import DriverError, Reason
from hatang.log import get_logger
from playbooks.choices import TargetState

LOG: Final = get_logger(__name__)
MARGIN_SECONDS: Final = 20.0  # beyond the device's timer, for its own work of taking back
RETRY_SECONDS: Final = 2.0


class Driver(Protocol):
    """What a push asks of an open NAPALM session."""

    def call(self, method: str, *args: object, **kwargs: object) -> Any:
        """Call a method of NAPALM's driver; raises DriverError."""
        ...


Connect: TypeAlias = Callable[[], AbstractContextManager[Driver]]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to happen on one device; `started_at` is when it was first tried.

    `is_resumed` says that an earlier process may have sent it already: only then may a commit
    that the device holds for confirmation be ours.
    """

    rendered: str
    diff_sha256: str
    before_identity: str
    revert_seconds: int
    started_at: datetime
    is_resumed: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it; `text` is the running configuration afterwards, where it was read."""

    state: TargetState
    reason: Reason = Reason.OK
    detail: str = ""
    text: str | None = None


def push(
    order: Order,
    connect: Connect,
    identify: Callable[[str], str],
    wait: Callable[[float], None] = time.sleep,
    hold: Callable[[], None] = lambda: None,
) -> Outcome:
    """Apply `order` through `connect`, confirm it after a fresh login, and say what became of it.

    `identify` names a configuration as the vault does. `hold` is called right before each write
    and raises when somebody else may write to the device by now. Never raises DriverError: what a
    device does is an outcome, and `UNKNOWN` is one.
    """
    is_sent = order.is_resumed

    def sending() -> None:
        nonlocal is_sent
        hold()
        is_sent = True

    try:
        decided = _apply(order, connect, identify, sending)
    except DriverError as error:
        LOG.warning("applying failed (%s): %s", error.reason, error.message)
        if error.reason is Reason.REJECTED:
            return Outcome(TargetState.REJECTED, error.reason, error.message)
        if not is_sent:
            return Outcome(TargetState.FAILED, error.reason, error.message)
        decided = None  # the session broke, perhaps by the change itself: look again below
    if decided is not None:
        return decided
    return _prove(order, connect, identify, wait, hold)


def _apply(
    order: Order, connect: Connect, identify: Callable[[str], str], hold: Callable[[], None]
) -> Outcome | None:
    """Bring the change onto the device, or say why not; None when it waits for confirmation."""
    with connect() as driver:
        if driver.call("has_pending_commit"):
            if order.is_resumed:
                return None
            detail = "another change waits for its confirmation on the device"
            return Outcome(TargetState.FAILED, Reason.BUSY, detail)
        running = _running(driver)
        is_untouched = identify(running) == order.before_identity
        if is_untouched and _is_late(order):
            return Outcome(
                TargetState.REVERTED,
                Reason.TIMEOUT,
                "not confirmed in time; the device has its old configuration",
                running,
            )
        driver.call("load_merge_candidate", config=order.rendered)
        diff = driver.call("compare_config")
        if not diff.strip():
            driver.call("discard_config")
            state = TargetState.UNCHANGED if is_untouched else TargetState.CONFIRMED
            return Outcome(state, text=running)
        if not is_untouched or hash_diff(diff) != order.diff_sha256:
            driver.call("discard_config")
            detail = "the device has changed since the plan; plan again"
            return Outcome(TargetState.REJECTED, Reason.REJECTED, detail)
        hold()
        driver.call("commit_config", revert_in=order.revert_seconds)
    return None


def _prove(
    order: Order,
    connect: Connect,
    identify: Callable[[str], str],
    wait: Callable[[float], None],
    hold: Callable[[], None],
) -> Outcome:
    """Log in anew until the change is confirmed or has taken itself back."""
    deadline = clock.monotonic() + order.revert_seconds + MARGIN_SECONDS
    last = "never reached again"
    reason = Reason.TIMEOUT
    while clock.monotonic() < deadline:
        try:
            with connect() as driver:
                outcome = _settle(order, driver, identify, hold)
        except DriverError as error:
            last, reason = error.message, error.reason
        else:
            if outcome is not None:
                return outcome
        wait(RETRY_SECONDS)
    return Outcome(TargetState.UNKNOWN, reason, last)


def _settle(
    order: Order, driver: Driver, identify: Callable[[str], str], hold: Callable[[], None]
) -> Outcome | None:
    if driver.call("has_pending_commit"):
        hold()
        driver.call("confirm_commit")
        return Outcome(TargetState.CONFIRMED, text=_running(driver))
    running = _running(driver)
    if identify(running) == order.before_identity:
        detail = "the change cut the way to the device, which took it back by itself"
        return Outcome(TargetState.REVERTED, Reason.TIMEOUT, detail, running)
    driver.call("load_merge_candidate", config=order.rendered)
    is_in = not driver.call("compare_config").strip()
    driver.call("discard_config")
    # Confirmed before a crash could write it down; else the device is still taking it back.
    return Outcome(TargetState.CONFIRMED, text=running) if is_in else None


def _is_late(order: Order) -> bool:
    return clock.now() - order.started_at > timedelta(seconds=order.revert_seconds)


def _running(driver: Driver) -> str:
    text: str = driver.call("get_config", retrieve="running")["running"]
    return text


def hash_diff(diff: str) -> str:
    """Return the SHA-256 (hex) of a device's difference, blind to blank line ends."""
    lines = [line.rstrip() for line in diff.strip().splitlines()]
    return sha256("\n".join(lines).encode()).hexdigest()
