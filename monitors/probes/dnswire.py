"""DNS messages: questions out, records in (RFC 1035; EDNS and DO by RFC 6891 and RFC 4035)."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass
from typing import Final

HEADER: Final = struct.Struct("!6H")
TYPES: Final = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "SRV": 33,
    "DS": 43,
    "RRSIG": 46,
    "DNSKEY": 48,
    "CAA": 257,
}
_RECURSION_DESIRED: Final = 0x0100
_AUTHENTIC: Final = 0x0020
_RESPONSE: Final = 0x8000
_TRUNCATED: Final = 0x0200
_EDNS_BYTES: Final = 1232  # what passes everywhere unfragmented (DNS flag day 2020)
_DO: Final = 0x8000
_MAX_RECORDS: Final = 500
_MAX_NAME: Final = 255


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the answer; `text` is its value as zone files write it."""

    kind: int
    ttl: int
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, as far as a probe needs it."""

    code: int
    is_authentic: bool
    is_truncated: bool
    answers: tuple[Record, ...]
    counts: tuple[int, int, int]

    def texts(self, kind: int) -> list[str]:
        """Return the values of the answers of one type."""
        return [record.text for record in self.answers if record.kind == kind]


def question(name: str, kind: int, number: int, *, secure: bool, recursive: bool = True) -> bytes:
    """Return a query; raises ValueError when `name` is no domain name."""
    flags = _RECURSION_DESIRED if recursive else 0
    flags |= _AUTHENTIC if secure else 0
    # A 512-byte answer is too small for signatures; without them no extension is needed.
    extra = b"\0" + struct.pack("!HHIH", 41, _EDNS_BYTES, _DO, 0) if secure else b""
    head = HEADER.pack(number, flags, 1, 0, 0, 1 if secure else 0)
    return head + packed(name) + struct.pack("!2H", kind, 1) + extra


def packed(name: str) -> bytes:
    """Return a name on the wire; raises ValueError when it is none."""
    labels = [_label(label) for label in name.rstrip(".").split(".")] if name.strip(".") else []
    if any(not 0 < len(label) < 64 for label in labels):
        raise ValueError(f"{name!r} is no domain name")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _label(label: str) -> bytes:
    # Service names begin with an underscore, which IDNA does not know.
    return label.encode("ascii") if label.isascii() else label.encode("idna")


def is_answer_to(data: bytes, asked: bytes) -> bool:
    """Return whether `data` answers exactly the question `asked`: number and question alike."""
    if len(data) < HEADER.size:
        return False
    number, flags, count, *_ = HEADER.unpack_from(data)
    if number != HEADER.unpack_from(asked)[0] or not flags & _RESPONSE:
        return False
    end = asked.index(b"\0", HEADER.size) + 5
    section = asked[HEADER.size : end]
    # Some servers leave the question out when they refuse.
    return count == 0 or data[HEADER.size : end].lower() == section.lower()


def parse(data: bytes) -> Reply:
    """Return what `data` says; raises ValueError for a message that is none."""
    try:
        return _parse(data)
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise ValueError("the message is cut short") from error


def _parse(data: bytes) -> Reply:
    _number, flags, questions, *counts = HEADER.unpack_from(data)
    at = HEADER.size
    for _ in range(questions):
        _, at = _name(data, at)
        at += 4
    answers = []
    for _ in range(min(counts[0], _MAX_RECORDS)):
        _, at = _name(data, at)
        kind, _class, ttl, length = struct.unpack_from("!HHIH", data, at)
        at += 10
        if at + length > len(data):
            raise ValueError("the message is cut short")
        answers.append(Record(kind, ttl, _text(data, at, kind, length)))
        at += length
    return Reply(
        flags & 0xF,
        bool(flags & _AUTHENTIC),
        bool(flags & _TRUNCATED),
        tuple(answers),
        (counts[0], counts[1], counts[2]),
    )


def _name(data: bytes, at: int) -> tuple[str, int]:
    """Return the name at `at` and where it ends; raises ValueError when pointers lead nowhere."""
    labels: list[str] = []
    end, before = -1, at + 1
    while (length := data[at]) != 0:
        if length >= 0xC0:
            target = (length & 0x3F) << 8 | data[at + 1]
            end = at + 2 if end < 0 else end
            if target >= before:  # pointers only lead back: then they end
                raise ValueError("a name that points at itself")
            at = before = target
            continue
        if length > 63:
            raise ValueError("a label that is none")
        labels.append(data[at + 1 : at + 1 + length].decode("ascii", "backslashreplace"))
        at += 1 + length
        if sum(map(len, labels)) > _MAX_NAME:
            raise ValueError("a name that is too long")
    return ".".join(labels) + ".", at + 1 if end < 0 else end


def _text(data: bytes, at: int, kind: int, length: int) -> str:
    raw = data[at : at + length]
    if kind in (TYPES["A"], TYPES["AAAA"]):
        return str(ipaddress.ip_address(raw))
    if kind in (TYPES["NS"], TYPES["CNAME"], TYPES["PTR"], TYPES["MX"]):
        before = 2 if kind == TYPES["MX"] else 0
        preference = f"{int.from_bytes(raw[:2], 'big')} " if before else ""
        return preference + _name(data, at + before)[0]
    if kind == TYPES["SOA"]:
        first, after = _name(data, at)
        second, after = _name(data, after)
        numbers = struct.unpack_from("!5I", data, after)
        return f"{first} {second} {' '.join(map(str, numbers))}"
    if kind == TYPES["TXT"]:
        return _strings(raw)
    if kind == TYPES["RRSIG"]:
        covered, expires = struct.unpack_from("!H", raw)[0], struct.unpack_from("!I", raw, 8)[0]
        return f"{covered} {expires}"
    return raw.hex()


def _strings(raw: bytes) -> str:
    found, at = [], 0
    while at < len(raw):
        found.append(raw[at + 1 : at + 1 + raw[at]])
        at += 1 + raw[at]
    return b"".join(found).decode("utf-8", "replace")
