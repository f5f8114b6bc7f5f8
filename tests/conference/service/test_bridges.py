"""The way to a bridge: proven before its secret leaves, or waived by name."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from conference.bridges.protocol import BridgeAccess
from conference.choices import BridgeState
from conference.service import bridges
from conference.service.bridges import WAIVER, Ways, ask, client
from hatang import secrets
from hatang.drivers.target import SnmpUser
from hatang.errors import DriverError, Reason, SettingsError
from hatang.settings import Settings
from inventory import service as inventory
from tests.hatang.drivers.httpserver import HttpsServer, pem

if TYPE_CHECKING:
    from pathlib import Path

    from conference.bridges.status import BridgeStatus
    from hatang.auth import Actor
    from hatang.db import Database

HOST = "mcu.tinh.example"


def status(server: HttpsServer, ways: Ways) -> BridgeStatus:
    url = server.url.replace("127.0.0.1", "localhost")
    access = BridgeAccess("mcu-1", url, url, "janus-admin", 64)
    return asyncio.run(ask("janus", access, ways=ways))


def test_clear_text_is_refused_without_a_waiver() -> None:
    with pytest.raises(DriverError) as caught:
        Ways().waiver(f"http://{HOST}:7088")
    assert caught.value.reason is Reason.REJECTED
    assert WAIVER in caught.value.fix


def test_clear_text_is_for_the_lab() -> None:
    assert Ways(lab=True).waiver(f"http://{HOST}:7088") == WAIVER


def test_a_waiver_is_of_one_host(tmp_path: Path) -> None:
    given = {"data_dir": tmp_path, "conference": {"clear_text_hosts": (HOST,)}}
    ways = Ways.of(Settings.model_validate(given))
    assert ways.waiver(f"http://{HOST}:7088/admin") == WAIVER
    assert ways.waiver("https://other.tinh.example") == ""
    with pytest.raises(DriverError):
        ways.waiver("http://other.tinh.example")


def test_a_bridge_in_clear_text_is_down_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(bridges, "open_async_http", lambda url, _options: opened.append(url))
    with HttpsServer(tls=False) as server:
        found = status(server, Ways())
    assert (found.state, found.reason) == (BridgeState.DOWN, "rejected")
    assert opened == []


def test_a_bridge_with_a_wrong_certificate_hears_nothing() -> None:
    with HttpsServer() as server:
        found = status(server, Ways(lab=True))
        assert (found.state, found.reason) == (BridgeState.DOWN, "certificate_invalid")
        assert server.authorizations == []  # one entry a request, whatever it holds


def test_a_bridge_with_a_certificate_of_the_named_authority_is_asked(tmp_path: Path) -> None:
    with HttpsServer() as server:
        authority = tmp_path / "ca.pem"
        authority.write_bytes(pem(server.certificate))
        found = status(server, Ways(lab=True, ca_file=authority))
        assert found.reason == "protocol_error"  # it is no Janus
        assert len(server.authorizations) == 1


def test_an_authority_that_is_none_is_a_wrong_setting(tmp_path: Path) -> None:
    ways = Ways(lab=True, ca_file=tmp_path / "absent.pem")
    with pytest.raises(SettingsError, match=r"conference\.ca_file"):
        client("https://localhost", ways=ways)


def test_a_bridge_at_its_agent_is_opened_with_its_own_snmp_user(
    province: Database, admin: Actor
) -> None:
    fields = {"username": "nms", "auth_protocol": "SHA", "auth_password": "authpass123",
              "priv_protocol": "AES", "priv_password": "privpass123"}  # fmt: skip
    text = (
        "version: 1\nbridges:\n"
        '  - {code: rmx-1, name: RMX, driver: poly, device: srv-bridge, url: "snmp://10.9.0.9",'
        " credential: rmx-snmp}\n"
    )
    with province.write() as session:
        secrets.put(session, admin, "rmx-snmp", "snmpv3", fields)
        plan = inventory.plan_import(session, admin, text, filename="more.yaml")
        inventory.apply_import(session, admin, plan, "test")
        driver, found = bridges.access(session, admin, "rmx-1")
    assert (driver, found.url) == ("poly", "snmp://10.9.0.9")
    assert isinstance(found.snmp, SnmpUser)
    assert "authpass123" not in repr(found)
