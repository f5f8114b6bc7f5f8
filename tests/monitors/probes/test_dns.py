from __future__ import annotations

import asyncio
import contextlib
import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import Reason
from monitors.choices import Cause
from monitors.probes import dnswire
from tests.monitors.probes.servers import LOCAL, Zone, ask, hearing, rrsig, soa

if TYPE_CHECKING:
    from monitors.probes.running import ProbeResult

A, TXT = 1, 16


def probed(zone: Any, name: str = "tinh.test", **options: Any) -> ProbeResult:
    async def run() -> ProbeResult:
        async with hearing(zone) as port:
            return await ask("dns", f"dns://{LOCAL}:{port}/{name}", timeout=0.5, **options)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("name", "code", "reason"),
    [
        ("tinh.test", 3, Reason.OK),
        ("tinh.test", 2, Reason.REJECTED),
        ("tinh.test", 5, Reason.REJECTED),
        ("", 5, Reason.OK),
        ("", 2, Reason.REJECTED),
    ],
)
def test_a_name_server_is_judged_by_what_it_was_asked(name: str, code: int, reason: Reason) -> None:
    assert probed(Zone(code=code), name).reason is reason


def test_the_expected_answers_must_all_be_there() -> None:
    zone = Zone([(A, bytes([192, 0, 2, 1])), (A, bytes([192, 0, 2, 2]))])
    assert probed(zone, type="A", expect=["192.0.2.2"]).cause is Cause.ANSWERED
    wrong = probed(zone, type="A", expect=["192.0.2.1", "192.0.2.9"])
    assert (wrong.cause, "192.0.2.9" in wrong.detail) == (Cause.WRONG_ANSWER, True)


def test_the_zones_serial_is_a_series() -> None:
    assert probed(Zone([soa(2026112801)])).values["probe_dns_serial"] == 2026112801


def test_servers_of_one_zone_must_have_the_same_serial() -> None:
    async def run(serial: int) -> ProbeResult:
        async with hearing(Zone([soa(7)])) as first, hearing(Zone([soa(serial)])) as second:
            url = f"dns://{LOCAL}:{first}/tinh.test"
            return await ask("dns", url, agree_with=[f"{LOCAL}:{second}"])

    assert asyncio.run(run(7)).cause is Cause.ANSWERED
    behind = asyncio.run(run(6))
    assert (behind.cause, LOCAL in behind.detail) == (Cause.SERVERS_DISAGREE, True)


def test_a_validated_answer_is_one_that_the_resolver_vouches_for() -> None:
    zone = [(A, bytes([192, 0, 2, 1]))]
    vouched = probed(Zone(zone, flags=0x20), type="A", dnssec="validated")
    assert vouched.cause is Cause.ANSWERED
    assert probed(Zone(zone), type="A", dnssec="validated").cause is Cause.NOT_SIGNED


@pytest.mark.parametrize(
    ("hours", "cause"),
    [(24 * 20, Cause.ANSWERED), (20, Cause.SIGNATURE_EXPIRING), (-1, Cause.SIGNATURE_INVALID)],
)
def test_signatures_are_judged_by_when_they_end(hours: int, cause: Cause) -> None:
    ends = datetime.now(UTC) + timedelta(hours=hours)
    zone = Zone([(A, bytes([192, 0, 2, 1])), rrsig(A, ends), rrsig(TXT, ends - timedelta(9))])
    assert probed(zone, type="A", dnssec="signed").cause is cause


def test_a_zone_without_signatures_is_not_signed() -> None:
    assert probed(Zone([soa(1)]), dnssec="signed").cause is Cause.NOT_SIGNED


@pytest.mark.slow
def test_an_answer_to_another_question_is_not_heard() -> None:
    other = Zone([(A, bytes([192, 0, 2, 66]))])

    def forged(data: bytes) -> list[bytes]:
        wrong_number = bytes([data[0] ^ 1]) + data[1:]
        wrong_name = data.replace(b"tinh", b"hint")
        return [*other(wrong_number), *other(wrong_name)]

    assert probed(forged, type="A").reason is Reason.TIMEOUT


def test_a_name_that_points_at_itself_ends() -> None:
    def looping(data: bytes) -> list[bytes]:
        end = data.index(b"\0", 12) + 5
        head = data[:2] + struct.pack("!5H", 0x8180, 1, 1, 0, 0)
        return [head + data[12:end] + struct.pack("!H", 0xC000 | end) + bytes(10)]

    assert probed(looping).reason is Reason.PROTOCOL_ERROR


def test_a_malformed_name_is_refused_before_anything_is_sent() -> None:
    assert probed(Zone(), "a" * 64 + ".test").reason is Reason.REJECTED


@given(st.binary(max_size=300))
def test_any_message_is_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        dnswire.parse(data)


@given(st.binary(max_size=200))
def test_any_answer_section_is_read_or_refused(data: bytes) -> None:
    head = struct.pack("!6H", 1, 0x8180, 0, 3, 0, 0)
    with contextlib.suppress(ValueError):
        dnswire.parse(head + data)
