"""SNMPv3 with the user-based security model (RFC 3412, RFC 3414): messages of one session.

What we know of the agent's engine (its id, boots and time) belongs to this one address; two
agents that claim one engine id do not disturb each other. A report is never a value: it renews
what we know, and the request is made again, or it ends the call.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final

from hatang import clock
from hatang.drivers.snmp.ber import OCTET_STRING, SEQUENCE, integer, oid_octets, tlv
from hatang.drivers.snmp.ciphers import AesPrivacy, DesPrivacy
from hatang.drivers.snmp.codec import Column, Pdu, Secured, fold, read_scoped
from hatang.drivers.snmp.gaps import Gap
from hatang.drivers.snmp.keys import AUTH, localized, privacy_key, signer
from hatang.drivers.snmp.requests import get
from hatang.drivers.snmp.security import Dropped
from hatang.drivers.target import AuthProtocol, PrivProtocol
from hatang.errors import DriverError, Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from hatang.drivers.snmp.ciphers import Privacy
    from hatang.drivers.snmp.requests import Template
    from hatang.drivers.target import SnmpUser

_AUTH_FLAG: Final = 1
_PRIV_FLAG: Final = 2
_REPORTABLE: Final = 4
# RFC 3414 section 2.2.3.
_WINDOW_SECONDS: Final = 150
_LARGEST: Final = 2**31 - 1
# Version 3, and the header up to the four octets of the message id.
_START: Final = b"\x02\x01\x03\x30\x11\x02\x04"


def _header(flags: int) -> bytes:
    """Return the header after the id: as much as a datagram holds, flags, the security model."""
    return integer(65_507) + bytes((OCTET_STRING, 1, flags)) + integer(3)


_RESPONSE: Final = 0xA2
_DISCOVERY: Final = get(())
_EMPTY: Final = tlv(OCTET_STRING, b"")
_ASKING: Final = _header(_REPORTABLE)
_NOBODY: Final = _EMPTY + integer(0) + integer(0) + _EMPTY + _EMPTY + _EMPTY
_REPORTS: Final = oid_octets("1.3.6.1.6.3")
# usmStats, RFC 3414 section 5.
_STATS: Final = "15.1.1."
_TIME: Final = f"{_STATS}2.0"
_ENGINE: Final = f"{_STATS}4.0"
_REFUSALS: Final = {
    f"{_STATS}1.0": "the agent does not offer this user that security level",
    f"{_STATS}3.0": "the agent does not know this user",
    f"{_STATS}5.0": "the agent finds our authentication password wrong",
    f"{_STATS}6.0": "the agent cannot decrypt: the privacy password or protocol is wrong",
}


class UserSecurity:
    """Messages of one user to one agent."""

    def __init__(self, user: SnmpUser) -> None:
        self._user = user
        self._flags = 0
        if user.auth_protocol is not AuthProtocol.NONE:
            self._flags = _AUTH_FLAG
            if user.priv_protocol is not PrivProtocol.NONE:
                self._flags |= _PRIV_FLAG
        elif user.priv_protocol is not PrivProtocol.NONE:
            raise ValueError("SNMPv3 privacy needs authentication")
        self._name = tlv(OCTET_STRING, user.username.encode())
        self._header = _header(self._flags | _REPORTABLE)
        self._mac_size = AUTH[user.auth_protocol].mac if self._flags else 0
        self._mac = tlv(OCTET_STRING, bytes(self._mac_size))
        self._engine_id = b""
        self._doubted = True
        self._engine = self._context = b""
        self._told = -1, b""
        self._sign: Callable[[bytes], bytes] | None = None
        self._privacy: Privacy | None = None
        self._synced = False
        self._boots = 0
        self._time = 0
        self._at = 0.0

    def seal(self, template: Template, request_id: int) -> bytes:
        """Return the datagram that asks `template`, or, to an unknown engine, who it is."""
        number = request_id.to_bytes(4, "big")
        if self._doubted:
            scoped = tlv(SEQUENCE, _EMPTY + _EMPTY + _DISCOVERY.filled(request_id))
            return _message(number, _ASKING, _NOBODY, scoped)
        scoped = tlv(SEQUENCE, self._context + template.head + number + template.tail)
        time = self._now(clock.monotonic())
        salt = _EMPTY
        if self._privacy is not None:
            encrypted, octets = self._privacy.encrypt(scoped, self._boots, time)
            scoped = tlv(OCTET_STRING, encrypted)
            salt = b"\x04\x08" + octets
        if time != self._told[0]:
            self._told = time, integer(time) + self._name + self._mac
        security = self._engine + self._told[1] + salt
        message = _message(number, self._header, security, scoped)
        if self._sign is None:
            return message
        at = len(message) - len(scoped) - len(salt) - self._mac_size
        return message[:at] + self._sign(message) + message[at + self._mac_size :]

    def open(self, message: Pdu | Secured) -> Pdu | None:
        """Return the answer, None when a report told us something to ask anew with.

        Raises:
            Dropped: it is not to be believed.
            DecodeError: it is malformed.
            DriverError: AUTH_FAILED, the agent refuses this user; PROTOCOL_ERROR, any other report.
        """
        if not isinstance(message, Secured):
            raise Dropped(Gap(Reason.PROTOCOL_ERROR, "an answer in another version"))
        authentic = self._check(message)
        plain, at, end = message.data, message.at, message.end
        if message.flags & _PRIV_FLAG:
            if self._privacy is None or not authentic:
                raise Dropped(Gap(Reason.PROTOCOL_ERROR, "an encrypted answer without need"))
            plain = self._privacy.decrypt(
                message.data[at:end], message.boots, message.time, message.salt
            )
            at, end = 0, len(plain)
        pdu = read_scoped(plain, at, end)
        if pdu.tag != _RESPONSE:
            self._reported(_report(pdu), message, authentic=authentic)
            return None
        if message.flags & 3 != self._flags or message.engine_id != self._engine_id:
            raise Dropped(Gap(Reason.AUTH_FAILED, "an answer at another security level"))
        if authentic:
            now = clock.monotonic()
            self._check_time(message, now)
            self._synchronize(message, now)
        return pdu

    def silent(self) -> None:
        """Ask who the agent is before the next request: it may be another by then."""
        self._doubted = True

    def _check(self, message: Secured) -> bool:
        """Return whether the digest is right; a message without one is not authentic."""
        if not message.flags & _AUTH_FLAG:
            return False
        if self._sign is None or message.engine_id != self._engine_id:
            raise Dropped(Gap(Reason.AUTH_FAILED, "an answer of an engine that was not asked"))
        at, size = message.mac_at, message.mac_size
        if size != self._mac_size:
            raise Dropped(Gap(Reason.AUTH_FAILED, "an answer with a digest of another size"))
        data = message.data
        expected = self._sign(data[:at] + bytes(size) + data[at + size :])
        if not hmac.compare_digest(expected, data[at : at + size]):
            raise Dropped(Gap(Reason.AUTH_FAILED, "an answer with a wrong digest"))
        return True

    def _check_time(self, message: Secured, now: float) -> None:
        if not self._synced:
            return
        late = message.boots < self._boots or (
            message.boots == self._boots and message.time < self._now(now) - _WINDOW_SECONDS
        )
        if late or message.boots >= _LARGEST:
            raise Dropped(Gap(Reason.PROTOCOL_ERROR, "an answer outside the time window"))

    def _reported(self, report: str, message: Secured, *, authentic: bool) -> None:
        if message.engine_id != self._engine_id or report == _ENGINE:
            # Another engine answers than was asked, whatever it finds wrong with the request.
            if not 5 <= len(message.engine_id) <= 32:  # RFC 3411 section 5: SnmpEngineID
                raise DriverError("an engine id of an impossible size", Reason.PROTOCOL_ERROR)
            self._meet(message)
        elif report in _REFUSALS:
            raise DriverError(_REFUSALS[report], Reason.AUTH_FAILED)
        elif report == _TIME:
            # The digest covers the id of the very request we wait for: no replay of an old report
            # passes, so a clock set back (an agent that lost its boots) is believed as well.
            if not authentic and self._flags:
                raise Dropped(Gap(Reason.AUTH_FAILED, "a report on time without a digest"))
            self._synchronize(message, clock.monotonic())
        else:
            raise DriverError(f"the agent reports 1.3.6.1.6.3.{report}", Reason.PROTOCOL_ERROR)

    def _meet(self, message: Secured) -> None:
        if message.engine_id != self._engine_id:
            self._engine_id = message.engine_id
            self._context = tlv(OCTET_STRING, message.engine_id) + _EMPTY
            self._sign, self._privacy = _keys(self._user, message.engine_id, self._flags)
        self._synced = False
        self._synchronize(message, clock.monotonic())
        self._doubted = False
        self._synced = False  # nobody has signed this time yet

    def _synchronize(self, message: Secured, now: float) -> None:
        if not (0 <= message.boots <= _LARGEST and 0 <= message.time <= _LARGEST):
            raise Dropped(Gap(Reason.PROTOCOL_ERROR, "an impossible time"))
        if message.boots != self._boots or not self._synced:
            self._engine = tlv(OCTET_STRING, self._engine_id) + integer(message.boots)
        self._boots, self._time = message.boots, message.time
        self._at = now
        self._synced = True

    def _now(self, now: float) -> int:
        return min(_LARGEST, self._time + int(now - self._at))


def _keys(
    user: SnmpUser, engine_id: bytes, flags: int
) -> tuple[Callable[[bytes], bytes] | None, Privacy | None]:
    if not flags & _AUTH_FLAG:
        return None, None
    sign = signer(user.auth_protocol, localized(user.auth_protocol, user.auth_password, engine_id))
    if not flags & _PRIV_FLAG:
        return sign, None
    key = privacy_key(user.auth_protocol, user.priv_protocol, user.priv_password, engine_id)
    return sign, DesPrivacy(key) if user.priv_protocol is PrivProtocol.DES else AesPrivacy(key)


def _message(number: bytes, header: bytes, security: bytes, data: bytes) -> bytes:
    parameters = tlv(OCTET_STRING, tlv(SEQUENCE, security))
    return tlv(SEQUENCE, _START + number + header + parameters + data)


def _report(pdu: Pdu) -> str:
    """Return which report this is, as the rest of its identifier below snmpModules."""
    walk = Column("1.3.6.1.6.3", _REPORTS, 1)
    fold(pdu, [walk])
    return next(iter(walk.cells), "")
