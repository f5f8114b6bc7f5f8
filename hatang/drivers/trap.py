"""Reads SNMP traps and informs of all versions, answers informs, and says why one is refused.

Versions 1 and 2c are read by `trapcodec`, cheaply; version 3 by pysnmp, which costs milliseconds:
whoever feeds it many must bound them.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv
from pysnmp.proto import rfc1902

from hatang.drivers import trapcodec
from hatang.drivers.protocols import Notification
from hatang.drivers.trapengines import Engines, FedTransport
from hatang.errors import HatangError
from hatang.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hatang.drivers.datagrams import Address
    from hatang.drivers.protocols import SnmpValue
    from hatang.drivers.target import SnmpUser

log = get_logger(__name__)

# SnmpSecurityLevel authPriv (RFC 3411 section 5).
_AUTH_PRIV: Final = 3


class RefusedError(HatangError):
    """A datagram that is no notification we may believe; `reason` is from a closed set."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the notification was refused: {reason}")
        self.reason = reason


class TrapReader:
    """Reads notifications of `users` (v3, authPriv only) and `communities` (v1, v2c).

    `answer(datagram, address)` sends what the protocol wants sent back: responses to informs and
    version 3's reports. Belongs to the running event loop.
    """

    def __init__(
        self,
        users: Sequence[SnmpUser],
        communities: Sequence[str],
        answer: Callable[[bytes, Address], object],
    ) -> None:
        self._communities = [one.encode() for one in communities]
        self._answer = answer
        self._received: list[Notification] = []
        self._weak = False
        self._sender: tuple[str, str] = ("", "")
        self._engine: Any = None  # pysnmp ships no types
        self._transport: FedTransport | None = None
        if users:
            self._start(users)

    def read(self, datagram: bytes, address: Address) -> Notification | None:
        """Return the notification in `datagram`, None when it only asked who we are.

        Raises:
            RefusedError: `malformed`, `community` (not stored), `user` (version 3: unknown, wrong
                key, outside the time window), or `weak` (version 3 below authPriv).
        """
        try:
            if trapcodec.version(datagram) == "v3":
                return self._read_v3(datagram, address)
            message = trapcodec.read(datagram, address[0])
        except trapcodec.DecodeError as error:
            raise RefusedError("malformed") from error
        known = [hmac.compare_digest(message.community, one) for one in self._communities]
        if not any(known):
            raise RefusedError("community")
        if message.is_inform:
            self._answer(trapcodec.answer(datagram, message.pdu_at), address)
        return message.notification

    def close(self) -> None:
        """Release what pysnmp holds."""
        if self._engine is not None:
            self._engine.close_dispatcher()
            self._engine = None

    def _start(self, users: Sequence[SnmpUser]) -> None:
        self._engine = engine.SnmpEngine()
        self._transport = FedTransport(self._answer)
        self._transport.engines = Engines(self._engine, users)
        config.add_transport(self._engine, udp.DOMAIN_NAME, self._transport)
        self._engine.observer.register_observer(self._remember, "rfc3412.receiveMessage:request")
        ntfrcv.NotificationReceiver(self._engine, self._receive)

    def _read_v3(self, datagram: bytes, address: Address) -> Notification | None:
        if self._transport is None:
            raise RefusedError("user")
        self._received.clear()
        self._weak = False
        try:
            asks = self._transport.feed(datagram, address)
        except Exception as error:  # pysnmp: whatever a hostile datagram brings it to
            log.debug("pysnmp gave up on a datagram from %s", address[0], exc_info=error)
            raise RefusedError("malformed") from error
        if self._received:
            return self._received.pop()
        if asks:
            return None
        raise RefusedError("weak" if self._weak else "user")

    def _remember(
        self, _engine: object, _point: str, variables: dict[str, Any], _context: object
    ) -> None:
        # The engine calls this right before `_receive`.
        level = int(variables["securityLevel"])
        name = str(variables["securityName"]) if level == _AUTH_PRIV else ""
        self._sender = (str(variables["transportAddress"][0]), name)

    def _receive(self, *arguments: Any) -> None:
        # pysnmp hands over engine, state reference, context engine id and name, varbinds, context.
        varbinds: Sequence[tuple[Any, Any]] = arguments[4]
        source, user = self._sender
        if not user:
            self._weak = True
            return
        self._received.append(_notification(source, user, varbinds))


def _notification(source: str, user: str, varbinds: Sequence[tuple[Any, Any]]) -> Notification:
    values = tuple((str(oid), _value(value)) for oid, value in varbinds)
    trap_oid = next((str(value) for oid, value in values if oid == trapcodec.TRAP_OID), "")
    return Notification(source, trap_oid, values[: trapcodec.MAX_VARBINDS], user)


def _value(value: Any) -> SnmpValue:  # pysnmp ships no types
    """Return a varbind's value as the readers do: int, bytes, or dotted text."""
    if isinstance(value, rfc1902.IpAddress):
        return str(value.prettyPrint())
    if isinstance(value, rfc1902.OctetString | rfc1902.Opaque):
        return bytes(value)
    if isinstance(value, rfc1902.univ.ObjectIdentifier):
        return str(value)
    try:
        return int(value)
    except (TypeError, ValueError):
        return b""
