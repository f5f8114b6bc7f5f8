"""Nornir's plugin against a server that answers as the API does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from hatang.errors import DriverError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("nornir", reason="the extra hatang[nornir] is not installed")
from nornir.core.plugins.inventory import InventoryPluginRegister

from inventory.exports.nornir import HatangInventory
from tests.inventory.serving import Handler, private_token, serving

pytestmark = pytest.mark.slow
TOKEN = "a-token"
COUNT = 1203


def device(number: int) -> dict[str, Any]:
    return {
        "device_key": f"key-{number}", "name": f"rtr-{number:04}", "site": f"xa-{number}",
        "site_name": "Xã", "unit": "tinh", "role": "hub", "platform": "cisco_ios",
        "manufacturer": None, "model": None, "status": "active", "serial": "",
        "primary_ip4": "10.0.0.1" if number else None, "ports": {"ssh": 2222} if number else {},
    }  # fmt: skip


class Api(Handler):
    def get(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        offset, limit = int(asked["offset"][0]), int(asked["limit"][0])
        allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
        items = [device(number) for number in range(offset, min(offset + limit, COUNT))]
        body = json.dumps({"items": items, "total": COUNT}).encode()
        self.answer(200 if allowed else 401, body)


@pytest.fixture
def url() -> Iterator[str]:
    with serving(Api) as address:
        yield address


@pytest.fixture
def token_file(tmp_path: Path) -> Path:
    return private_token(tmp_path, TOKEN)


def test_every_page_of_devices_is_read(url: str, token_file: Path) -> None:
    found = HatangInventory(url, str(token_file)).load()
    assert len(found.hosts) == COUNT
    assert len(found.groups["role_hub"].name) > 0
    assert [group.name for group in found.hosts["rtr-0007"].groups] == [
        "site_xa-7", "unit_tinh", "role_hub", "platform_cisco_ios", "status_active",
    ]  # fmt: skip


def test_a_host_says_how_it_is_reached(url: str, token_file: Path) -> None:
    hosts = HatangInventory(url, str(token_file)).load().hosts
    assert (hosts["rtr-0001"].hostname, hosts["rtr-0001"].port) == ("10.0.0.1", 2222)
    assert (hosts["rtr-0000"].hostname, hosts["rtr-0000"].port) == ("rtr-0000", 22)
    assert hosts["rtr-0001"].get_connection_parameters("napalm").platform == "ios"
    assert hosts["rtr-0001"]["device_key"] == "key-1"


def test_a_wrong_token_is_no_empty_inventory(url: str, token_file: Path) -> None:
    token_file.write_text("another")
    with pytest.raises(DriverError):
        HatangInventory(url, str(token_file)).load()


def test_a_token_that_others_can_read_is_refused(url: str, token_file: Path) -> None:
    token_file.chmod(0o644)
    with pytest.raises(InvalidInputError, match="read by others"):
        HatangInventory(url, str(token_file)).load()


def test_a_token_does_not_go_over_the_network_in_the_clear(token_file: Path) -> None:
    with pytest.raises(DriverError, match="do not go over http"):
        HatangInventory("http://192.0.2.1", str(token_file)).load()


def test_nornir_finds_the_plugin_by_its_name() -> None:
    InventoryPluginRegister.auto_register()
    assert InventoryPluginRegister.get_plugin("HatangInventory") is HatangInventory
