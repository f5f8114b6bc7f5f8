"""Learns the SNMP engines that send us traps.

A trap is authenticated with a key localised to the *sender's* engine id (RFC 3414 section 2.6),
which a receiver cannot know beforehand, and pysnmp accepts no user for every engine. So each
datagram is looked at first: when its digest proves that its engine shares a key with one of our
users, that engine is added; anything else goes on to pysnmp as it is, to be counted and dropped.
Nothing is kept of engines that prove nothing, so forged ids cost no memory.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from pyasn1.codec.ber import decoder  # type: ignore[import-untyped]  # ships no types
from pyasn1.error import PyAsn1Error  # type: ignore[import-untyped]  # ships no types
from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config
from pysnmp.error import PySnmpError
from pysnmp.proto import rfc1902
from pysnmp.proto.mpmod.rfc3412 import SNMPv3Message
from pysnmp.proto.secmod.rfc3414.service import UsmSecurityParameters

from hatang.drivers.target import AuthProtocol, PrivProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hatang.drivers.datagrams import Address
    from hatang.drivers.target import SnmpUser

_AUTH: Final = {
    AuthProtocol.MD5: config.USM_AUTH_HMAC96_MD5,
    AuthProtocol.SHA: config.USM_AUTH_HMAC96_SHA,
    AuthProtocol.SHA224: config.USM_AUTH_HMAC128_SHA224,
    AuthProtocol.SHA256: config.USM_AUTH_HMAC192_SHA256,
    AuthProtocol.SHA384: config.USM_AUTH_HMAC256_SHA384,
    AuthProtocol.SHA512: config.USM_AUTH_HMAC384_SHA512,
}
_PRIV: Final = {
    PrivProtocol.DES: config.USM_PRIV_CBC56_DES,
    PrivProtocol.AES: config.USM_PRIV_CFB128_AES,
    PrivProtocol.AES192: config.USM_PRIV_CFB192_AES_BLUMENTHAL,
    PrivProtocol.AES256: config.USM_PRIV_CFB256_AES_BLUMENTHAL,
    PrivProtocol.AES192C: config.USM_PRIV_CFB192_AES,
    PrivProtocol.AES256C: config.USM_PRIV_CFB256_AES,
}
# RFC 3411 section 5: an SnmpEngineID has 5 to 32 octets.
_ENGINE_ID_OCTETS: Final = range(5, 33)


class Engines:
    """The users of a receiver, and the remote engines that proved to share their keys."""

    def __init__(self, snmp_engine: Any, users: Iterable[SnmpUser]) -> None:  # pysnmp has no types
        self._engine = snmp_engine
        # The passwords are stretched once (RFC 3414 section A.2: a megabyte is hashed), not at
        # every datagram.
        # A user without authentication or encryption proves nothing, so it is left out.
        self._keys = {
            user.username.encode(): _MasterKeys(user)
            for user in users
            if user.auth_protocol in _AUTH and user.priv_protocol in _PRIV
        }
        self._learned: set[tuple[bytes, bytes]] = set()
        for name, keys in self._keys.items():
            keys.add_to(self._engine, name, None)

    def look_at(self, datagram: bytes) -> bool:
        """Learn the sending engine when `datagram` proves that it is one of ours.

        Returns whether it names no engine: the first step of an inform (RFC 3414 section 4).
        """
        try:
            message, _ = decoder.decode(datagram, asn1Spec=SNMPv3Message())
            security = bytes(message.getComponentByPosition(2))
            parameters, _ = decoder.decode(security, asn1Spec=UsmSecurityParameters())
            engine_id, _, _, name, digest, _ = (
                parameters.getComponentByPosition(position) for position in range(6)
            )
        except (PyAsn1Error, ValueError):
            return False
        sender = (bytes(engine_id), bytes(name))
        keys = self._keys.get(sender[1])
        if keys is None or sender in self._learned or len(sender[0]) not in _ENGINE_ID_OCTETS:
            return not sender[0]
        if keys.signed(datagram, digest, engine_id):
            keys.add_to(self._engine, sender[1], rfc1902.OctetString(sender[0]))
            self._learned.add(sender)
        return False


class FedTransport(udp.UdpAsyncioTransport):  # type: ignore[misc]  # ships no types
    """A transport without a socket: it is fed datagrams, and `answer` sends what pysnmp says."""

    engines: Engines | None = None

    def __init__(self, answer: Callable[[bytes, Address], object]) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._answer = answer

    def feed(self, datagram: bytes, address: Address) -> bool:
        """Give pysnmp one datagram; return whether it only asks for our engine's id."""
        asks = self.engines is not None and self.engines.look_at(datagram)
        self._callback_function(self, udp.UdpTransportAddress(address), datagram)
        return asks

    def send_message(self, outgoingMessage: Any, transportAddress: Any) -> None:  # noqa: N803 - pysnmp's names
        """Send what pysnmp answers."""
        self._answer(bytes(outgoingMessage), (str(transportAddress[0]), int(transportAddress[1])))


class _MasterKeys:
    def __init__(self, user: SnmpUser) -> None:
        self._auth_kind = _AUTH[user.auth_protocol]
        self._priv_kind = _PRIV[user.priv_protocol]
        self._service = config.AUTH_SERVICES[self._auth_kind]
        self._auth = self._service.hash_passphrase(rfc1902.OctetString(user.auth_password))
        self._priv = config.PRIV_SERVICES[self._priv_kind].hash_passphrase(
            self._auth_kind, rfc1902.OctetString(user.priv_password)
        )

    def signed(self, datagram: bytes, digest: Any, engine_id: Any) -> bool:
        """Tell whether `digest` was made with this user's key for `engine_id`."""
        key = self._service.localize_key(self._auth, engine_id)
        try:
            self._service.authenticate_incoming_message(key, digest, datagram)
        except PySnmpError:
            return False
        return True

    def add_to(self, snmp_engine: Any, name: bytes, engine_id: Any) -> None:
        """Make the user known for `engine_id`, or for our own engine (informs) with None."""
        config.add_v3_user(
            snmp_engine,
            name.decode(),
            self._auth_kind,
            self._auth,
            self._priv_kind,
            self._priv,
            securityEngineId=engine_id,
            authKeyType=config.USM_KEY_TYPE_MASTER,
            privKeyType=config.USM_KEY_TYPE_MASTER,
        )
