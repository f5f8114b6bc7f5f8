"""Reading responses: every type, every way to break one, in both forms of the decoder."""

from __future__ import annotations

import random
import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hatang.drivers.snmp import codec
from hatang.drivers.snmp.ber import DecodeError, oid_octets, tlv
from tests.hatang.drivers.snmp.cores import compiled
from tests.hatang.drivers.snmp.messages import (
    END_OF_VIEW,
    IF_DESCR,
    IF_OPER,
    NO_INSTANCE,
    UP_TIME,
    Variable,
    answer,
    message,
    response,
    variable,
    written,
)

if TYPE_CHECKING:
    from types import ModuleType

    from hatang.drivers.protocols import SnmpValue

VALUES: list[tuple[int, bytes, SnmpValue | None]] = [
    (0x02, b"\x00", 0),
    (0x02, b"\xff", -1),
    (0x02, b"\x80\x00\x00\x00", -(2**31)),
    (0x04, b"", b""),
    (0x04, b"C\xc3\xb4ng \xff\x00", b"C\xc3\xb4ng \xff\x00"),
    (0x05, b"", None),
    (0x06, oid_octets("1.3.6.1.4.1.9"), "1.3.6.1.4.1.9"),
    (0x40, bytes((10, 0, 0, 255)), "10.0.0.255"),
    (0x41, b"\x00\xff\xff\xff\xff", 2**32 - 1),
    (0x41, b"\xff\xff\xff\xff", 2**32 - 1),
    (0x42, b"\x05", 5),
    (0x43, b"\x7f\xff\xff\xff", 2**31 - 1),
    (0x44, b"\x9f\x78\x04" + struct.pack(">f", 23.5), 23.5),
    (0x44, b"\x9f\x79\x08" + struct.pack(">d", -0.1), -0.1),
    (0x44, b"\x01\x02", b"\x01\x02"),
    (0x46, b"\x00\x80" + bytes(7), 2**63),
    (0x46, b"\x80" + bytes(7), 2**63),
    (0x46, b"\x00" + b"\xff" * 8, 2**64 - 1),
    (0x47, b"\x01\x00", 256),
    (0x80, b"", None),
    (0x81, b"", None),
    (0x82, b"", None),
]
BAD_VALUES = [
    (0x02, b"", "impossible size"),
    (0x02, bytes(9), "impossible size"),
    (0x40, b"\x0a\x00\x00", "impossible size"),
    (0x41, b"\x01\x00\x00\x00\x00", "impossible size"),
    (0x46, b"\x01" + bytes(8), "impossible size"),
    (0x46, b"", "impossible size"),
    (0x06, b"\x2b\x86", "cut"),
    (0x06, b"", "empty"),
    (0x7F, b"\x01", "unknown type"),
]


def walked(
    core: ModuleType, variables: list[Variable], *columns: str, rows: int = 100
) -> list[Any]:
    pdu = core.read(answer(7, variables))
    walks = [core.Column(column, oid_octets(column), rows) for column in columns]
    core.fold(pdu, walks)
    return walks


@pytest.mark.parametrize(("tag", "content", "value"), VALUES)
def test_a_value_of_every_type_is_read(
    core: ModuleType, tag: int, content: bytes, value: SnmpValue | None
) -> None:
    into: dict[str, SnmpValue] = {}
    pdu = core.read(answer(7, [variable(UP_TIME, tag, content)]))
    assert core.take(pdu, [oid_octets(UP_TIME)], [UP_TIME], into) == 1
    assert into == ({} if value is None else {UP_TIME: value})
    (walk,) = walked(core, [variable(f"{IF_DESCR}.1", tag, content)], IF_DESCR)
    assert walk.cells == ({} if value is None else {"1": value})


@pytest.mark.parametrize(("tag", "content", "words"), BAD_VALUES)
def test_a_value_of_no_known_form_costs_its_column_that_cell_only(
    core: ModuleType, tag: int, content: bytes, words: str
) -> None:
    good = [variable(f"{IF_DESCR}.{row}", 4, b"x") for row in (1, 3)]
    (walk,) = walked(core, [good[0], variable(f"{IF_DESCR}.2", tag, content), good[1]], IF_DESCR)
    assert walk.cells == {"1": b"x", "3": b"x"}
    assert words in walk.fault
    assert f"{IF_DESCR}.2" in walk.fault


def test_columns_of_unequal_length_and_with_holes_keep_their_own_rows(core: ModuleType) -> None:
    variables = [
        variable(f"{IF_DESCR}.1", 4, b"a"), variable(f"{IF_OPER}.2", 2, b"\1"),
        variable(f"{IF_DESCR}.3", 4, b"c"), variable(f"{IF_OPER}.4", 2, b"\2"),
        variable("1.3.6.1.2.1.2.2.1.3.1", 2, b"\6"), variable(f"{IF_OPER}.300", 2, b"\3"),
    ]  # fmt: skip
    names, states = walked(core, variables, IF_DESCR, IF_OPER)
    assert (names.cells, names.done, names.kind) == ({"1": b"a", "3": b"c"}, True, 4)
    assert (states.cells, states.done, states.kind) == ({"2": 1, "4": 2, "300": 3}, False, 2)


