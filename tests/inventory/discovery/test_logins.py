"""An address is offered the logins of its place, then the order's, and nobody else's."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from hatang.drivers.target import SnmpCommunity, SnmpLogin, SnmpUser
from inventory.discovery.logins import Logins
from inventory.rows import DeviceRow

USER = SnmpUser("nms", "authpass123", "privpass123")
HELD: dict[str, SnmpLogin] = {
    "of-dc": USER,
    "of-xa-01": USER,
    "of-order": USER,
    "clear": SnmpCommunity("public", "credential/clear"),
}


def device(number: int, site: str, unit: str, address: str | None, login: str) -> DeviceRow:
    return DeviceRow(
        id=number,
        scope_id=1,
        device_key=f"k{number}",
        name=f"d{number}",
        site_id=1,
        site=site,
        site_name=site,
        unit=unit,
        role="switch",
        platform="frr",
        manufacturer=None,
        model=None,
        status="active",
        primary_ip4=address,
        serial="",
        ports={},
        credentials={"snmp": login},
    )


LOGINS = Logins(
    HELD,
    ("of-order",),
    (
        device(1, "dc", "so", "10.1.0.1", "of-dc"),
        device(2, "xa-01-site", "xa-01", "10.2.0.1", "of-xa-01"),
        device(3, "xa-01-site", "xa-01", "10.2.0.9", "clear"),
    ),
    {
        ip_network("10.1.0.0/16"): "dc",
        ip_network("10.2.0.0/24"): "xa-01-site",
        ip_network("10.2.7.0/24"): "xa-01-site",
    },
)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.1.200.7", ["of-dc", "of-order"]),
        ("10.2.0.77", ["of-xa-01", "of-order"]),
        ("10.2.7.1", ["of-xa-01", "of-order"]),
        ("10.2.0.1", ["of-xa-01", "of-order"]),
        ("10.9.9.9", ["of-order"]),
    ],
    ids=["prefix of a site", "smaller prefix", "prefix without devices", "its own", "nowhere"],
)
def test_an_address_is_offered_what_its_place_uses_then_what_the_order_names(
    address: str, expected: list[str]
) -> None:
    assert [name for group in LOGINS.of(address) for name in group] == expected


def test_a_community_is_offered_to_the_device_it_is_written_down_for_alone() -> None:
    offered = {
        one: {name for group in LOGINS.of(one) for name in group}
        for one in ("10.2.0.9", "10.2.0.8")
    }
    assert "clear" in offered["10.2.0.9"]
    assert "clear" not in offered["10.2.0.8"]
