"""`hatang find` tells the port, in JSON and as a table, and says what is no address."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from cli import exits
from hatang.auth import Actor, Role
from inventory import service
from tests.inventory.conftest import PROVINCE
from tests.inventory.discovery.test_stations import PC, keep, network_of

if TYPE_CHECKING:
    from tests.cli.conftest import Hatang

LAN = Actor(2, "lan", frozenset({Role.ENGINEER}), None)

pytestmark = pytest.mark.slow


@pytest.fixture
def seen(hatang: Hatang) -> Hatang:
    """A province whose switch learnt a PC on a port."""
    with hatang.database.write() as session:
        plan = service.plan_import(session, LAN, PROVINCE, "province.yaml")
        service.apply_import(session, LAN, plan, "test")
    keep(hatang.database, LAN, network_of())
    return hatang


@pytest.mark.parametrize("asked", [PC, PC.replace(":", "").upper(), "10.250.9.77"])
def test_the_port_of_an_address_is_told(seen: Hatang, asked: str) -> None:
    ran = seen("find", asked, "--as", "lan")
    assert ran.status == exits.OK
    (row,) = json.loads(ran.out)
    assert (row["device"], row["port"], row["mac"]) == ("sw-1", "Ethernet2", PC)
    assert row["addresses"] == ["10.250.9.77"]


def test_a_table_shows_the_same(seen: Hatang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    ran = seen("find", PC, "--as", "lan", "--format", "table")
    assert ran.status == exits.OK
    assert all(told in ran.out for told in ("sw-1", "Ethernet2", PC, "10.250.9.77"))


def test_an_address_that_nobody_saw_is_not_found(seen: Hatang) -> None:
    ran = seen("find", "10.250.9.99", "--as", "lan")
    assert ran.status == exits.NOT_FOUND
    assert "10.250.9.99" in ran.err
    assert not ran.out


def test_what_is_no_address_is_refused_with_what_to_write(seen: Hatang) -> None:
    ran = seen("find", "hub-1", "--as", "lan")
    assert ran.status == exits.INVALID_INPUT
    assert "00:19:56:ff:12:34" in ran.err