def test_the_end_of_the_view_ends_a_column(core: ModuleType) -> None:
    (walk,) = walked(core, [variable(f"{IF_DESCR}.1", END_OF_VIEW, b"")], IF_DESCR)
    assert (walk.cells, walk.done, walk.fault) == ({}, True, "")


def test_a_column_whose_own_name_comes_back_has_ended(core: ModuleType) -> None:
    (walk,) = walked(core, [variable(IF_DESCR, 4, b"x")], IF_DESCR)
    assert walk.done
    assert walk.cells == {}


@pytest.mark.parametrize(
    "rows",
    [["1", "2", "1"], ["5", "5"], ["10", "9"], ["300", "200"], ["16384", "256"], ["1.2", "1"]],
)
def test_rows_that_do_not_increase_end_the_column_with_a_fault(
    core: ModuleType, rows: list[str]
) -> None:
    (walk,) = walked(core, [variable(f"{IF_DESCR}.{row}", 4, b"x") for row in rows], IF_DESCR)
    assert walk.done
    assert "do not increase" in walk.fault
    assert len(walk.cells) == len(rows) - 1


@given(rows=st.lists(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4), max_size=12))
def test_rows_in_the_order_of_their_arcs_are_all_read(
    core: ModuleType, rows: list[list[int]]
) -> None:
    ordered = [".".join(map(str, row)) for row in sorted({tuple(row) for row in rows})]
    (walk,) = walked(core, [variable(f"{IF_DESCR}.{row}", 4, b"x") for row in ordered], IF_DESCR)
    assert list(walk.cells) == ordered
    assert walk.fault == ""


def test_a_row_too_many_ends_the_column_with_a_fault(core: ModuleType) -> None:
    variables = [variable(f"{IF_DESCR}.{row}", 4, b"x") for row in range(1, 5)]
    (walk,) = walked(core, variables, IF_DESCR, rows=3)
    assert len(walk.cells) == 3
    assert walk.fault == "more than 3 rows"


def test_a_cell_of_another_type_is_kept_and_told(core: ModuleType) -> None:
    variables = [variable(f"{IF_DESCR}.1", 4, b"x"), variable(f"{IF_DESCR}.2", 2, b"\1")]
    (walk,) = walked(core, variables, IF_DESCR)
    assert (walk.cells, walk.kind, walk.mixed) == ({"1": b"x", "2": 1}, 4, True)


def test_an_instance_the_agent_answers_for_another_is_absent(core: ModuleType) -> None:
    into: dict[str, SnmpValue] = {}
    variables = [variable(f"{IF_DESCR}.2", 4, b"x"), variable(UP_TIME, NO_INSTANCE, b"")]
    pdu = core.read(answer(7, variables))
    names = [f"{IF_DESCR}.1", UP_TIME]
    assert core.take(pdu, [oid_octets(name) for name in names], names, into) == 2
    assert into == {}


def test_long_lengths_are_read(core: ModuleType) -> None:
    name = oid_octets(f"{IF_DESCR}.1")
    inner = b"\x06\x81" + bytes((len(name),)) + name + b"\x04\x82\x00\x02ab"
    body = b"\x30\x84\x00\x00\x00" + bytes((len(inner),)) + inner
    pdu = core.read(message(response(7, body)))
    walk = core.Column(IF_DESCR, oid_octets(IF_DESCR), 9)
    core.fold(pdu, [walk])
    assert walk.cells == {"1": b"ab"}


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"\x30",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x80\x00\x00",
        b"\x30\x85\x00\x00\x00\x00\x01\x00",
        bytes(40),
        answer(7, [variable(UP_TIME, 0x43, b"\1")])[:-1],
        answer(7, [variable(UP_TIME, 0x43, b"\1")]) + b"\0",
        message(response(7, b""), version=2),
        message(response(7, b"", tag=0xA0)),
        tlv(0x30, b"\x02\x01\x01"),
        tlv(0x30, b"\x02\x00" + tlv(4, b"public")),
    ],
)
def test_what_is_no_message_is_refused(core: ModuleType, broken: bytes) -> None:
    with pytest.raises(DecodeError):
        core.read(broken)


@pytest.mark.parametrize(
    "body",
    [
        b"\x30",
        b"\x30\x05",
        b"\x31\x00",
        b"\x30\x02\x06\x00",
        b"\x30\x02\x05\x00",
        b"\x30\x04\x06\x7f\x2b\x06",
        b"\x30\x06\x06\x02\x2b\x06\x04\x01",
        b"\x30\x07\x06\x02\x2b\x06\x04\x00\x00",
        b"\x30\x08\x06\x02\x2b\x06\x04\x84\xff\xff\xff\xff",
    ],
)
def test_a_broken_variable_is_refused_and_those_before_it_are_kept(
    core: ModuleType, body: bytes
) -> None:
    good = written([variable(f"{IF_DESCR}.1", 4, b"x")])
    walk = core.Column(IF_DESCR, oid_octets(IF_DESCR), 9)
    with pytest.raises(DecodeError):
        core.fold(core.read(message(response(7, good + body))), [walk])
    assert walk.cells == {"1": b"x"}
    with pytest.raises(DecodeError):
        core.take(core.read(message(response(7, body))), [b"\x2b\x06"], ["x"], {})


