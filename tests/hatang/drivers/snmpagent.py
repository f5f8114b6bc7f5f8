"""SNMP agents on loopback: a good one (pysnmp, v3 and v2c) and ones that misbehave (v2c)."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]  # ships no types
from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902
from pysnmp.proto.api import v2c

from hatang.drivers.target import AuthProtocol, PrivProtocol, SnmpCommunity, SnmpUser, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence
    from types import TracebackType

USER = SnmpUser("nms", "authpass123", "privpass123")
USER_SHA256 = SnmpUser("nms256", "authpass123", "privpass123", AuthProtocol.SHA256)
COMMUNITY = SnmpCommunity("public", "test")
ENGINE_ID = "8000000001020304"
COLUMN = "1.3.6.1.2.1.2.2.1.2"


AUTH = {
    AuthProtocol.NONE: config.USM_AUTH_NONE,
    AuthProtocol.MD5: config.USM_AUTH_HMAC96_MD5,
    AuthProtocol.SHA: config.USM_AUTH_HMAC96_SHA,
    AuthProtocol.SHA224: config.USM_AUTH_HMAC128_SHA224,
    AuthProtocol.SHA256: config.USM_AUTH_HMAC192_SHA256,
    AuthProtocol.SHA384: config.USM_AUTH_HMAC256_SHA384,
    AuthProtocol.SHA512: config.USM_AUTH_HMAC384_SHA512,
}
PRIV = {
    PrivProtocol.NONE: config.USM_PRIV_NONE,
    PrivProtocol.DES: config.USM_PRIV_CBC56_DES,
    PrivProtocol.AES: config.USM_PRIV_CFB128_AES,
    PrivProtocol.AES192: config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    PrivProtocol.AES256: config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    PrivProtocol.AES192C: config.USM_PRIV_CFB192_AES,
    PrivProtocol.AES256C: config.USM_PRIV_CFB256_AES,
}


def _level(user: SnmpUser) -> str:
    if user.auth_protocol is AuthProtocol.NONE:
        return "noAuthNoPriv"
    return "authNoPriv" if user.priv_protocol is PrivProtocol.NONE else "authPriv"


def run(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run_coroutine_threadsafe(work, loop).result(60)


class Agent:
    """A pysnmp command responder with its default MIB (the system group)."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        boots: int = 1,
        port: int = 0,
        users: Sequence[SnmpUser] = (),
        engine_id: str | None = None,
    ) -> None:
        self._loop = loop
        self._boots = boots
        self._users = (USER, USER_SHA256, *users)
        self._engine_id = engine_id or ENGINE_ID
        self.port = port
        self._engine: Any = None

    @property
    def target(self) -> Target:
        return Target("r1", "127.0.0.1", self.port)

    def __enter__(self) -> Self:
        run(self._loop, self._start())
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        run(self._loop, self._stop())

    async def _start(self) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", self.port))
        self.port = sock.getsockname()[1]
        agent = self._engine = engine.SnmpEngine(rfc1902.OctetString(hexValue=self._engine_id))
        (boots,) = agent.get_mib_builder().import_symbols("__SNMP-FRAMEWORK-MIB", "snmpEngineBoots")
        boots.syntax = boots.syntax.clone(self._boots)
        transport = udp.UdpAsyncioTransport(loop=self._loop).open_server_mode(sock=sock)
        config.add_transport(agent, udp.DOMAIN_NAME, transport)
        for user in self._users:
            keys = (AUTH[user.auth_protocol], user.auth_password)
            more = (PRIV[user.priv_protocol], user.priv_password)
            config.add_v3_user(agent, user.username, *keys, *more)
            config.add_vacm_user(agent, 3, user.username, _level(user), (1, 3, 6))
        config.add_v1_system(agent, "area", "public")
        config.add_vacm_user(agent, 2, "area", "noAuthNoPriv", (1, 3, 6))
        responders = context.SnmpContext(agent)
        for responder in (cmdrsp.GetCommandResponder, cmdrsp.BulkCommandResponder):
            responder(agent, responders)

    async def _stop(self) -> None:
        self._engine.close_dispatcher()
        await asyncio.sleep(0)


@dataclass
class Request:
    """A decoded v2c GETBULK or GET."""

    message: Any
    request_id: int
    oids: list[str]

    def reply(self, varbinds: list[tuple[str, str]], request_id: int | None = None) -> bytes:
        pdu = v2c.ResponsePDU()
        v2c.apiPDU.set_defaults(pdu)
        v2c.apiPDU.set_request_id(pdu, self.request_id if request_id is None else request_id)
        v2c.apiPDU.set_varbinds(pdu, [(oid, v2c.OctetString(value)) for oid, value in varbinds])
        v2c.apiMessage.set_pdu(self.message, pdu)
        return bytes(encoder.encode(self.message))


class BadAgent(asyncio.DatagramProtocol):
    """Answers each request with whatever datagrams `misbehave` makes of it."""

    def __init__(self, misbehave: Callable[[Request], list[bytes]]) -> None:
        self._misbehave = misbehave
        self._transport: Any = None
        self.peer: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        self.peer = address
        message, _ = decoder.decode(data, asn1Spec=v2c.Message())
        pdu = v2c.apiMessage.get_pdu(message)
        oids = [str(oid) for oid, _ in v2c.apiPDU.get_varbinds(pdu)]
        request = Request(message, int(v2c.apiPDU.get_request_id(pdu)), oids)
        for datagram in self._misbehave(request):
            self._transport.sendto(datagram, address)


async def start_bad(misbehave: Callable[[Request], list[bytes]]) -> tuple[Target, Any]:
    """Start a BadAgent in the running loop; returns its target and transport."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        lambda: BadAgent(misbehave), local_addr=("127.0.0.1", 0)
    )
    return Target("bad", "127.0.0.1", transport.get_extra_info("sockname")[1]), transport
