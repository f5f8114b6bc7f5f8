"""Pushes one device's part of a change so that it undoes itself unless it is proven to work.

The device's own timer is armed by the driver before anything is applied. Proof is a login of its
own after the change, through the network as it then is; only that confirms. Every step looks at
the device first, because after a crash it runs again; what waits there is ours only if the device
and our own record both say so.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from hatang import clock
from hatang.errors import DriverError, Reason
from hatang.log import get_logger
from playbooks.choices import TargetState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.drivers.pending import PendingCommit

LOG: Final = get_logger(__name__)
MARGIN_SECONDS: Final = 20.0  # beyond the device's timer, for its own work of taking back
RETRY_SECONDS: Final = 2.0
REFUSED_SECONDS: Final = 15.0  # between logins that a device refuses
CHANGED_SINCE: Final = "the device has changed since the plan; plan again"
WAITS: Final = "another change waits for its confirmation on the device"
LOOK_AT_IT: Final = (
    "another change waits for its confirmation on the device; nothing was touched, look at it"
)


class Driver(Protocol):
    """What a push asks of an open NAPALM session."""

    def call(self, method: str, *args: object, **kwargs: object) -> Any:
        """Call a method of NAPALM's driver; raises DriverError."""
        ...


Connect: TypeAlias = Callable[[], AbstractContextManager[Driver]]


@dataclass(frozen=True, slots=True)
class Order:
    """What is to happen on one device; `started_at` is when it was first tried.

    `commit_id` is the name the device keeps the commit under, where it keeps one; `username` whom
    it sees. `diff_sha256` None stands for any difference: what goes in is a version the vault has.
    With `is_replace` it is a whole configuration. With `is_login` the text is a login, and only
    who gets in with it proves it, on a device that is no longer as it was. `is_resumed` says that
    an earlier process may have sent the change already; `armed_at` when one wrote down that it was
    about to arm the device's timer. `compared` makes of a difference what its hash is taken of.
    """

    rendered: str
    diff_sha256: str | None
    before_identity: str
    revert_seconds: int
    started_at: datetime
    commit_id: str = ""
    username: str = ""
    is_resumed: bool = False
    armed_at: datetime | None = None
    is_replace: bool = False
    is_login: bool = False
    compared: Callable[[str], str] = str


class Guard(Protocol):
    """What stands between a push and each write to the device."""

    def hold(self) -> None:
        """Raise when somebody else may write to the device by now."""
        ...

    def arm(self) -> datetime:
        """As `hold`, and write down, for good, that the timer is about to be armed; when it was."""
        ...


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
    guard: Guard,
    wait: Callable[[float], None] = time.sleep,
    *,
    prove: Connect | None = None,
) -> Outcome:
    """Apply `order` through `connect`, confirm it after a fresh login, and say what became of it.

    `prove` opens that login where another than `connect` must prove the change.

    `identify` names a configuration as the vault does. Never raises DriverError: what a device
    does is an outcome, and `UNKNOWN` is one.
    """
    attempt = Attempt(order, identify, guard)
    try:
        with connect() as driver:
            decided = attempt.apply(driver)
    except DriverError as error:
        LOG.warning("applying failed: %s", error.reason)  # what it quotes may be a secret
        if error.reason is Reason.REJECTED and not attempt.is_kept:
            return Outcome(TargetState.REJECTED, error.reason, error.message)
        if not (order.is_resumed or attempt.armed_at):
            return Outcome(TargetState.FAILED, error.reason, error.message)
        decided = None  # the session broke, perhaps by the change itself: look again below
    if decided is not None and not (prove and decided.state is TargetState.UNCHANGED):
        return decided
    proven = _prove(attempt, prove or connect, wait, connect if prove else None)
    if decided is not None and proven.state is TargetState.CONFIRMED:
        return decided
    return proven


