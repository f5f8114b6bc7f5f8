"""A push confirms only what it has proven, and never touches a device twice."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from hatang import clock
from hatang.drivers.pending import PendingCommit
from hatang.errors import DriverError, Reason
from playbooks.changes.push import Attempt, Order, hash_diff, push
from playbooks.choices import TargetState

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
OLD, NEW, DIFF = "hostname old", "hostname new", "-hostname old\n+hostname new"
REVERT = 60
COMMIT = "hatang-1-abcd"


class Router:
    """A device with a dead-man timer, driven by the held clock; `cut_by` changes cut its line."""

    def __init__(self, hand: clock.Hand) -> None:
        self.hand = hand
        self.running = OLD
        self.candidate = ""
        self.journal: list[str] = []
        self.reverts_at: float | None = None
        self.cuts_itself_off = False
        self.is_cut = False
        self.refuses = False
        self.refusal = "% Invalid input"
        self.is_saved = False
        self.cannot_save = False
        self.broken_logins = 0
        self.told = PendingCommit(name=COMMIT)
        self.drops_the_text = False
        self.diffs: list[str] = []  # told one after the other, whatever runs

    @contextmanager
    def connect(self) -> Iterator[Router]:
        self.tick()
        if self.is_cut or self.broken_logins > 0:
            self.broken_logins -= 1
            raise DriverError("no answer", Reason.TIMEOUT)
        yield self

    def tick(self) -> None:
        if self.reverts_at is not None and self.hand.elapsed >= self.reverts_at:
            self.running, self.reverts_at, self.is_cut = OLD, None, False
            self.journal.append("revert")

    def call(self, method: str, *_args: object, **kwargs: Any) -> Any:
        return getattr(self, f"_{method}")(**kwargs)

    def _pending_commits(self) -> list[PendingCommit]:
        return [self.told] if self.reverts_at is not None else []

    def _get_config(self, retrieve: str) -> dict[str, str]:
        return {retrieve: self.running}

    def _load_replace_candidate(self, config: str) -> None:
        self._load_merge_candidate(config)

    def _load_merge_candidate(self, config: str) -> None:
        if self.refuses:
            raise DriverError(self.refusal, Reason.REJECTED)
        self.candidate = config

    def _compare_config(self) -> str:
        if self.diffs:
            return self.diffs.pop(0)
        return "" if self.candidate == self.running else DIFF

    def _discard_config(self) -> None:
        self.candidate = ""

    def _commit_config(self, revert_in: int) -> None:
        if self.drops_the_text:
            self.reverts_at = self.hand.elapsed + revert_in
            raise DriverError("the session broke between arming and copying", Reason.TIMEOUT)
        self.running = self.candidate
        self.journal.append("change")
        self.reverts_at = self.hand.elapsed + revert_in
        if self.cuts_itself_off:
            self.is_cut = True
            raise DriverError("the session broke", Reason.TIMEOUT)

    def _save_startup(self) -> None:
        if self.cannot_save:
            raise DriverError("no space left on the device", Reason.REJECTED)
        self.is_saved = True

    def _confirm_commit(self) -> None:
        self.reverts_at = None
        self.journal.append("confirm")


class Watch:
    """Fills Guard; keeps when the timer was said to be armed."""

    def __init__(self) -> None:
        self.armed: list[datetime] = []

    def hold(self) -> None:
        """Nobody takes the device."""

    def arm(self) -> datetime:
        self.armed.append(clock.now())
        return self.armed[-1]


@pytest.fixture
def hand() -> Iterator[clock.Hand]:
    with clock.frozen(AT) as held:
        yield held


@pytest.fixture
def router(hand: clock.Hand) -> Router:
    return Router(hand)


def order(**changes: Any) -> Order:
    values: dict[str, Any] = {
        "rendered": NEW,
        "diff_sha256": hash_diff(DIFF),
        "before_identity": OLD,
        "revert_seconds": REVERT,
        "started_at": AT,
        "commit_id": COMMIT,
        "username": "ops",
    }
    return Order(**(values | changes))


def run(router: Router, **changes: Any) -> TargetState:
    wanted = order(**changes)
    return push(wanted, router.connect, lambda text: text, Watch(), router.hand.advance).state


def test_a_good_change_is_confirmed_once(router: Router) -> None:
    assert run(router) is TargetState.CONFIRMED
    assert router.journal == ["change", "confirm"]


def test_a_change_that_cuts_its_own_way_comes_back_by_itself(router: Router) -> None:
    router.cuts_itself_off = True
    assert run(router) is TargetState.REVERTED
    assert router.journal == ["change", "revert"]
    assert router.running == OLD


def test_a_login_that_fails_for_a_moment_is_tried_again(router: Router) -> None:
    router.connect().__enter__().call("load_merge_candidate", config=NEW)
    router.call("commit_config", revert_in=REVERT)
    router.broken_logins = 3
    assert run(router, is_resumed=True) is TargetState.CONFIRMED


def test_after_a_crash_while_pending_it_is_confirmed_not_pushed_again(router: Router) -> None:
    router.candidate = NEW
    router.call("commit_config", revert_in=REVERT)
    assert run(router, is_resumed=True) is TargetState.CONFIRMED
    assert router.journal == ["change", "confirm"]


def test_what_somebody_else_has_pending_is_not_confirmed_for_him(router: Router) -> None:
    by_another(router, PendingCommit(name="napalm_607123"))
    assert run(router) is TargetState.FAILED
    assert router.journal == ["change"]
    assert router.reverts_at is not None


def by_another(router: Router, told: PendingCommit, text: str = "hostname of-another") -> None:
    router.candidate, router.told = text, told
    router.call("commit_config", revert_in=REVERT)


def test_after_a_crash_what_another_has_pending_by_name_is_drift(router: Router) -> None:
    by_another(router, PendingCommit(name="napalm_607123"))
    assert run(router, is_resumed=True, armed_at=AT) is TargetState.DRIFT
    assert router.journal == ["change"]
    assert router.reverts_at is not None


NAMELESS = PendingCommit(user="ops", seconds=REVERT)


@pytest.mark.parametrize(
    ("told", "armed_at"),
    [
        (NAMELESS, None),
        (PendingCommit(user="hoa", seconds=REVERT), AT),
        (PendingCommit(user=None, seconds=REVERT), AT),
        (PendingCommit(user="ops", seconds=2 * REVERT), AT),
        (PendingCommit(user="ops", seconds=None), AT),
        (NAMELESS, AT - timedelta(seconds=REVERT + 60)),
    ],
    ids=["never-armed", "other-user", "no-user", "other-length", "no-length", "ours-ran-out"],
)
def test_after_a_crash_what_is_not_provably_ours_is_drift(
    router: Router, told: PendingCommit, armed_at: datetime | None
) -> None:
    by_another(router, told)
    assert run(router, is_resumed=True, armed_at=armed_at) is TargetState.DRIFT
    assert router.journal == ["change"]
    assert router.reverts_at is not None


def test_after_a_crash_a_nameless_commit_as_we_armed_it_is_confirmed(router: Router) -> None:
    by_another(router, NAMELESS, NEW)
    assert run(router, is_resumed=True, armed_at=AT) is TargetState.CONFIRMED
    assert router.journal == ["change", "confirm"]


def test_a_nameless_commit_with_another_text_in_it_is_left_to_its_timer(router: Router) -> None:
    by_another(router, NAMELESS)
    assert run(router, is_resumed=True, armed_at=AT) is TargetState.REVERTED
    assert router.journal == ["change", "revert"]


def test_a_timer_armed_without_the_text_behind_it_confirms_nothing(router: Router) -> None:
    router.told, router.drops_the_text = NAMELESS, True
    assert run(router) is TargetState.REVERTED
    assert router.journal == ["revert"]


def test_the_arming_is_written_down_before_the_device_hears_of_it(router: Router) -> None:
    seen: list[list[str]] = []

    class Noting(Watch):
        def arm(self) -> datetime:
            seen.append(list(router.journal))
            return super().arm()

    push(order(), router.connect, lambda text: text, Noting(), router.hand.advance)
    assert seen == [[]]


def test_a_device_that_was_never_reached_is_failed_and_not_taken_back(router: Router) -> None:
    router.broken_logins = 1
    assert run(router) is TargetState.FAILED
    assert router.journal == []


def test_after_a_crash_behind_the_confirmation_nothing_is_done(router: Router) -> None:
    router.running = NEW
    assert run(router, is_resumed=True) is TargetState.CONFIRMED
    assert router.journal == []
    assert router.is_saved  # it may have died in between


def test_after_a_crash_a_change_that_startup_lacks_is_a_doubt_and_not_rejected(
    router: Router,
) -> None:
    router.running, router.cannot_save = NEW, True
    assert run(router, is_resumed=True) is TargetState.UNKNOWN


def test_after_a_crash_before_the_change_it_is_applied(router: Router, hand: clock.Hand) -> None:
    hand.advance(REVERT / 2)
    assert run(router, is_resumed=True) is TargetState.CONFIRMED
    assert router.journal == ["change", "confirm"]


def test_too_late_after_a_crash_the_change_is_not_tried_again(
    router: Router, hand: clock.Hand
) -> None:
    hand.advance(REVERT * 2)
    assert run(router, is_resumed=True) is TargetState.REVERTED
    assert router.journal == []


def test_a_device_that_has_changed_since_the_plan_is_left_alone(router: Router) -> None:
    router.running = "hostname somebody-else"
    assert run(router) is TargetState.DRIFT
    assert router.journal == []


def test_another_difference_than_the_approved_one_is_not_applied(router: Router) -> None:
    assert run(router, diff_sha256=hash_diff("-something else")) is TargetState.REJECTED
    assert router.journal == []


def test_a_text_the_device_refuses_changes_nothing(router: Router) -> None:
    router.refuses = True
    assert run(router) is TargetState.REJECTED
    assert router.running == OLD


def test_a_device_that_has_it_already_is_unchanged(router: Router) -> None:
    router.running = NEW
    assert run(router, before_identity=NEW) is TargetState.UNCHANGED


def test_a_device_that_never_answers_again_is_unknown(router: Router) -> None:
    router.is_cut = True
    assert run(router, is_resumed=True) is TargetState.UNKNOWN


def test_a_text_that_a_stranger_put_in_beside_his_own_is_not_called_ours(router: Router) -> None:
    router.running = NEW  # all of ours is in, but the device is not as it was planned
    assert run(router) is TargetState.DRIFT
    assert run(router, is_replace=False, armed_at=AT) is TargetState.CONFIRMED


def rotate(router: Router, **changes: Any) -> TargetState:
    """Push a login; who opens the device with it opens it as well as who has the old one."""
    wanted = order(is_login=True, **changes)
    outcome = push(
        wanted,
        router.connect,
        lambda text: text,
        Watch(),
        router.hand.advance,
        prove=router.connect,
    )
    return outcome.state


@pytest.mark.parametrize("is_replace", [False, True], ids=["forward", "back"])
def test_a_login_that_worked_all_the_while_proves_nothing_of_a_text_that_never_came(
    router: Router, is_replace: bool
) -> None:
    router.told, router.drops_the_text = NAMELESS, True
    assert rotate(router, is_replace=is_replace) is TargetState.REVERTED
    assert router.journal == ["revert"]


def test_a_login_that_works_anyway_does_not_hide_that_the_device_took_it_back(
    router: Router,
) -> None:
    attempt = Attempt(order(is_login=True, armed_at=AT), lambda text: text, Watch())
    outcome = attempt.settle(router)
    assert outcome is not None
    assert outcome.state is TargetState.REVERTED


def test_after_a_crash_a_login_that_is_in_is_confirmed_whatever_the_difference_shows(
    router: Router,
) -> None:
    router.running, router.diffs = NEW, [DIFF]
    assert rotate(router, is_resumed=True, armed_at=AT) is TargetState.CONFIRMED
    assert router.journal == []


@pytest.mark.parametrize("sent", [{}, {"armed_at": AT, "is_replace": True}], ids=["never", "back"])
def test_after_a_crash_what_another_did_meanwhile_is_no_proof_of_a_login(
    router: Router, sent: dict[str, Any]
) -> None:
    router.running = "hostname of-another"
    assert rotate(router, is_resumed=True, **sent) is TargetState.DRIFT
    assert router.journal == []


def test_a_login_is_the_approved_one_whatever_salt_the_device_shows_it_with(
    router: Router,
) -> None:
    router.diffs = ["+username ops secret sha512 $6$abc"]

    def unsalted(diff: str) -> str:
        return diff.partition("$")[0]

    approved = hash_diff("+username ops secret sha512 ")
    assert rotate(router, diff_sha256=approved, compared=unsalted) is TargetState.CONFIRMED
