"""Reads of an agent by gufo-snmp, another make: the second opinion beside our engine's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gufo.snmp import NoSuchInstance, SnmpVersion, User
from gufo.snmp.aio import SnmpSession
from gufo.snmp.user import Aes128Key, KeyType, Sha1Key

from hatang.drivers.target import SnmpCommunity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hatang.drivers.protocols import SnmpValue
    from hatang.drivers.target import SnmpLogin, Target

SECONDS = 5.0
CHUNK = 50


class SecondReader:
    """One well-behaved agent, one request after the other; nothing guards against a bad one."""

    def __init__(self, target: Target, login: SnmpLogin) -> None:
        how = (
            {"community": login.community, "version": SnmpVersion.v2c}
            if isinstance(login, SnmpCommunity)
            else {"user": _user(login.username, login.auth_password, login.priv_password)}
        )
        self._session = SnmpSession(target.host, target.port, timeout=SECONDS, **how)

    async def get(self, oids: Sequence[str]) -> dict[str, SnmpValue]:
        await self._session.refresh()
        found: dict[str, SnmpValue] = {}
        for start in range(0, len(oids), CHUNK):
            reply = await self._session.get_many(oids[start : start + CHUNK])
            found |= {oid: value for oid, value in reply.items() if value is not None}
        return found

    async def columns(self, columns: Sequence[str]) -> dict[str, dict[str, SnmpValue]]:
        await self._session.refresh()
        return {column: await self._column(column) for column in columns}

    async def _column(self, column: str) -> dict[str, SnmpValue]:
        rows: dict[str, SnmpValue] = {}
        try:
            async for oid, value in self._session.getbulk(column, 10):
                if oid.startswith(f"{column}.") and value is not None:
                    rows[oid[len(column) + 1 :]] = value
        except NoSuchInstance:
            pass
        return rows


def _user(name: str, auth: str, priv: str) -> User:
    return User(
        name,
        auth_key=Sha1Key(auth.encode(), key_type=KeyType.Password),
        priv_key=Aes128Key(priv.encode(), key_type=KeyType.Password),
    )
