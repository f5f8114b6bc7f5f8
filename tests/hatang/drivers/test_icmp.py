"""Echo requests; TEST-NET addresses are never sent to, loopback answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hatang.drivers.icmp import IcmpPinger
from hatang.errors import DriverError, InvalidInputError, Reason

if TYPE_CHECKING:
    from hatang.drivers.protocols import PingResult


def _ping(*addresses: str) -> dict[str, PingResult]:
    try:
        return asyncio.run(IcmpPinger().ping(addresses, count=2, timeout_seconds=0.5))
    except DriverError as error:
        if error.reason is Reason.NOT_SUPPORTED:
            pytest.skip("this process may not send echo requests")
        raise


def test_many_addresses_are_asked_at_once() -> None:
    addresses = [f"127.0.0.{last}" for last in range(1, 51)]
    found = _ping(*addresses)
    assert list(found) == addresses
    for result in found.values():
        assert (result.sent, result.received, result.loss_ratio) == (2, 2, 0.0)
        assert result.rtt_seconds is not None
        assert 0 < result.rtt_seconds < 0.5


@pytest.mark.slow
def test_no_reply_is_no_time_and_all_lost() -> None:
    # A link-local address without a zone can be sent nowhere.
    result = _ping("fe80::1", "127.0.0.1")["fe80::1"]
    assert (result.received, result.rtt_seconds) == (0, None)
    assert result.loss_ratio in {1.0, None}


def test_names_are_refused_all_at_once() -> None:
    with pytest.raises(InvalidInputError) as caught:
        asyncio.run(IcmpPinger().ping(["127.0.0.1", "core-1", "10.0.0.256"]))
    assert [problem.value for problem in caught.value.problems] == ["core-1", "10.0.0.256"]


def test_nothing_asked_is_nothing_done() -> None:
    assert asyncio.run(IcmpPinger().ping([])) == {}
