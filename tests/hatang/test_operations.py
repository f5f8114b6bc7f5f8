from __future__ import annotations

import asyncio
import errno
import ssl
from datetime import UTC, datetime

import pytest

from hatang import clock
from hatang.errors import ConflictError, DriverError, Reason, UnavailableError
from hatang.metrics import REGISTRY
from hatang.operations import classify, observe


def counted(name: str, reason: Reason) -> float:
    labels = {"kind": "probe", "name": name, "reason": reason}
    return REGISTRY.get_sample_value("hatang_operations_total", labels) or 0.0


def test_a_call_is_counted_and_timed() -> None:
    with clock.frozen(datetime(2026, 1, 1, tzinfo=UTC)) as hand, observe("probe", "t.ok") as seen:
        hand.advance(2.5)
    assert (seen.reason, seen.seconds) == (Reason.OK, 2.5)
    assert counted("t.ok", Reason.OK) == 1


def test_a_failure_goes_on_and_is_counted_by_reason() -> None:
    with pytest.raises(TimeoutError), observe("probe", "t.slow"):
        raise TimeoutError
    assert counted("t.slow", Reason.TIMEOUT) == 1
    assert counted("t.slow", Reason.OK) == 0


def test_a_caught_failure_is_counted_as_what_it_was_said_to_be() -> None:
    with observe("probe", "t.caught") as seen:
        seen.reason = Reason.REFUSED
    assert counted("t.caught", Reason.REFUSED) == 1


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="gossip"), observe("gossip", "t"):
        pass


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (DriverError("x", Reason.AUTH_FAILED), Reason.AUTH_FAILED),
        (DriverError("says ok, yet raised", Reason.OK), Reason.INTERNAL),
        (ConnectionRefusedError(), Reason.REFUSED),
        (ConnectionResetError(), Reason.UNREACHABLE),
        (OSError(errno.EHOSTUNREACH, "no route"), Reason.UNREACHABLE),
        (ssl.SSLCertVerificationError(), Reason.CERTIFICATE_INVALID),
        (asyncio.CancelledError(), Reason.CANCELLED),
        (ConflictError("held"), Reason.BUSY),
        (UnavailableError("down"), Reason.UNREACHABLE),
        (OSError(errno.ENOSPC, "full"), Reason.INTERNAL),
        (KeyError("bug"), Reason.INTERNAL),
    ],
)
def test_an_error_has_one_reason(error: BaseException, reason: Reason) -> None:
    assert classify(error) is reason