def _prove(
    attempt: Attempt,
    connect: Connect,
    wait: Callable[[float], None],
    old: Connect | None = None,
) -> Outcome:
    """Log in anew until the change is confirmed or has taken itself back.

    Where the new login fails, the `old` one looks whether the device took the change back; it
    never confirms. A login that is refused is tried seldom, or the device might lock its user out.
    """
    deadline = clock.monotonic() + attempt.order.revert_seconds + MARGIN_SECONDS
    last = "never reached again"
    reason = Reason.TIMEOUT
    while clock.monotonic() < deadline:
        try:
            with connect() as driver:
                outcome = attempt.settle(driver)
        except DriverError as error:
            last, reason = error.message, error.reason
            if old is not None and (outcome := _seen_back(attempt, old)) is not None:
                return outcome
            if old is not None or reason is Reason.AUTH_FAILED:
                wait(REFUSED_SECONDS - RETRY_SECONDS)
        else:
            if outcome is not None:
                return outcome
            last = "neither confirmed nor taken back"
        wait(RETRY_SECONDS)
    return Outcome(TargetState.UNKNOWN, reason, last)


def _seen_back(attempt: Attempt, old: Connect) -> Outcome | None:
    """Return that the device took the new login back, as somebody with the old one sees it."""
    try:
        with old() as driver:
            return attempt.seen_back(driver)
    except DriverError:
        return None


