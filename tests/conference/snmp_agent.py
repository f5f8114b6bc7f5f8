"""An SNMP agent on loopback (pysnmp, SNMPv3) that has the instances it is given, and no others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Self

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import cmdrsp, context
from pysnmp.proto import rfc1902, rfc1905
from pysnmp.smi.instrum import AbstractMibInstrumController

from hatang.drivers.target import SnmpUser

if TYPE_CHECKING:
    from collections.abc import Mapping

USER = SnmpUser("nms", "authpass123", "privpass123")


class _Instances(AbstractMibInstrumController):  # type: ignore[misc]  # pysnmp has no types
    def __init__(self, values: Mapping[str, int | str]) -> None:
        self._values = {tuple(map(int, oid.split("."))): value for oid, value in values.items()}
        self._ordered = sorted(self._values)

    def read_variables(self, *names: Any, **_: Any) -> list[tuple[Any, Any]]:
        return [(name, self._value(tuple(name), rfc1905.noSuchInstance)) for name, _ in names]

    def read_next_variables(self, *names: Any, **_: Any) -> list[tuple[Any, Any]]:
        found = []
        for name, _value in names:
            after = next((one for one in self._ordered if one > tuple(name)), None)
            if after is None:
                found.append((name, rfc1905.endOfMibView))
            else:
                found.append((rfc1902.ObjectName(after), self._value(after, None)))
        return found

    def _value(self, name: tuple[int, ...], absent: Any) -> Any:
        value = self._values.get(name)
        if value is None:
            return absent
        return (
            rfc1902.Integer32(value)
            if isinstance(value, int)
            else rfc1902.OctetString(value.encode())
        )


class Agent:
    """Use in the loop that asks it; `url` is where it is then."""

    def __init__(self, values: Mapping[str, int | str]) -> None:
        self._values = values
        self._engine: Any = None
        self.url = ""

    async def __aenter__(self) -> Self:
        agent = self._engine = engine.SnmpEngine()
        transport = udp.UdpAsyncioTransport().open_server_mode(("127.0.0.1", 0))
        await transport._lport
        port = transport.transport.get_extra_info("sockname")[1]
        self.url = f"snmp://127.0.0.1:{port}"
        config.add_transport(agent, udp.DOMAIN_NAME, transport)
        keys = (config.USM_AUTH_HMAC96_SHA, USER.auth_password)
        more = (config.USM_PRIV_CFB128_AES, USER.priv_password)
        config.add_v3_user(agent, USER.username, *keys, *more)
        config.add_vacm_user(agent, 3, USER.username, "authPriv", (1, 3, 6))
        responders = context.SnmpContext(agent)
        responders.unregister_context_name(b"")
        responders.register_context_name(b"", _Instances(self._values))
        for responder in (cmdrsp.GetCommandResponder, cmdrsp.NextCommandResponder,
                          cmdrsp.BulkCommandResponder):  # fmt: skip
            responder(agent, responders)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._engine.close_dispatcher()
        await asyncio.sleep(0)
