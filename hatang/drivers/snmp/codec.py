"""Reading responses: the hot loops, plain typed Python that a compiler may take (codec.pxd).

Both forms do the same and raise DecodeError alone. Every octet is fetched with its bounds
checked; what lies outside raises IndexError, which becomes a DecodeError at the edge.
Sources: RFC 1157, RFC 3416 (PDUs), RFC 3412 and RFC 3414 (version 3), X.690 (BER).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hatang.drivers.snmp.ber import DecodeError, arcs_of, index_text
from hatang.drivers.snmp.rare import rare

if TYPE_CHECKING:
    from hatang.drivers.snmp.gaps import Gap
    from hatang.drivers.snmp.packed import Cells
    from hatang.drivers.values import SnmpValue

# A compiler makes an octet-by-octet loop quick, and only a compiler.
_COMPILED = not __file__.endswith(".py")


class Column:
    """One column of a table: cells by index (the OID's rest, dotted), in the agent's order.

    `kind` is the type of the first cell, a `Kind`, and `mixed` says that another cell had
    another. With a `gap`, set at the end, the cells are those read before it: good, but not all.
    The rest is for the walk: `last` is the row it stands at, `done` whether the column has ended,
    and `fault` what was wrong with it.
    """

    def __init__(self, column: str, prefix: bytes, rows: int) -> None:
        self.column = column
        self.prefix = prefix
        self.rows = rows
        self.cells: Cells = {}
        self.last = b""
        self.kind = 0
        self.mixed = False
        self.done = False
        self.fault = ""
        self.gap: Gap | None = None


class Pdu:
    """What stands before the variables of a PDU, and where in `data` they are.

    `version` is 0 for v1, 1 for v2c and 3 for v3, `id` the request id.
    """

    def __init__(self, version: int, data: bytes) -> None:
        self.version = version
        self.data = data
        self.tag = 0
        self.id = 0
        self.status = 0
        self.index = 0
        self.at = 0
        self.end = 0


class Secured:
    """A version 3 message taken apart (RFC 3412 section 6, RFC 3414 section 2.4).

    `id` is the message id; `at` and `end` bound the scoped PDU, or what encrypts it.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.id = 0
        self.flags = 0
        self.engine_id = b""
        self.boots = 0
        self.time = 0
        self.user = b""
        self.mac_at = 0
        self.mac_size = 0
        self.salt = b""
        self.at = 0
        self.end = 0


def read(data: bytes) -> Pdu | Secured:
    """Return the PDU of a v1 or v2c message, or a v3 message taken apart; raises DecodeError."""
    try:
        at, end = _enter(data, 0, len(data), 0x30)
        if end != len(data):
            raise DecodeError("message and datagram differ in length")
        stop = _stop(data, at, end, 0x02)
        version = _number(data, _content(data, at), stop)
        if version == 3:
            return _read_secured(data, stop, end)
        if version not in (0, 1):
            raise DecodeError(f"version {version} is not known")
        return _read_pdu(version, data, _stop(data, stop, end, 0x04), end)
    except IndexError:
        raise DecodeError("cut message") from None


def read_scoped(data: bytes, at: int, end: int) -> Pdu:
    """Return the PDU of the scoped PDU at `at`; padding may follow it; raises DecodeError."""
    try:
        at, end = _enter(data, at, end, 0x30)
        at = _stop(data, at, end, 0x04)
        at = _stop(data, at, end, 0x04)
        return _read_pdu(3, data, at, end)
    except IndexError:
        raise DecodeError("cut scoped PDU") from None


def _read_secured(data: bytes, at: int, end: int) -> Secured:
    found = Secured(data)
    inner, at = _enter(data, at, end, 0x30)
    stop = _stop(data, inner, at, 0x02)
    found.id = _number(data, _content(data, inner), stop)
    inner = _stop(data, stop, at, 0x02)
    stop = _stop(data, inner, at, 0x04)
    if stop - _content(data, inner) != 1:
        raise DecodeError("message flags are not one octet")
    found.flags = data[stop - 1]
    inner, at = _enter(data, at, end, 0x04)
    inner, stop = _enter(data, inner, at, 0x30)
    _read_usm(data, inner, stop, found)
    tag = data[at]
    if _stop(data, at, end, tag) != end:
        raise DecodeError("something stands after the data of the message")
    encrypted = tag == 0x04
    if encrypted != (found.flags & 2 == 2):
        raise DecodeError("flags and data disagree on encryption")
    found.at = _content(data, at) if encrypted else at
    found.end = end
    return found


def _read_usm(data: bytes, at: int, end: int, found: Secured) -> None:
    stop = _stop(data, at, end, 0x04)
    found.engine_id = data[_content(data, at) : stop]
    at = stop
    stop = _stop(data, at, end, 0x02)
    found.boots = _number(data, _content(data, at), stop)
    at = stop
    stop = _stop(data, at, end, 0x02)
    found.time = _number(data, _content(data, at), stop)
    at = stop
    stop = _stop(data, at, end, 0x04)
    found.user = data[_content(data, at) : stop]
    at = stop
    stop = _stop(data, at, end, 0x04)
    found.mac_at = _content(data, at)
    found.mac_size = stop - found.mac_at
    at = stop
    stop = _stop(data, at, end, 0x04)
    found.salt = data[_content(data, at) : stop]


def _read_pdu(version: int, data: bytes, at: int, end: int) -> Pdu:
    found = Pdu(version, data)
    found.tag = data[at]
    if found.tag not in (0xA2, 0xA8):
        raise DecodeError("neither a response nor a report")
    at, end = _enter(data, at, end, found.tag)
    stop = _stop(data, at, end, 0x02)
    found.id = _number(data, _content(data, at), stop)
    at = stop
    stop = _stop(data, at, end, 0x02)
    found.status = _number(data, _content(data, at), stop)
    at = stop
    stop = _stop(data, at, end, 0x02)
    found.index = _number(data, _content(data, at), stop)
    found.at, found.end = _enter(data, stop, end, 0x30)
    return found


def take(pdu: Pdu, oids: list[bytes], names: list[str], into: dict[str, SnmpValue]) -> int:
    """Put the values of the first variables into `into`, return how many, and step behind them.

    A variable counts only if it is the one asked for at that place; one without a value, or
    with another identifier, is absent. Raises DecodeError.
    """
    try:
        return _take(pdu, oids, names, into)
    except IndexError:
        raise DecodeError("cut variable") from None


def _take(pdu: Pdu, oids: list[bytes], names: list[str], into: dict[str, SnmpValue]) -> int:
    data = pdu.data
    at = pdu.at
    end = pdu.end
    place = 0
    count = len(oids)
    while place < count and at < end:
        at, stop = _enter(data, at, end, 0x30)
        value_at = _stop(data, at, stop, 0x06)
        name_at = _content(data, at)
        tag = data[value_at]
        if _stop(data, value_at, stop, tag) != stop:
            raise DecodeError("something stands after the value of a variable")
        at = stop
        if data[name_at:value_at] == oids[place]:
            value = value_of(data, tag, _content(data, value_at), stop)
            if value is not None:
                into[names[place]] = value
        place += 1
    pdu.at = at
    return place


def begun(columns: list[tuple[str, bytes]], rows: int) -> list[Column]:
    """Return a walk for each name with its octets, none of which may have more than `rows`."""
    return [Column(column, prefix, rows) for column, prefix in columns]


def standing(walks: list[Column]) -> list[Column]:
    """Return the walks that have not ended: the same list when none has."""
    for walk in walks:
        if walk.done:
            return [each for each in walks if not each.done]
    return walks


def shared_row(walks: list[Column]) -> bytes | None:
    """Return the row at which all walks stand, None when they stand at several."""
    row = walks[0].last
    for walk in walks:
        if walk.last is not row and walk.last != row:
            return None
    return row


def fold(pdu: Pdu, walks: list[Column]) -> int:
    """Give the variables that are left to `walks`, in turn, and return how many there were.

    A column ends where an identifier of another one stands. Identifiers must increase within a
    column; one that does not, a row too many, or a value of no known form ends that column with
    a fault and leaves the others alone. Raises DecodeError; cells taken before it are kept.
    """
    try:
        return _fold(pdu.data, pdu.at, pdu.end, walks)
    except IndexError:
        raise DecodeError("cut variable") from None


def _fold(  # noqa: C901, PLR0912, PLR0915 - one loop: a call for each of 300 variables would cost a third
    data: bytes, at: int, end: int, walks: list[Column]
) -> int:
    columns = len(walks)
    place = 0
    count = 0
    index = b""
    before = b""
    text = ""
    while at < end:
        size = data[at + 1]
        name_at = at + 4
        if size < 0x80 and data[at] == 0x30 and data[at + 2] == 0x06:  # as nearly all are
            value_at = name_at + data[at + 3]
            content_at = value_at + 2
            at += 2 + size
            if at > end or content_at + data[value_at + 1] != at:
                raise DecodeError("a variable and its parts differ in length")
        else:
            name_at, value_at, content_at, at = _span(data, at, end)
        walk = walks[place]
        place = place + 1 if place + 1 < columns else 0
        count += 1
        if walk.done:
            continue
        row_at = name_at + len(walk.prefix)
        tag = data[value_at]
        if not _is_row(data, name_at, value_at, walk.prefix):
            walk.done = True
            continue
        # Columns that stand at the same row are compared and told once.
        if walk.last is not before or not _is(data, row_at, value_at, index):
            index = data[row_at:value_at]
            text = index_text(index)
            before = walk.last
            if not _follows(walk, index, text):
                continue
        walk.last = index
        if tag != walk.kind:
            _note(walk, tag)
        try:
            value = value_of(data, tag, content_at, at)
            if value is not None:
                walk.cells[text] = value  # type: ignore[index] # a walk fills a dictionary
        except DecodeError as error:
            walk.fault = walk.fault or f"{error} at {walk.column}.{text}"
    for walk in walks:
        if len(walk.cells) > walk.rows:
            _cap(walk)
    return count


def _is_row(data: bytes, name_at: int, value_at: int, prefix: bytes) -> bool:
    if name_at + len(prefix) >= value_at or data[value_at] == 0x82:
        return False
    return _equal(data, name_at, prefix, 0, len(prefix))


def _equal(data: bytes, at: int, old: bytes, was: int, size: int) -> bool:
    if not _COMPILED:
        return data[at : at + size] == old[was : was + size]
    place = 0
    while place < size and data[at + place] == old[was + place]:
        place += 1
    return place == size


def _span(data: bytes, at: int, end: int) -> tuple[int, int, int, int]:
    """Return where name, value, and the value's content start in a variable, and its end."""
    stop = _stop(data, at, end, 0x30)
    name = _content(data, at)
    value_at = _stop(data, name, stop, 0x06)
    if _stop(data, value_at, stop, data[value_at]) != stop:
        raise DecodeError("a variable and its parts differ in length")
    return _content(data, name), value_at, _content(data, value_at), stop


def _is(data: bytes, at: int, stop: int, index: bytes) -> bool:
    size = stop - at
    return size == len(index) and _equal(data, at, index, 0, size)


def _follows(walk: Column, index: bytes, text: str) -> bool:
    if _after(index, walk.last):
        return True
    walk.done = True
    walk.fault = f"identifiers do not increase at {walk.column}.{text}"
    return False


def _cap(walk: Column) -> None:
    for text in list(walk.cells)[walk.rows :]:
        del walk.cells[text]  # type: ignore[union-attr] # likewise
    walk.done = True
    walk.fault = f"more than {walk.rows} rows"


def _after(index: bytes, last: bytes) -> bool:
    # Octets order as arcs do while all arcs are below 128; a longer arc may begin with a smaller
    # octet than a shorter one (16384 is 81 80 00, 256 is 82 00).
    if index.isascii() and last.isascii():
        return index > last
    return arcs_of(index) > arcs_of(last)


def _note(walk: Column, tag: int) -> None:
    if walk.kind == 0:
        walk.kind = tag
    elif tag < 0x80:
        walk.mixed = True


def value_of(data: bytes, tag: int, at: int, stop: int) -> SnmpValue | None:
    """Return the value between `at` and `stop`, None where there is none; raises DecodeError."""
    if tag == 0x04:
        return data[at:stop]
    if tag == 0x02:
        if not 0 < stop - at <= 8:
            raise DecodeError("an INTEGER of an impossible size")
        return _signed(data, at, stop)
    if tag == 0x46:
        size = stop - at
        # Agents that forget the leading zero octet mean the unsigned number all the same.
        if not 0 < size <= 9 or (size == 9 and data[at] != 0):
            raise DecodeError("a Counter64 of an impossible size")
        return _unsigned(data, at, stop)
    if 0x41 <= tag <= 0x43 or tag == 0x47:
        size = stop - at
        if not 0 < size <= 5 or (size == 5 and data[at] != 0):
            raise DecodeError("a number of 32 bits of an impossible size")
        return _unsigned(data, at, stop)
    return rare(tag, data[at:stop])


def _unsigned(data: bytes, at: int, stop: int) -> int:
    if not _COMPILED:
        return int.from_bytes(data[at:stop], "big")
    value = 0
    while at < stop:
        value = value << 8 | data[at]
        at += 1
    return value


def _signed(data: bytes, at: int, stop: int) -> int:
    if not _COMPILED:
        return int.from_bytes(data[at:stop], "big", signed=True)
    value = -1 if data[at] >= 0x80 else 0
    while at < stop:
        value = value << 8 | data[at]
        at += 1
    return value


def _number(data: bytes, at: int, stop: int) -> int:
    if stop - at < 1 or stop - at > 8:
        raise DecodeError("a number of an impossible size")
    return _signed(data, at, stop)


def _enter(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Return where the content of the element at `at` starts and where it ends."""
    stop = _stop(data, at, end, tag)
    return _content(data, at), stop


def _stop(data: bytes, at: int, end: int, tag: int) -> int:
    """Return where the element at `at` ends; it must have `tag` and end by `end`."""
    if data[at] != tag:
        raise DecodeError(f"tag {data[at]:#04x} where {tag:#04x} should stand")
    size = data[at + 1]
    if size < 0x80:
        stop = at + 2 + size
    else:
        size, at = _long(data, at + 1)
        stop = at + size
    if stop > end:
        raise DecodeError("an element reaches beyond its container")
    return stop


def _content(data: bytes, at: int) -> int:
    """Return where the content of the element at `at` starts; its length was checked."""
    size = data[at + 1]
    return at + 2 if size < 0x80 else at + 2 + (size & 0x7F)


def _long(data: bytes, at: int) -> tuple[int, int]:
    """Return the long length at `at` and where the content starts."""
    octets = data[at] & 0x7F
    if octets < 1 or octets > 4:
        raise DecodeError("a length of an impossible size")
    size = 0
    for place in range(at + 1, at + 1 + octets):
        size = size << 8 | data[place]
    return size, at + 1 + octets
