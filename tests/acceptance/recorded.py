"""Agents that answer from recordings (.snmprec) on loopback, over v2c, as RFC 3416 says."""

from __future__ import annotations

import re
import socket
import threading
from bisect import bisect_right
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pyasn1.codec.ber import decoder, encoder  # type: ignore[import-untyped]  # ships no types
from pyasn1.type import univ  # type: ignore[import-untyped]  # ships no types
from pysnmp.proto import rfc1905
from pysnmp.proto.api import v2c

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COMMUNITY = "recorded"
MOST = 1400  # octets of values in an answer, so that it fits into an Ethernet frame
ESCAPE = re.compile(rb"\\(x[0-9a-fA-F]{2}|.)")
ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"0": b"\0"}
Name = tuple[int, ...]


@dataclass
class Recorded:
    """A recording's values in order."""

    values: dict[Name, Any]

    def __post_init__(self) -> None:
        self.names = sorted(self.values)

    @classmethod
    def read(cls, path: Path) -> Recorded:
        """Return what stands in `path`; a line that holds no value of SNMP's is left out."""
        found: dict[Name, Any] = {}
        for line in path.read_bytes().decode("utf-8", "surrogateescape").splitlines():
            oid, _, rest = line.partition("|")
            tag, _, text = rest.partition("|")
            value = _value(tag, text) if re.fullmatch(r"\.?[0-9.]+", oid) else None
            if value is not None:
                found[tuple(int(part) for part in oid.strip(".").split("."))] = value
        return cls(found)

    def answer(self, asked: bytes) -> bytes:
        """Return the answer to a GET, GETNEXT or GETBULK."""
        message, _ = decoder.decode(asked, asn1Spec=v2c.Message())
        pdu = v2c.apiMessage.get_pdu(message)
        names = [tuple(name) for name, _ in v2c.apiPDU.get_varbinds(pdu)]
        if isinstance(pdu, v2c.GetRequestPDU):
            found = [(name, self.values.get(name, rfc1905.noSuchInstance)) for name in names]
        elif isinstance(pdu, v2c.GetNextRequestPDU):
            found = self._row(names)
        else:
            found = self._rows(names, int(pdu[1]), int(pdu[2]))
        reply = v2c.ResponsePDU()
        v2c.apiPDU.set_defaults(reply)
        v2c.apiPDU.set_request_id(reply, v2c.apiPDU.get_request_id(pdu))
        v2c.apiPDU.set_varbinds(reply, [(univ.ObjectIdentifier(n), v) for n, v in found])
        v2c.apiMessage.set_pdu(message, reply)
        return bytes(encoder.encode(message))

    def _row(self, names: list[Name]) -> list[tuple[Name, Any]]:
        places = [bisect_right(self.names, name) for name in names]
        return [
            (self.names[at], self.values[self.names[at]])
            if at < len(self.names)
            else (name, rfc1905.endOfMibView)
            for at, name in zip(places, names, strict=True)
        ]

    def _rows(self, names: list[Name], single: int, repetitions: int) -> list[tuple[Name, Any]]:
        found = self._row(names[:single])
        cursors = names[single:]
        size = 0
        for _ in range(repetitions):
            row = self._row(cursors)
            size += sum(len(name) * 2 + 8 + len(encoder.encode(value)) for name, value in row)
            if size > MOST and found:
                break
            found += row
            cursors = [name for name, _ in row]
        return found


def _value(tag: str, text: str) -> Any:
    raw = text.encode("utf-8", "surrogateescape")
    kind = tag.rstrip("xe")
    if tag.endswith("e"):
        raw = ESCAPE.sub(_unescape, raw)
    try:
        if tag.endswith("x"):
            raw = bytes.fromhex(text)
        made = KINDS.get(kind)
        return None if made is None else made(raw)
    except ValueError:
        return None


def _unescape(match: re.Match[bytes]) -> bytes:
    code = match[1]
    if code.startswith(b"x") and len(code) == 3:
        return bytes([int(code[1:], 16)])
    return ESCAPED.get(code, code)


KINDS = {
    "2": lambda raw: v2c.Integer(int(raw)),
    "4": v2c.OctetString,
    "6": lambda raw: v2c.ObjectIdentifier(raw.decode().strip(".")),
    "64": lambda raw: v2c.IpAddress(raw.decode() if b"." in raw else raw),
    "65": lambda raw: v2c.Counter32(int(raw)),
    "66": lambda raw: v2c.Gauge32(int(raw)),
    "67": lambda raw: v2c.TimeTicks(int(raw)),
    "68": v2c.Opaque,
    "70": lambda raw: v2c.Counter64(int(raw)),
}


@contextmanager
def serving(recorded: Recorded, address: str = "127.0.0.1") -> Iterator[int]:
    """Let the recording answer at `address`, and yield the UDP port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 0))
        ended = threading.Event()
        sock.settimeout(0.2)
        thread = threading.Thread(target=_serve, args=(sock, recorded, ended), daemon=True)
        thread.start()
        try:
            yield sock.getsockname()[1]
        finally:
            ended.set()
            thread.join()


def _serve(sock: socket.socket, recorded: Recorded, ended: threading.Event) -> None:
    while not ended.is_set():
        try:
            asked, peer = sock.recvfrom(65_536)
        except TimeoutError:
            continue
        except OSError:
            return
        sock.sendto(recorded.answer(asked), peer)