class Attempt:
    """One process's try at an order: what it has done to the device, and what it finds there."""

    def __init__(self, order: Order, identify: Callable[[str], str], guard: Guard) -> None:
        self.order = order
        self.armed_at = order.armed_at
        self.is_kept = False  # the device has the change confirmed; startup may lack it
        self._identify = identify
        self._guard = guard
        self._is_sent_whole = False  # the device took the whole text from this process
        self._armed: float | None = None  # when this process armed the timer, monotonic

    def apply(self, driver: Driver) -> Outcome | None:
        """Bring the change onto the device, or say why not; None when it waits to be confirmed."""
        order = self.order
        waiting = driver.call("pending_commits")
        if waiting:
            return None if self._is_ours(waiting) else self._met()
        running = _running(driver)
        is_untouched = self._is_as_before(running)
        if is_untouched and _is_late(order):
            detail = "not confirmed in time; the device has its old configuration"
            return Outcome(TargetState.REVERTED, Reason.TIMEOUT, detail, running)
        if self._is_new_login and not is_untouched and order.armed_at:
            return None  # it may be in: no difference tells of a login, getting in with it does
        self._load(driver)
        diff = driver.call("compare_config")
        if not diff.strip():
            driver.call("discard_config")
            return self._already_in(driver, running, is_untouched=is_untouched)
        is_approved = order.diff_sha256 in (None, hash_diff(order.compared(diff)))
        if not is_untouched or not is_approved:
            driver.call("discard_config")
            state = TargetState.REJECTED if is_untouched else TargetState.DRIFT
            return Outcome(state, Reason.REJECTED, CHANGED_SINCE)
        self.armed_at, self._armed = self._guard.arm(), clock.monotonic()
        driver.call("commit_config", revert_in=order.revert_seconds)
        self._is_sent_whole = True
        return None

    def _already_in(self, driver: Driver, running: str, *, is_untouched: bool) -> Outcome:
        """Return what it means that nothing is to be done: ours is only what we may have sent.

        Confirmed could be taken back, with everything that another did to the device.
        """
        order = self.order
        if not is_untouched and (order.is_resumed or order.armed_at):
            return self._kept(driver, running)
        if is_untouched or order.is_replace:
            return Outcome(TargetState.UNCHANGED, text=running)
        return Outcome(TargetState.DRIFT, Reason.REJECTED, CHANGED_SINCE)

    def settle(self, driver: Driver) -> Outcome | None:
        """Confirm what waits if it is ours and whole; None when it is too early to tell."""
        waiting = driver.call("pending_commits")
        if waiting and not self._is_ours(waiting):
            return self._met()
        if waiting and (self._is_whole(waiting) or self._is_in(driver)):
            self._guard.hold()
            driver.call("confirm_commit")
            return Outcome(TargetState.CONFIRMED, text=_running(driver))
        if waiting:  # armed, but the text never came, or not all of it: it takes itself back
            return None
        running = _running(driver)
        if self._is_as_before(running) and (self.armed_at or not self.order.is_login):
            return _taken_back(running)
        # Confirmed before a crash could write it down; else the device is still taking it back.
        return self._kept(driver, running) if self._is_in(driver) else None

    def _kept(self, driver: Driver, running: str) -> Outcome:
        """Return that it was confirmed before; whether startup was written, nobody saw."""
        self._guard.hold()
        self.is_kept = True
        driver.call("save_startup")
        return Outcome(TargetState.CONFIRMED, text=running)

    def seen_back(self, driver: Driver) -> Outcome | None:
        """Return that nothing waits and the device is as it was; None where that is not so."""
        if driver.call("pending_commits"):
            return None
        running = _running(driver)
        return _taken_back(running) if self._is_as_before(running) else None

    def _is_as_before(self, running: str) -> bool:
        return self._identify(running) == self.order.before_identity

    def _is_ours(self, waiting: Sequence[PendingCommit]) -> bool:
        """Tell whether the commit that waits is certainly the one this order sent.

        A device that keeps a name for it settles that. Of one that does not, it must be the user
        and the length we wrote down before arming, within the time our timer runs.
        """
        commit = waiting[0]
        if len(waiting) > 1:
            return False
        if commit.name is not None:
            return commit.name == self.order.commit_id
        if self.armed_at is None or commit.user != self.order.username:
            return False
        whole_minutes = self.order.revert_seconds // 60 * 60
        length = timedelta(seconds=whole_minutes + MARGIN_SECONDS)
        return commit.seconds == whole_minutes and self._since(self.armed_at) <= length

    def _since(self, armed_at: datetime) -> timedelta:
        # The clock may have been set since; only another process has nothing but its word.
        if self._armed is None:
            return clock.now() - armed_at
        return timedelta(seconds=clock.monotonic() - self._armed)

    def _is_whole(self, waiting: Sequence[PendingCommit]) -> bool:
        # What is committed under a name is committed whole; else only what we saw through is.
        return self._is_sent_whole or waiting[0].name is not None

    def _load(self, driver: Driver) -> None:
        load = "load_replace_candidate" if self.order.is_replace else "load_merge_candidate"
        driver.call(load, config=self.order.rendered)

    @property
    def _is_new_login(self) -> bool:
        # The way back holds the old login as the device keeps it, which a difference does tell of;
        # and that login may have worked all the while.
        return self.order.is_login and not self.order.is_replace

    def _is_in(self, driver: Driver) -> bool:
        if self._is_new_login:
            return self.armed_at is None or not self._is_as_before(_running(driver))
        self._load(driver)
        is_in = not driver.call("compare_config").strip()
        driver.call("discard_config")
        return is_in

    def _met(self) -> Outcome:
        """Return what it means that somebody else's commit waits: nothing is touched."""
        if not (self.order.is_resumed or self.armed_at):
            return Outcome(TargetState.FAILED, Reason.BUSY, WAITS)
        return Outcome(TargetState.DRIFT, Reason.BUSY, LOOK_AT_IT)


def _taken_back(running: str) -> Outcome:
    detail = "not confirmed in time; the device took it back by itself"
    return Outcome(TargetState.REVERTED, Reason.TIMEOUT, detail, running)


def _is_late(order: Order) -> bool:
    return clock.now() - order.started_at > timedelta(seconds=order.revert_seconds)


def _running(driver: Driver) -> str:
    text: str = driver.call("get_config", retrieve="running")["running"]
    return text


def hash_diff(diff: str) -> str:
    """Return the SHA-256 (hex) of a device's difference, blind to blank line ends."""
    lines = [line.rstrip() for line in diff.strip().splitlines()]
    return sha256("\n".join(lines).encode()).hexdigest()
