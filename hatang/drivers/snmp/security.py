"""How a PDU becomes a message and back; clear text here, version 3 in `usm`."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from hatang.drivers.snmp.ber import OCTET_STRING, SEQUENCE, integer, tlv
from hatang.drivers.snmp.codec import Pdu, Secured
from hatang.drivers.snmp.gaps import Gap
from hatang.drivers.snmp.requests import Template
from hatang.errors import Reason

if TYPE_CHECKING:
    from hatang.drivers.target import SnmpCommunity


class Dropped(Exception):  # noqa: N818 - no failure: a datagram that is not the answer
    """A datagram that is not taken for an answer; the wait goes on.

    `gap` is why the call failed, should no answer follow.
    """

    def __init__(self, gap: Gap) -> None:
        super().__init__(gap.detail)
        self.gap = gap


class Security(Protocol):
    """Makes and opens the messages of one session."""

    def seal(self, template: Template, request_id: int) -> bytes:
        """Return the datagram that asks `template`."""
        ...

    def open(self, message: Pdu | Secured) -> Pdu | None:
        """Return the answer, None when the request must be made again at once.

        Raises:
            Dropped: this is no answer.
            DecodeError: it is malformed.
            DriverError: the agent will never answer.
        """
        ...

    def silent(self) -> None:
        """Take note that no answer came to all tries."""
        ...


class Community:
    """Clear text with a community (RFC 1901, RFC 1157); `version` 0 is v1 and 1 is v2c."""

    def __init__(self, login: SnmpCommunity) -> None:
        self._version = 0 if login.version == "1" else 1
        self._community = login.community.encode()

    def seal(self, template: Template, request_id: int) -> bytes:
        """Return the datagram that asks `template`."""
        return _framed(self._version, self._community, template).filled(request_id)

    def open(self, message: Pdu | Secured) -> Pdu | None:
        """Return the answer; raises Dropped for another version."""
        if not isinstance(message, Pdu) or message.version != self._version or message.tag != 0xA2:
            raise Dropped(Gap(Reason.PROTOCOL_ERROR, "an answer in another version"))
        return message

    def silent(self) -> None:
        """There is nothing to forget."""


@lru_cache(maxsize=4096)
def _framed(version: int, community: bytes, template: Template) -> Template:
    whole = template.filled(0)
    message = tlv(SEQUENCE, integer(version) + tlv(OCTET_STRING, community) + whole)
    cut = len(message) - len(template.tail)
    return Template(message[: cut - 4], message[cut:])
