"""Who may say something, how often, and not twice."""

from __future__ import annotations

from datetime import UTC, datetime

from hatang import clock
from monitors.hints import senders
from monitors.hints.senders import Bucket, Gate, Replays, Sender

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_who_is_no_device_of_the_inventory_is_not_heard() -> None:
    gate = Gate(10, {"10.0.0.1": Sender("core-1")})
    assert gate.refusal("10.0.0.1") == ""
    assert gate.refusal("10.0.0.2") == "unknown_sender"


def test_one_that_floods_is_held_and_the_other_is_heard() -> None:
    with clock.frozen(NOW):
        gate = Gate(2, {"10.0.0.1": Sender("a"), "10.0.0.2": Sender("b")})
        assert [gate.refusal("10.0.0.1") for _ in range(12)] == [""] * 10 + ["rate"] * 2
        assert gate.refusal("10.0.0.2") == ""


def test_a_bucket_fills_again_with_time() -> None:
    with clock.frozen(NOW) as hand:
        bucket = Bucket(1)
        assert [bucket.take() for _ in range(6)] == [True] * 5 + [False]
        hand.advance(1)
        assert [bucket.take() for _ in range(2)] == [True, False]


def test_the_same_datagram_is_taken_once_within_the_window_and_again_after_it() -> None:
    with clock.frozen(NOW) as hand:
        replays = Replays(150)
        assert not replays.is_one("10.0.0.1", b"x")
        assert replays.is_one("10.0.0.1", b"x")
        assert not replays.is_one("10.0.0.2", b"x")
        hand.advance(151)
        assert not replays.is_one("10.0.0.1", b"x")


def test_no_more_than_a_bound_is_remembered() -> None:
    replays = Replays(150)
    for number in range(senders.REPLAYS_KEPT + 100):
        replays.is_one("10.0.0.1", number.to_bytes(4, "big"))
    assert len(replays._seen) == senders.REPLAYS_KEPT
