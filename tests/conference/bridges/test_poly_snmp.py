"""What RMX, RPRM and DMA tell over SNMP, and that what one no longer tells is absent, never 0.

The agents are simulated: the objects are those that centreon-plugins reads, the values ours.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from conference.bridges import driver
from conference.bridges.protocol import BridgeAccess
from conference.choices import BridgeState
from conference.service import bridges
from hatang.drivers.target import SnmpUser
from hatang.errors import DriverError, Reason
from tests.conference.snmp_agent import USER, Agent

if TYPE_CHECKING:
    from conference.bridges.status import BridgeStatus

BASE = "1.3.6.1.4.1.13885"
RMX: dict[str, int | str] = {f"{BASE}.110.1.5.1.0": 3, f"{BASE}.110.1.4.4.2.1.0": 17}
SITES = f"{BASE}.102.1.2.14.4.1"
RPRM: dict[str, int | str] = {
    f"{SITES}.2.1": "Trung tâm",
    f"{SITES}.8.1": 0,
    f"{SITES}.9.1": 4,
    f"{SITES}.10.1": 12,
    f"{SITES}.2.2": "Xã 01",
    f"{SITES}.8.2": "4.5",
    f"{SITES}.9.2": 31,
    f"{SITES}.10.2": 80,
}
CLUSTERS = f"{BASE}.13.2.3.3.1.2.1"
DMA: dict[str, int | str] = {
    f"{CLUSTERS}.2.1": "dc",
    f"{CLUSTERS}.3.1": 210,
    f"{CLUSTERS}.4.1": 5,
    f"{CLUSTERS}.2.2": "dr",
    f"{CLUSTERS}.3.2": 0,
    f"{CLUSTERS}.4.2": 2,
}


def status(
    values: dict[str, int | str], *, user: SnmpUser | None = USER, wholly: bool = False
) -> BridgeStatus:
    """Ask the driver, or wholly as a look at a bridge does."""

    async def asked() -> BridgeStatus:
        async with Agent(values) as agent:
            access = BridgeAccess("rmx-1", agent.url, None, "", 40, snmp=user, allow_local=True)
            if wholly:
                return await bridges.ask("poly", access, ways=bridges.Ways(lab=True))
            return await driver("poly").status(access, pytest.fail)

    return asyncio.run(asked())


def test_an_rmx_counts_its_conferences_and_video_calls() -> None:
    found = status(RMX)
    assert (found.state, found.conferences_active) == (BridgeState.UP, 3)
    assert (found.participants, found.ports_used, found.ports_total) == (17, 17, 40)
    assert "registrations_active" not in found.fields_supported


def test_an_rprm_names_the_sites_that_are_heard_badly() -> None:
    found = status(RPRM)
    assert found.state is BridgeState.DEGRADED
    assert found.alarms == ("Xã 01: loss 4.5%, jitter 31 ms, delay 80 ms",)
    assert (found.participants, found.ports_total) == (None, None)


def test_a_dma_counts_registrations_over_all_clusters() -> None:
    found = status(DMA)
    assert (found.registrations_active, found.registrations_inactive) == (210, 7)
    assert found.participants is None


@pytest.mark.parametrize(
    ("gone", "attribute"),
    [
        (f"{BASE}.110.1.5.1.0", "conferences_active"),
        (f"{BASE}.110.1.4.4.2.1.0", "ports_used"),
        (f"{BASE}.110.1.4.4.2.1.0", "participants"),
        (f"{CLUSTERS}.3.", "registrations_active"),
        (f"{CLUSTERS}.4.", "registrations_inactive"),
    ],
)
def test_an_object_that_is_gone_is_absent(gone: str, attribute: str) -> None:
    values = RMX | DMA
    left = {oid: value for oid, value in values.items() if not oid.startswith(gone)}
    assert getattr(status(left), attribute) is None


@pytest.mark.parametrize(
    ("column", "alarms"),
    [
        (2, ("2: loss 4.5%, jitter 31 ms, delay 80 ms",)),
        (8, ()),
        (9, ("Xã 01: loss 4.5%, delay 80 ms",)),
        (10, ("Xã 01: loss 4.5%, jitter 31 ms",)),
    ],
)
def test_a_figure_of_a_site_that_is_gone_is_not_told(column: int, alarms: tuple[str, ...]) -> None:
    left = {oid: told for oid, told in RPRM.items() if not oid.startswith(f"{SITES}.{column}.")}
    found = status(left | RMX)
    assert found.alarms == alarms
    assert ("alarms" in found.fields_supported) is (column != 8)


def test_a_sum_of_which_a_part_is_no_number_is_unknown() -> None:
    assert status({**DMA, f"{CLUSTERS}.3.2": "?"}).registrations_active is None


def test_an_agent_of_another_make_is_no_bridge() -> None:
    with pytest.raises(DriverError) as caught:
        status({"1.3.6.1.2.1.1.5.0": "router"})
    assert caught.value.reason is Reason.NOT_SUPPORTED


@pytest.mark.parametrize("user", [None, SnmpUser("nms", "another-secret", "privpass123")])
def test_an_agent_without_a_login_that_opens_it_is_down(user: SnmpUser | None) -> None:
    found = status(RMX, user=user, wholly=True)
    assert (found.state, found.reason) == (BridgeState.DOWN, Reason.AUTH_FAILED)


def test_an_agent_does_not_say_that_nobody_is_in() -> None:
    access = BridgeAccess("rmx-1", "snmp://10.0.0.1", None, "", 40, snmp=USER)
    with pytest.raises(DriverError) as caught:
        asyncio.run(driver("poly").participants(access, pytest.fail))
    assert caught.value.reason is Reason.NOT_SUPPORTED
