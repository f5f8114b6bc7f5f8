"""Answers that are like the ones before: a hot loop, plain Python that a compiler may take.

Of an answer all but the values is its frame: names, types, and which row of which column each
variable is. Agents of a kind that are asked the same answer in the same frames, so those are held
once. An agent's own are numbers, all in one array, and the octets of what is no number.
What lies outside of a datagram raises IndexError, which means that it is not as before.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from hatang.drivers.snmp.ber import DecodeError, index_text
from hatang.drivers.snmp.codec import value_of

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Mapping

    from hatang.drivers.snmp.codec import Pdu
    from hatang.drivers.values import SnmpValue

# A compiler makes an octet-by-octet loop quick, and only a compiler.
_COMPILED = not __file__.endswith(".py")

Renewed = tuple[bytes, "dict[str, SnmpValue]"]
"""The name of a column, as octets, and where what differs of it is put."""

OTHER: Final = 0
"""The answer has another frame."""
SAME: Final = 1
"""The answer has the same frame, and numbers alone may differ."""
RENEWED: Final = 2
"""The answer has the same frame, and something else than numbers differs too."""


class Frame(NamedTuple):
    """`names` are, of each variable, tag, length and octets of the name, and the value's type.

    The variables belong to `columns` in turn. Each of those stands at the row `bases` before the
    answer, and has `counts` rows in it: what comes then is another column's.
    """

    names: bytes
    columns: tuple[int, ...]
    bases: tuple[int, ...]
    counts: tuple[int, ...]


def framed(pdu: Pdu, prefixes: list[bytes], columns: list[int], bases: list[int]) -> Frame | None:
    """Return the frame of the variables in `pdu`, None where it is none that can be compared.

    They belong to `columns` in turn, whose names begin with `prefixes`, and each of which stands
    at a row of `bases`.
    """
    try:
        return _framed(pdu, prefixes, columns, bases)
    except IndexError:
        return None


def _framed(pdu: Pdu, prefixes: list[bytes], columns: list[int], bases: list[int]) -> Frame | None:
    data, at, end = pdu.data, pdu.at, pdu.end
    names = bytearray()
    counts = [0 for _ in prefixes]
    ended: set[int] = set()
    place = 0
    while at < end:
        stop = at + 2 + data[at + 1]
        value_at = at + 4 + data[at + 3]
        if data[at] != 0x30 or data[at + 1] >= 0x80 or data[at + 2] != 0x06 or stop > end:
            return None
        if value_at + 2 + data[value_at + 1] != stop:
            return None
        names += data[at + 2 : value_at + 1]
        name, prefix, tag = data[at + 4 : value_at], prefixes[place], data[value_at]
        if place in ended or tag == 0x82 or name == prefix or not name.startswith(prefix):
            ended.add(place)
        elif tag in (0x05, 0x80, 0x81):  # a row without a value
            return None
        else:
            counts[place] += 1
        place = (place + 1) % len(prefixes)
        at = stop
    return _shared(Frame(bytes(names), tuple(columns), tuple(bases), tuple(counts)))


@lru_cache(maxsize=4096)
def _shared(frame: Frame) -> Frame:
    """Return the one frame of those that are equal."""
    return frame


class Store(NamedTuple):
    """What an agent told last that is a number: those of the columns whose `kinds` is 1.

    `starts` is where in `numbers` each of them begins.
    """

    kinds: bytes
    starts: tuple[int, ...]
    numbers: array[int]


class Fresh(NamedTuple):
    """Takes numbers that differ, a copy of the known ones; `changed` gets a 1 for their columns."""

    numbers: array[int]
    changed: bytearray


def compare(pdu: Pdu, frame: Frame, texts: bytes, store: Store, fresh: Fresh) -> int:
    """Return whether the variables of `pdu` have `frame`: OTHER, SAME or RENEWED.

    `texts` and `store` are what was told last. Numbers that differ go into `fresh`.
    """
    try:
        return _compare(pdu, frame, texts, store, fresh)
    except IndexError:
        return OTHER


def _compare(  # noqa: C901, PLR0912, PLR0915 - one loop: a call for each of 300 variables costs most
    pdu: Pdu, frame: Frame, texts: bytes, store: Store, fresh: Fresh
) -> int:
    data, at, end = pdu.data, pdu.at, pdu.end
    names, columns, bases, counts = frame
    kinds, starts, old = store
    new, changed = fresh
    width = len(columns)
    found = SAME
    place = 0
    row = 0
    name_at = 0
    text_at = 0
    while at < end:
        size = data[at + 1]
        stop = at + 2 + size
        named = data[at + 3] + 3
        value_at = at + 1 + named
        if data[at] != 0x30 or size >= 0x80 or stop > end:
            return OTHER
        if value_at + 2 + data[value_at + 1] != stop:
            return OTHER
        if not _equal(data, at + 2, names, name_at, named):
            return OTHER
        name_at += named
        count = counts[place]
        if row < count:
            column = columns[place]
            if kinds[column] == 1:
                tag = data[value_at]
                at = value_at + 2
                size = stop - at
                limit = 8 if tag in (0x02, 0x46) else 4
                if size < 1 or size > limit + 1 or (tag == 0x02 and data[at] >= 0x80):
                    return OTHER
                if size > limit and (tag == 0x02 or data[at] != 0):
                    return OTHER
                if _COMPILED:
                    value = 0
                    while at < stop:
                        value = value << 8 | data[at]
                        at += 1
                else:
                    value = int.from_bytes(data[at:stop], "big")
                start = starts[column]
                base = bases[place]
                cell = start + base + row
                if old[cell] != value:
                    new[cell] = value
                    changed[column] = 1
            else:
                if not _equal(data, value_at + 1, texts, text_at, stop - value_at - 1):
                    found = RENEWED
                text_at += texts[text_at] + 1
        place += 1
        if place == width:
            place = 0
            row += 1
        at = stop
    return found if at == end and name_at == len(names) else OTHER


def _equal(data: bytes, at: int, old: bytes, was: int, size: int) -> bool:
    if _COMPILED:
        same: bool = _same_octets(data, at, old, was, size)  # type: ignore[name-defined] # noqa: F821 - frames.pxd
        return same
    return data[at : at + size] == old[was : was + size]


def texts_of(pdu: Pdu, frame: Frame, kinds: bytes) -> bytes:
    """Return lengths and octets of the values that are no numbers, of an answer of `frame`."""
    found = b"".join(
        pdu.data[value_at + 1 : stop]
        for column, _, value_at, stop in _variables(pdu, frame)
        if kinds[column] != 1
    )
    return _same_texts(found)


@lru_cache(maxsize=4096)
def _same_texts(texts: bytes) -> bytes:
    """Return the one object of those that are equal: devices of a kind name their ports alike."""
    return texts


def gather(
    pdu: Pdu, frame: Frame, texts: bytes, kinds: bytes, renewed: Mapping[int, Renewed]
) -> bool:
    """Put what differs and is no number into `renewed`; return False where it has no value.

    What `compare` found RENEWED is gathered so.
    """
    data, text_at = pdu.data, 0
    for column, name_at, value_at, stop in _variables(pdu, frame):
        if kinds[column] == 1:
            continue
        text_stop = text_at + 1 + texts[text_at]
        if data[value_at + 1 : stop] != texts[text_at:text_stop]:
            try:
                value = value_of(data, data[value_at], value_at + 2, stop)
            except DecodeError:
                return False
            if value is None:
                return False
            prefix, cells = renewed[column]
            cells[index_text(data[name_at + len(prefix) : value_at])] = value
        text_at = text_stop
    return True


def _variables(pdu: Pdu, frame: Frame) -> Iterator[tuple[int, int, int, int]]:
    """Yield of each row its column, where its name and value begin, and where it ends."""
    data, at = pdu.data, pdu.at
    place = row = 0
    while at < pdu.end:
        stop = at + 2 + data[at + 1]
        if row < frame.counts[place]:
            yield frame.columns[place], at + 4, at + 4 + data[at + 3], stop
        place += 1
        if place == len(frame.columns):
            place = 0
            row += 1
        at = stop
