"""The stand-ins keep the Protocols' promises."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from hatang.drivers.fakes import FakeCli, FakeHostKeys, FakePing, FakeSip, FakeSnmp, FakeSsh
from hatang.drivers.protocols import PingResult, SipResult
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from hatang.drivers.protocols import (
        CliSession,
        HostKeys,
        Pinger,
        SipProber,
        SnmpReader,
        SshSession,
    )


def test_the_fakes_fill_the_protocols() -> None:
    # The annotations are the test: mypy refuses a fake that lost a method.
    ssh: SshSession = FakeSsh()
    cli: CliSession = FakeCli()
    snmp: SnmpReader = FakeSnmp()
    ping: Pinger = FakePing()
    sip: SipProber = FakeSip()
    keys: HostKeys = FakeHostKeys()
    assert all((ssh, cli, snmp, ping, sip, keys))


def test_ssh_answers_as_told_and_an_unknown_command_is_not_found() -> None:
    ssh = FakeSsh({"uname": "Linux\n", "broken": DriverError("gone", Reason.TIMEOUT)})
    assert ssh.run("uname").stdout == "Linux\n"
    assert ssh.run("other", b"data").status == 127
    with pytest.raises(DriverError, match="gone"):
        ssh.run("broken")
    ssh.put("/etc/x", b"1")
    assert (ssh.commands, ssh.files) == (["uname", "other", "broken"], {"/etc/x": b"1"})
    ssh.close()
    with pytest.raises(DriverError, match="closed"):
        ssh.run("uname")


def test_cli_stops_at_the_refused_line() -> None:
    cli = FakeCli(refused={"bad"})
    with pytest.raises(DriverError) as caught:
        cli.configure(["good", "bad", "never"])
    assert caught.value.reason is Reason.REJECTED
    assert cli.configured == ["good"]
    assert cli.show("x").startswith("% Unknown command")


def test_snmp_columns_come_by_index_in_numeric_order() -> None:
    snmp = FakeSnmp({"1.2.10": 10, "1.2.9": 9, "1.20.1": 1})
    assert asyncio.run(snmp.columns(["1.2"])) == {"1.2": {"9": 9, "10": 10}}
    assert asyncio.run(snmp.get(["1.2.9", "1.2.8"])) == {"1.2.9": 9}
    snmp.failure = DriverError("gone", Reason.TIMEOUT)
    with pytest.raises(DriverError):
        asyncio.run(snmp.get(["1.2.9"]))


def test_ping_and_sip_answer_only_for_what_lives() -> None:
    found = asyncio.run(FakePing({"10.0.0.1": 0.01}).ping(["10.0.0.1", "10.0.0.2"], count=2))
    assert found["10.0.0.1"] == PingResult("10.0.0.1", 2, 2, 0.01)
    assert found["10.0.0.2"].loss_ratio == 1.0
    answer = SipResult(200, "OK", 0.01)
    assert asyncio.run(FakeSip({"sip:a@b": answer}).options("sip:a@b")) is answer
    with pytest.raises(DriverError):
        asyncio.run(FakeSip().options("sip:a@b"))
