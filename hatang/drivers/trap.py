"""Receives SNMPv3 traps and informs (pysnmp), authenticated and decrypted.

pysnmp stands here and not on the polling path: a notification now and then may cost 50 ms, ten
thousand polls may not.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Final

from pysnmp.carrier.asyncio.dgram import udp
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv
from pysnmp.proto import rfc1902

from hatang.drivers.protocols import Notification
from hatang.drivers.trapengines import Engines, LearningTransport
from hatang.errors import SettingsError
from hatang.log import get_logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hatang.drivers.protocols import SnmpValue
    from hatang.drivers.target import SnmpUser

log = get_logger(__name__)

# SNMPv2-MIB::snmpTrapOID.0 (RFC 3418).
_TRAP_OID: Final = "1.3.6.1.6.3.1.1.4.1.0"
# SnmpSecurityLevel authPriv (RFC 3411 section 5).
_AUTH_PRIV: Final = 3
_RECEIVE_BUFFER_BYTES: Final = 4 * 1024 * 1024


class TrapReceiver:
    """Listens on one UDP port and hands every good notification to `handler`.

    `handler` runs in the event loop and must return at once. A message of an unknown user, with a
    wrong key, or below authPriv is dropped by the engine, and counted by it.
    """

    def __init__(self, users: Sequence[SnmpUser], handler: Callable[[Notification], None]) -> None:
        self._users = tuple(users)
        self._handler = handler
        self._engine: Any = None
        self._sender: tuple[str, str] = ("", "")

    async def start(self, host: str, port: int) -> int:
        """Listen on `host`:`port` and return the port (the one chosen when `port` is 0).

        Raises:
            SettingsError: the address cannot be bound.
        """
        sock = _bound(host, port)
        self._engine = engine.SnmpEngine()
        transport = LearningTransport(loop=asyncio.get_running_loop())
        transport.engines = Engines(self._engine, self._users)
        config.add_transport(self._engine, udp.DOMAIN_NAME, transport.open_server_mode(sock=sock))
        self._engine.observer.register_observer(self._remember, "rfc3412.receiveMessage:request")
        ntfrcv.NotificationReceiver(self._engine, self._receive)
        await asyncio.sleep(0)  # the endpoint's task starts reading
        return int(sock.getsockname()[1])

    async def close(self) -> None:
        """Stop listening."""
        if self._engine is not None:
            self._engine.close_dispatcher()
            self._engine = None
            await asyncio.sleep(0)  # the cancelled tasks end

    def _remember(
        self, _engine: object, _point: str, variables: dict[str, Any], _context: object
    ) -> None:
        # The engine calls this right before `_receive`, in the same turn of the loop.
        level = int(variables["securityLevel"])
        name = str(variables["securityName"]) if level == _AUTH_PRIV else ""
        self._sender = (str(variables["transportAddress"][0]), name)

    def _receive(self, *arguments: Any) -> None:
        # pysnmp hands over engine, state reference, context engine id and name, varbinds, context.
        varbinds: Sequence[tuple[Any, Any]] = arguments[4]
        source, user = self._sender
        if not user:
            log.warning("dropped a notification from %s that was not encrypted", source)
            return
        try:
            self._handler(_notification(source, user, varbinds))
        except Exception:
            log.exception("the handler of a notification from %s failed", source)


def _notification(source: str, user: str, varbinds: Sequence[tuple[Any, Any]]) -> Notification:
    values = tuple((str(oid), _value(value)) for oid, value in varbinds)
    trap_oid = next((str(value) for oid, value in values if oid == _TRAP_OID), "")
    return Notification(source, trap_oid, values, user)


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


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        sock.settimeout(0)
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise SettingsError(
            f"cannot listen for SNMP notifications on {host}:{port}: {error.strerror}",
            fix="Choose a free port, or grant CAP_NET_BIND_SERVICE for port 162.",
        ) from error
    return sock
