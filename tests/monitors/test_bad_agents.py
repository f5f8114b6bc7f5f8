"""Agents that break the protocol, as the poll loop meets them, each beside a good neighbour."""

from __future__ import annotations

import asyncio
import dataclasses
from typing import TYPE_CHECKING, TypeAlias

import pytest

from hatang.drivers.snmp import Engine
from hatang.drivers.snmp.ber import oid_octets
from hatang.errors import DriverError, Reason
from monitors.collect import Collected, Memory, collect
from tests.hatang.drivers.snmp.messages import IF_DESCR, IF_OPER, IF_SPEED, UP_TIME, variable
from tests.hatang.drivers.snmp.scripted import (
    COMMUNITY,
    GET_BULK,
    QUICK,
    Asked,
    Scripted,
    listening,
    rows,
)
from tests.monitors.fakes import only_module

if TYPE_CHECKING:
    from collections.abc import Callable

    from monitors.modules.plan import Plan

Bend: TypeAlias = "Callable[[Scripted, Asked], list[bytes] | None]"
# An answer on loopback in a busy machine; what is never answered costs it twice.
PATIENT = dataclasses.replace(QUICK, request_seconds=0.25, deadline_seconds=10.0)
WHOLE = {str(row): row for row in range(1, 25)}
MODULE = {
    "name": "test",
    "source": "nowhere",
    "when": [{"any": True}],
    "tables": [
        {
            "name": "ports",
            "index": [{"name": "i"}],
            "key": "oper",
            "labels": [{"name": "descr", "oid": IF_DESCR, "every": 1}],
            "metrics": [
                {"name": "speed", "oid": IF_SPEED, "type": "gauge", "help": "h"},
                {"name": "oper", "oid": IF_OPER, "type": "gauge", "help": "h"},
            ],
        },
        {
            "name": "more",
            "index": [{"name": "i"}],
            "metrics": [{"name": "late", "oid": "1.3.6.1.2.1.9.1", "type": "gauge", "help": "h"}],
        },
    ],
}
LAST = {"1.3.6.1.2.1.9.1.7": (2, b"\x05")}


@pytest.fixture(autouse=True)
def plan(monkeypatch: pytest.MonkeyPatch) -> Plan:
    return only_module(monkeypatch, MODULE)


def collected(
    bend: Bend | None, cells: dict[str, tuple[int, bytes]] | None = None, *, times: int = 2
) -> Collected:
    """Return the last of so many polls of such an agent; its neighbour must come whole each time.

    In the first poll the rows are learned; from the second on all is asked for at once.
    """

    async def poll() -> Collected:
        agent = Scripted({**rows(24), **LAST} if cells is None else cells)
        good, memories = Scripted({**rows(24), **LAST}), (Memory(), Memory())
        async with listening(agent) as one, listening(good) as two, Engine() as engine:
            readers = [engine.reader(each, COMMUNITY, PATIENT) for each in (one, two)]
            for number in range(times):
                agent.bend = bend if number == times - 1 else None
                beside = asyncio.create_task(collect(readers[1], "", "", memories[1]))
                try:
                    found = await collect(readers[0], "", "", memories[0])
                finally:
                    neighbour = await beside
                    assert not neighbour.gaps
                    assert neighbour.tables["ports"].columns["speed"] == WHOLE
            return found

    return asyncio.run(poll())


def cells(found: Collected, column: str) -> dict[str, object]:
    return dict(found.tables["ports"].columns.get(column, {}))


def moved(column: str, row: int, to: int) -> Bend:
    """Answer honestly, but give `column` the row `to` in place of `row`."""

    def bend(agent: Scripted, asked: Asked) -> list[bytes]:
        wrong, right = oid_octets(f"{column}.{row}"), oid_octets(f"{column}.{to}")
        return [agent.honest(asked).replace(wrong, right)]

    return bend


@pytest.mark.parametrize("to", [1, 2], ids=["loops", "repeats an index"])
def test_a_column_that_does_not_increase_keeps_its_good_rows_and_is_named(to: int) -> None:
    found = collected(moved(IF_SPEED, 3, to))
    assert found.gaps == {"ports.speed": Reason.PROTOCOL_ERROR}
    assert cells(found, "speed") == {"1": 1, "2": 2}
    assert cells(found, "oper") == WHOLE


@pytest.mark.parametrize("to", [1, 2], ids=["loops", "repeats an index"])
def test_a_key_that_does_not_increase_names_the_table_and_keeps_what_came(to: int) -> None:
    found = collected(moved(IF_OPER, 3, to))
    assert found.gaps == {"ports": Reason.PROTOCOL_ERROR}
    assert cells(found, "oper") == {"1": 1, "2": 2}
    assert cells(found, "speed") == WHOLE
    assert found.tables["more"].columns["late"] == {"7": 5}


def test_a_table_that_shrinks_while_it_is_read_has_the_rows_its_key_has() -> None:
    def bend(agent: Scripted, asked: Asked) -> list[bytes] | None:
        if asked.kind == GET_BULK and any(n.startswith(oid_octets(IF_OPER)) for n in asked.names):
            agent.cells = {**rows(5), **LAST}
            agent.connection_made(agent.transport)
        return None

    found = collected(bend)
    assert not found.gaps
    assert cells(found, "oper") == cells(found, "speed")
    assert len(cells(found, "oper")) < 24


def test_a_late_answer_to_an_earlier_request_is_not_taken() -> None:
    held: list[bytes] = []

    def bend(agent: Scripted, asked: Asked) -> list[bytes]:
        stale, held[:] = list(held), [agent.honest(asked)]
        return [*stale, *held]

    found = collected(bend)
    assert not found.gaps
    assert cells(found, "oper") == WHOLE


