"""SNMPv3 notifications: those of known users arrive, nothing else does."""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import socket
from typing import TYPE_CHECKING, Any

import pytest
from pysnmp.hlapi.v3arch import asyncio as hlapi

from hatang.drivers.target import AuthProtocol, SnmpUser
from hatang.drivers.trap import TrapReceiver
from hatang.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hatang.drivers.protocols import Notification

pytestmark = pytest.mark.slow

USER = SnmpUser("traps", "authpass123", "privpass123", auth_protocol=AuthProtocol.SHA256)
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
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


def test_a_handler_that_fails_does_not_stop_the_next_notification() -> None:
    async def both() -> int:
        calls = 0

        def handler(_notification: Notification) -> None:
            nonlocal calls
            calls += 1
            raise RuntimeError("a bug in the handler")

        receiver = TrapReceiver([USER], handler)
        port = await receiver.start("127.0.0.1", 0)
        for _ in range(2):
            await _send("inform", USER, port)
        await receiver.close()
        return calls

    assert asyncio.run(both()) == 2


def test_a_port_in_use_is_said_in_one_sentence() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        receiver = TrapReceiver([USER], lambda _notification: None)
        with pytest.raises(SettingsError, match="cannot listen"):
            asyncio.run(receiver.start("127.0.0.1", taken.getsockname()[1]))


@pytest.mark.skipif(shutil.which("snmptrap") is None, reason="net-snmp's snmptrap is not here")
def test_net_snmp_is_understood(tmp_path: Path) -> None:
    async def by_net_snmp(port: int) -> None:
        words = f"-v3 -u {USER.username} -l authPriv -a SHA-256 -A {USER.auth_password} -x AES"
        command = f"-e 0x8000000001 {words} -X {USER.priv_password} 127.0.0.1:{port} 123"
        process = await asyncio.create_subprocess_exec(
            "snmptrap",
            *command.split(),
            LINK_DOWN,
            IF_INDEX,
            "i",
            "4",
            env={"MIBS": "", "SNMP_PERSISTENT_DIR": str(tmp_path)},
        )
        assert await process.wait() == 0

    (notification,) = asyncio.run(_received("trap", USER, enough=1, send=by_net_snmp))
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
    arrived = asyncio.Event()

    def handler(notification: Notification) -> None:
        found.append(notification)
        if len(found) >= enough:
            arrived.set()

    receiver = TrapReceiver([USER], handler)
    port = await receiver.start("127.0.0.1", 0)
    answer = await (send(port) if send else _send(kind, sender, port, clear=clear))
    if answers is not None:
        answers.append(answer)
    try:
        await asyncio.wait_for(arrived.wait(), wait_seconds)
    except TimeoutError:
        pass
    finally:
        await receiver.close()
    return found


async def _send(kind: str, user: SnmpUser, port: int, *, clear: bool = False) -> Any:
    engine = hlapi.SnmpEngine()
    keys = (
        {} if clear else {"privKey": user.priv_password, "privProtocol": hlapi.USM_PRIV_CFB128_AES}
    )
    error, _status, _index, _varbinds = await hlapi.send_notification(
        engine,
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
    engine.close_dispatcher()
    return error
