"""Ask many addresses for an echo at once (RFC 792), from this host and in-band."""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ECHO_REQUEST, ECHO_REPLY = 8, 0
MISSING_SHOWN = 8


def checksum(packet: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    if len(packet) % 2:
        packet += b"\0"
    total: int = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


def echo_request(identifier: int, sequence: int) -> bytes:
    """Return one echo request."""
    header = struct.pack("!BBHHH", ECHO_REQUEST, 0, 0, identifier, sequence)
    return struct.pack("!BBHHH", ECHO_REQUEST, 0, checksum(header), identifier, sequence)


def answering(addresses: Iterable[str], seconds: float) -> set[str]:
    """Return those that answered one echo within this time."""
    missing = set(addresses)
    alive: set[str] = set()
    identifier = os.getpid() & 0xFFFF
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as probe:
        probe.settimeout(0)
        for address in missing:
            try:
                probe.sendto(echo_request(identifier, 1), (address, 0))
            except OSError:
                continue
        deadline = time.monotonic() + seconds
        while missing - alive and (left := deadline - time.monotonic()) > 0:
            if not select.select([probe], [], [], left)[0]:
                break
            packet, sender = probe.recvfrom(2048)
            body = packet[(packet[0] & 0x0F) * 4 :]
            if body[0] == ECHO_REPLY and body[4:6] == struct.pack("!H", identifier):
                alive.add(sender[0])
    return alive & missing


def wait_for_all(addresses: Iterable[str], seconds: float) -> set[str]:
    """Return the addresses that never answered before the deadline (empty is good)."""
    missing = set(addresses)
    deadline = time.monotonic() + seconds
    while missing and time.monotonic() < deadline:
        missing -= answering(missing, 0.5)
    return missing
