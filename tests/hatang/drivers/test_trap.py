"""Notifications of all versions: those of known users and communities arrive, nothing else."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
from typing import TYPE_CHECKING, Any

import pytest
from pysnmp.entity import engine
from pysnmp.hlapi.v3arch import asyncio as hlapi

from hatang.drivers.datagrams import Intake, udp_socket
from hatang.drivers.target import AuthProtocol, PrivProtocol, SnmpUser
from hatang.drivers.trap import RefusedError, TrapReader
from hatang.drivers.trapengines import Engines
from hatang.errors import SettingsError
from tests.monitors import agent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hatang.drivers.protocols import Notification

pytestmark = pytest.mark.slow

USER = SnmpUser("traps", "authpass123", "privpass123", auth_protocol=AuthProtocol.SHA256)
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
COMMUNITY = "stored-community"
IF_INDEX, IF_DESCR = "1.3.6.1.2.1.2.2.1.1.4", "1.3.6.1.2.1.2.2.1.2.4"


def test_a_trap_arrives_decoded_with_its_sender() -> None:
    (notification,) = asyncio.run(_received("trap", USER, enough=1))
    assert (notification.source, notification.user) == ("127.0.0.1", "traps")
    assert notification.trap_oid == LINK_DOWN
    assert dict(notification.varbinds)[IF_INDEX] == 4
    assert dict(notification.varbinds)[IF_DESCR] == b"eth4"


def test_an_inform_is_confirmed_to_its_sender() -> None:
    answers: list[Any] = []
    (notification,) = asyncio.run(_received("inform", USER, enough=1, answers=answers))
    assert notification.trap_oid == LINK_DOWN
    assert answers == [None]


@pytest.mark.parametrize(
    "sender",
    [
        dataclasses.replace(USER, auth_password="wrong-auth"),
        dataclasses.replace(USER, username="nobody"),
    ],
    ids=["wrong key", "unknown user"],
)
def test_a_trap_that_proves_nothing_is_dropped(sender: SnmpUser) -> None:
    assert asyncio.run(_received("trap", sender, enough=1, wait_seconds=0.3)) == []


def test_a_trap_below_authpriv_is_dropped() -> None:
    assert asyncio.run(_received("trap", USER, enough=1, wait_seconds=0.3, clear=True)) == []


def test_a_port_in_use_is_said_in_one_sentence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SettingsError, match=r"receiver\.traps: cannot listen"):
            udp_socket("127.0.0.1", taken.getsockname()[1], "receiver.traps")


V3 = (
    f"-v3 -u {USER.username} -l authPriv -a SHA-256 -A {USER.auth_password}"
    f" -x AES -X {USER.priv_password}"
)
WAYS = {
    "v1 trap": f"snmptrap -v1 -c {COMMUNITY} HOST 1.3.6.1.4.1.8072 127.0.0.1 2 0 123",
    "v2c trap": f"snmptrap -v2c -c {COMMUNITY} HOST 123 {LINK_DOWN}",
    "v2c inform": f"snmpinform -v2c -c {COMMUNITY} -r0 -t5 HOST 123 {LINK_DOWN}",
    "v3 trap": f"snmptrap -e 0x8000000001 {V3} HOST 123 {LINK_DOWN}",
    "v3 inform": f"snmpinform {V3} -r0 -t5 HOST 123 {LINK_DOWN}",
}


@pytest.mark.parametrize("privacy", PrivProtocol)
@pytest.mark.parametrize("digest", AuthProtocol)
def test_a_user_of_any_protocol_can_be_known_and_a_weak_one_is_not(
    digest: AuthProtocol, privacy: PrivProtocol
) -> None:
    user = dataclasses.replace(USER, auth_protocol=digest, priv_protocol=privacy)

    async def known() -> int:
        snmp_engine = engine.SnmpEngine()
        return len(Engines(snmp_engine, [user])._keys)

    is_weak = digest is AuthProtocol.NONE or privacy is PrivProtocol.NONE
    assert asyncio.run(known()) == (0 if is_weak else 1)


@pytest.mark.parametrize("way", WAYS)
def test_net_snmp_is_understood_and_its_informs_are_answered(way: str, tmp_path: Path) -> None:
    name, *words = WAYS[way].split()
    command = agent.program(name)
    if command is None:
        pytest.skip(f"net-snmp's {name} is not here")

    async def by_net_snmp(port: int) -> None:
        said = [word.replace("HOST", f"127.0.0.1:{port}") for word in words]
        process = await asyncio.create_subprocess_exec(
            *(*command, *said, IF_INDEX, "i", "4"),
            env={"MIBS": "", "SNMP_PERSISTENT_DIR": str(tmp_path)},
        )
        assert await process.wait() == 0

    (notification,) = asyncio.run(_received("trap", USER, enough=1, send=by_net_snmp))
    assert notification.trap_oid == LINK_DOWN
    assert dict(notification.varbinds)[IF_INDEX] == 4


async def _received(
    kind: str,
    sender: SnmpUser,
    *,
    enough: int,
    wait_seconds: float = 3.0,
    answers: list[Any] | None = None,
    clear: bool = False,
    send: Callable[[int], Any] | None = None,
) -> list[Notification]:
    """Send one notification and return what the receiver's handler got."""
    found: list[Notification] = []
    sock = udp_socket("127.0.0.1", 0, "test")
    reader = TrapReader([USER], [COMMUNITY], sock.sendto)
    intake = Intake(sock, lambda *_: True, lambda _number: None, lambda: None)
    intake.start()

    async def read() -> None:
        while len(found) < enough:
            address, datagram = await intake.take()
            try:
                notification = reader.read(datagram, address)
            except RefusedError:
                continue
            if notification is not None:
                found.append(notification)

    reading = asyncio.create_task(read())
    port = int(sock.getsockname()[1])
    answer = await (send(port) if send else _send(kind, sender, port, clear=clear))
    if answers is not None:
        answers.append(answer)
    await asyncio.wait({reading}, timeout=wait_seconds)
    reading.cancel()
    intake.close()
    reader.close()
    return found


async def _send(kind: str, user: SnmpUser, port: int, *, clear: bool = False) -> Any:
    sender = hlapi.SnmpEngine()
    keys = (
        {} if clear else {"privKey": user.priv_password, "privProtocol": hlapi.USM_PRIV_CFB128_AES}
    )
    error, _status, _index, _varbinds = await hlapi.send_notification(
        sender,
        hlapi.UsmUserData(
            user.username,
            authKey=user.auth_password,
            authProtocol=hlapi.USM_AUTH_HMAC192_SHA256,
            **keys,
        ),
        await hlapi.UdpTransportTarget.create(("127.0.0.1", port), timeout=2, retries=0),
        hlapi.ContextData(),
        kind,
        hlapi.NotificationType(hlapi.ObjectIdentity(LINK_DOWN)).add_varbinds(
            (IF_INDEX, hlapi.Integer32(4)), (IF_DESCR, hlapi.OctetString("eth4"))
        ),
    )
    sender.close_dispatcher()
    return error