@pytest.mark.slow
def test_an_answer_for_another_request_is_no_answer() -> None:
    def bend(_agent: Scripted, asked: Asked) -> list[bytes]:
        return [dataclasses.replace(asked, request_id=asked.request_id ^ 1).reply([])]

    with pytest.raises(DriverError) as caught:
        collected(bend)
    assert caught.value.reason is Reason.TIMEOUT


def test_a_truncated_answer_is_waited_out_for_a_good_one() -> None:
    cut: list[int] = []

    def bend(agent: Scripted, asked: Asked) -> list[bytes] | None:
        if asked.kind == GET_BULK and not cut:
            cut.append(asked.request_id)
            return [agent.honest(asked)[:-4]]
        return None

    found = collected(bend)
    assert cut
    assert not found.gaps
    assert cells(found, "oper") == WHOLE


def test_values_of_a_wrong_type_stay_beside_the_right_ones() -> None:
    wrong = {f"{IF_SPEED}.2": (4, b"fast")}
    found = collected(None, {**rows(24), **LAST, **wrong})
    assert not found.gaps
    assert cells(found, "speed") == {**WHOLE, "2": b"fast"}


def test_a_value_of_no_known_type_costs_that_cell_and_names_its_column() -> None:
    found = collected(None, {**rows(6), **LAST, f"{IF_SPEED}.2": (0x5F, b"x")})
    assert found.gaps == {"ports.speed": Reason.PROTOCOL_ERROR}
    assert list(cells(found, "speed")) == ["1", "3", "4", "5", "6"]
    assert len(cells(found, "oper")) == 6


def test_huge_and_hostile_texts_spoil_nothing() -> None:
    texts = [b"x" * 30_000, b"\xff\xfe\x00\n{{ 7*7 }}", "Xã Phú Lộc".encode()]
    given = {f"{IF_DESCR}.{row}": (4, text) for row, text in enumerate(texts, 1)}
    found = collected(None, {**rows(3), **LAST, **given})
    assert not found.gaps
    assert list(cells(found, "descr").values()) == texts
    assert found.tables["more"].columns["late"] == {"7": 5}


@pytest.mark.parametrize("status", [5, 16], ids=["genErr", "authorizationError"])
def test_a_column_the_agent_will_not_give_is_named_and_the_others_kept(status: int) -> None:
    def bend(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        bad = [n for n, name in enumerate(asked.names) if name.startswith(oid_octets(IF_SPEED))]
        return asked.says(status=status, index=bad[0] + 1) if bad else None

    found = collected(bend)
    assert list(found.gaps) == ["ports.speed"]
    assert cells(found, "oper") == WHOLE
    assert found.tables["more"].columns["late"] == {"7": 5}


def test_a_column_the_agent_does_not_have_is_absent_and_no_gap() -> None:
    given = {name: cell for name, cell in rows(24).items() if not name.startswith(f"{IF_SPEED}.")}
    found = collected(None, {**given, **LAST})
    assert not found.gaps
    assert "speed" not in found.tables["ports"].columns
    assert cells(found, "oper") == WHOLE


def test_too_big_is_asked_for_in_smaller_parts() -> None:
    def bend(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        wanted = asked.single + asked.repetitions * (len(asked.names) - asked.single)
        return asked.says(status=1) if wanted > 7 else None

    found = collected(bend)
    assert not found.gaps
    assert cells(found, "oper") == WHOLE


@pytest.mark.slow
def test_silence_after_getbulk_is_asked_for_row_by_row() -> None:
    def bend(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        return [] if asked.kind == GET_BULK else None

    found = collected(bend, {**rows(3), **LAST})
    assert not found.gaps
    assert cells(found, "oper") == {"1": 1, "2": 2, "3": 3}


@pytest.mark.slow
def test_a_table_the_agent_is_silent_about_is_named_and_the_next_one_read() -> None:
    def bend(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        bad = oid_octets(IF_SPEED)
        return [] if any(name.startswith(bad) for name in asked.names) else None

    found = collected(bend)
    assert found.gaps == {"ports.speed": Reason.TIMEOUT}
    assert cells(found, "oper") == WHOLE
    assert found.tables["more"].columns["late"] == {"7": 5}


@pytest.mark.slow
def test_an_agent_that_falls_silent_in_the_middle_fails_the_poll() -> None:
    heard: list[int] = []

    def bend(_agent: Scripted, asked: Asked) -> list[bytes] | None:
        heard.append(asked.request_id)
        return [] if len(heard) > 1 else None

    with pytest.raises(DriverError) as caught:
        collected(bend)
    assert caught.value.reason is Reason.TIMEOUT


def test_an_agent_that_restarted_is_read_anew_within_the_poll() -> None:
    def bend(agent: Scripted, _asked: Asked) -> list[bytes] | None:
        agent.cells |= {UP_TIME: (0x43, b"\x01"), f"{IF_DESCR}.1": (4, b"renamed")}
        agent.connection_made(agent.transport)
        return None

    found = collected(bend)
    assert not found.gaps
    assert cells(found, "descr")["1"] == b"renamed"


def test_a_table_without_end_is_cut_and_named() -> None:
    def endless(agent: Scripted, asked: Asked) -> list[bytes] | None:
        if not any(name.startswith(oid_octets(IF_OPER)) for name in asked.names):
            return None
        number = len(agent.asked)
        return [asked.reply([variable(f"{IF_OPER}.{number}", 2, b"\x01")] * len(asked.names))]

    found = collected(endless)
    assert "ports" in found.gaps or "ports.speed" in found.gaps
    assert found.tables["more"].columns["late"] == {"7": 5}
