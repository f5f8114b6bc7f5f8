"""What endpoints tell over SNMP, and that what one does not tell is neither good nor none.

The agent is simulated; its Poly values are those a Studio X50 gives, its Cisco ones ours.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from conference.choices import Check, CheckResult
from conference.endpoints.protocol import EndpointAccess
from conference.service import bridges, endpoints
from conference.walks import line
from hatang import clock
from hatang.errors import Reason
from tests.conference.snmp_agent import USER, Agent

if TYPE_CHECKING:
    from pathlib import Path

    from conference.endpoints.status import EndpointStatus

POLY = "1.3.6.1.4.1.13885.101.1"
SIP, H323 = f"{POLY}.2.8.3.1.2.1", f"{POLY}.2.7.2.0"
CAMERA, HARDWARE = f"{POLY}.3.6.1.0", f"{POLY}.3.1.0"
VALUES: dict[str, int | str] = {
    f"{POLY}.1.1.0": "3.10.0-362035",
    f"{POLY}.5.1.0": 1,
    H323: 1,
    SIP: 2,
    HARDWARE: 2,
    f"{POLY}.3.5.1.0": 2,
    CAMERA: 2,
    f"{POLY}.3.10.1.0": 2,
}
CISCO = "1.3.6.1.4.1.9.9.643.1.2.1.1.3"


def status(values: dict[str, int | str], record: Path | None = None) -> EndpointStatus:
    async def asked() -> EndpointStatus:
        async with Agent(values) as agent:
            access = EndpointAccess("codec-1", "Codec Tân Lập", "snmp", agent.url, snmp=USER)
            return await endpoints.ask(access, ways=bridges.Ways(lab=True), record=record)

    return asyncio.run(asked())


def test_what_an_agent_answers_is_kept_without_its_login(tmp_path: Path) -> None:
    status(VALUES, record=tmp_path)
    kept = (tmp_path / "agent.snmpwalk").read_text("utf-8").splitlines()
    assert f'.{POLY}.1.1.0 = STRING: "3.10.0-362035"' in kept
    assert f".{SIP} = INTEGER: 2" in kept
    assert len(kept) == len(VALUES)
    assert not any(secret in each for each in kept for secret in (USER.username, "pass123"))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("Xã".encode(), "Hex-STRING: 58 C3 A3"),
        (b'a "b" \\', r'STRING: "a \"b\" \\"'),
        (-3, "INTEGER: -3"),
        ("10.0.0.1", "OID: .10.0.0.1"),
        (4.5, "Opaque: Float: 4.5"),
    ],
)
def test_a_value_is_kept_as_snmpwalk_writes_it(value: bytes | str | float, told: str) -> None:
    assert line("1.3.6", value) == f".1.3.6 = {told}"


def test_a_poly_endpoint_tells_registration_calls_and_that_it_is_well() -> None:
    found = status(VALUES)
    assert (found.registered, found.active_calls, found.version) == (True, 1, "3.10.0-362035")
    assert found.diagnostics == ()


@pytest.mark.parametrize(
    ("gone", "attribute"),
    [
        (f"{POLY}.1.1.0", "version"),
        (f"{POLY}.5.1.0", "active_calls"),
        (SIP, "registered"),
        (HARDWARE, "diagnostics"),
        (f"{POLY}.3.5.1.0", "diagnostics"),
        (CAMERA, "diagnostics"),
        (f"{POLY}.3.10.1.0", "diagnostics"),
    ],
)
def test_an_object_that_is_gone_is_absent(gone: str, attribute: str) -> None:
    left = {oid: value for oid, value in VALUES.items() if oid != gone}
    assert getattr(status(left), attribute) is None


@pytest.mark.parametrize(
    ("sip", "h323", "registered", "why"),
    [
        (3, 1, False, "SIP line 1: failed"),
        (3, 2, True, "SIP line 1: failed"),
        (1, 1, None, ""),
        (2, 3, True, "H.323: failed"),
        (9, 1, None, ""),
    ],
)
def test_registered_is_whoever_is_so_in_one_way(
    sip: int, h323: int, registered: bool | None, why: str
) -> None:
    found = status({**VALUES, SIP: sip, H323: h323})
    assert (found.registered, found.registration_reason) == (registered, why)


def test_a_failed_part_is_a_fault_even_where_others_are_not_told() -> None:
    left = {oid: value for oid, value in VALUES.items() if oid != HARDWARE}
    (fault,) = status({**left, CAMERA: 3}).diagnostics or ()
    assert (fault.kind, fault.is_grave) == ("camera", True)


def test_a_cisco_peripheral_with_an_error_is_a_hint_with_its_number() -> None:
    found = status({f"{CISCO}.1": 0, f"{CISCO}.2": 2})
    (hint,) = found.diagnostics or ()
    assert (hint.text, hint.is_grave) == ("peripheral 2: status 2", False)
    assert (found.registered, found.active_calls) == (None, None)
    assert status({f"{CISCO}.1": 0}).diagnostics == ()


def test_an_agent_of_another_make_says_why_it_tells_nothing() -> None:
    assert status({"1.3.6.1.2.1.1.5.0": "router"}).reason == Reason.NOT_SUPPORTED


def test_an_agent_has_no_certificate_to_expire() -> None:
    found = endpoints.certificate("Codec", "snmp://10.0.0.1", status(VALUES), clock.now())
    assert (found.check, found.result) == (Check.CERTIFICATE, CheckResult.SKIP)