def decoded(core: ModuleType, datagram: bytes) -> object:
    """Return all a decoder makes of `datagram`; raises nothing but DecodeError."""
    walks = [core.Column(column, oid_octets(column), 50) for column in (IF_DESCR, IF_OPER)]
    into: dict[str, SnmpValue] = {}
    try:
        found = core.read(datagram)
        if isinstance(found, core.Secured):
            scoped = core.read_scoped(found.data, found.at, found.end)
            fields = (found.id, found.flags, found.engine_id, found.boots, found.time, found.user)
            return fields, scoped.id, scoped.status, found.salt, found.mac_at
        count = core.take(found, [oid_octets(UP_TIME)], [UP_TIME], into)
        core.fold(found, walks)
    except DecodeError as error:
        return str(error), into, [(walk.cells, walk.fault, walk.done) for walk in walks]
    return count, found.id, into, [(walk.cells, walk.fault, walk.last) for walk in walks]


def seeds() -> list[bytes]:
    """Return messages worth breaking: all types, long lengths, v1, v2c and v3."""
    up = variable(UP_TIME, 0x43, b"\1\2\3")
    cells = [
        variable(f"{(IF_DESCR, IF_OPER)[place % 2]}.{place // 2 + 120}", tag, content)
        for place, (tag, content, _) in enumerate(VALUES)
    ]
    long = variable(f"{IF_DESCR}.1", 4, bytes(300))
    scoped = tlv(0x30, tlv(4, b"engine") + tlv(4, b"") + response(5, written([up])))
    usm = tlv(
        0x30,
        tlv(4, b"engine") + b"\2\1\1\2\1\5" + tlv(4, b"user") + tlv(4, bytes(12)) + tlv(4, b""),
    )
    header = tlv(0x30, b"\2\1\5\2\3\0\xff\xe3\4\1\1\2\1\3")
    return [
        answer(7, [up, *cells]),
        answer(7, [up, long, *cells]),
        message(response(2**31 - 1, written([up]), status=5, index=1), version=0),
        tlv(0x30, b"\2\1\3" + header + tlv(4, usm) + scoped),
    ]


def mutated(datagram: bytes, chance: random.Random) -> bytes:
    """Return `datagram` with a few octets changed, cut, doubled or put in."""
    octets = bytearray(datagram)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(octets) + 1)
        match chance.randrange(5):
            case 0 | 1:
                octets[place : place + 1] = bytes(
                    (chance.choice((0, 1, 0x7F, 0x80, 0x84, 0xFF, chance.randrange(256))),)
                )
            case 2:
                del octets[place : place + chance.randint(1, 9)]
            case 3:
                octets[place:place] = octets[place : place + chance.randint(1, 40)]
            case _:
                octets[place:place] = bytes(
                    chance.randrange(256) for _ in range(chance.randint(1, 6))
                )
    return bytes(octets)


@given(st.binary(max_size=200))
def test_noise_raises_nothing_but_a_decode_error(core: ModuleType, noise: bytes) -> None:
    decoded(core, noise)
    decoded(core, tlv(0x30, b"\2\1\1" + tlv(4, b"public") + noise))
    decoded(core, message(response(7, noise)))


def test_broken_messages_raise_nothing_but_a_decode_error(core: ModuleType) -> None:
    chance = random.Random(4)
    for seed in seeds():
        assert decoded(core, seed)
        for _ in range(400):
            decoded(core, mutated(seed, chance))


@pytest.mark.slow
def test_both_forms_of_the_decoder_make_the_same_of_everything() -> None:
    quick = compiled()
    chance = random.Random(7)
    for seed in seeds():
        assert decoded(quick, seed) == decoded(codec, seed)
        for _ in range(5000):
            datagram = mutated(seed, chance)
            assert decoded(quick, datagram) == decoded(codec, datagram), datagram.hex()


@pytest.mark.slow
@given(st.integers(0, 2**64 - 1), st.sampled_from((0x02, 0x41, 0x42, 0x43, 0x46, 0x47)))
def test_both_forms_read_the_same_numbers(value: int, tag: int) -> None:
    quick = compiled()
    for size in range(10):
        content = value.to_bytes(9, "big")[9 - size :] if size else b""
        datagram = answer(
            7, [variable(UP_TIME, tag, content), variable(f"{IF_OPER}.1", tag, content)]
        )
        assert decoded(quick, datagram) == decoded(codec, datagram)
