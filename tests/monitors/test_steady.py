"""A poll that follows another shows what a poll that looks at everything shows."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

from hatang import clock
from hatang.drivers.snmp import Engine
from hatang.errors import Reason
from monitors.choosing import Choice
from monitors.collect import Collected, Memory, collect
from monitors.modules.plan import Asked, compile_plan
from monitors.modules.schema import Module
from monitors.renderer import Renderer
from monitors.samples import PollSample
from monitors.targets import DeviceTarget
from monitors.text import written
from tests.hatang.drivers.snmp.messages import IF_DESCR, IF_OPER, IF_SPEED
from tests.hatang.drivers.snmp.scripted import COMMUNITY, QUICK, Scripted, listening, rows

if TYPE_CHECKING:
    from hatang.drivers.protocols import SnmpReader
    from monitors.modules.plan import Plan

TARGET = DeviceTarget("key", "sw", "dc", "core", "frr", "127.0.0.1")


def plan(slow: int) -> Plan:
    """Return a plan that reads a name, a state and a number of each port, the name seldom."""
    table = {
        "name": "ifTable",
        "index": [{"name": "ifIndex"}],
        "key": "ifOperStatus",
        "labels": [{"name": "ifDescr", "oid": IF_DESCR, "every": slow}],
        "metrics": [
            {"name": "ifSpeed", "oid": IF_SPEED, "type": "gauge", "help": "h"},
            {"name": "ifOperStatus", "oid": IF_OPER, "type": "gauge", "help": "h"},
        ],
    }
    about: dict[str, Any] = {"name": "job", "source": "test", "when": [{"any": True}]}
    return compile_plan([Module.model_validate({**about, "tables": [table]})])


def memory(of: Plan) -> Memory:
    return Memory(choice=Choice(of, Asked("frr", "core")))


async def collected(reader: SnmpReader, known: Memory) -> Collected:
    return await collect(reader, "frr", "core", known)


def sample(got: Collected) -> PollSample:
    return PollSample(
        clock.now(), reachable=True, reason=Reason.OK, scalars=got.scalars, tables=got.tables,
        gaps=got.gaps, values=got.values, number=got.number, after=got.after, renewed=got.renewed,
    )  # fmt: skip


def shown(got: Collected) -> dict[str, dict[str, dict[str, object]]]:
    return {
        name: {column: dict(cells) for column, cells in table.columns.items()}
        for name, table in got.tables.items()
    }


def text(renderer: Renderer, of: PollSample) -> dict[str, str]:
    return {
        name: "".join(sorted(written(block).splitlines(keepends=True)))
        for name, block in renderer.render(of, True).items()
    }


def followed(slow: int, steps: int, chance: random.Random) -> int:
    """Poll an agent whose values, and seldom its rows, change; return how many polls followed."""
    agent, of, follows = Scripted(), plan(slow), 0

    async def poll() -> None:
        nonlocal follows
        async with listening(agent) as target, Engine() as engine:
            reader, known = engine.reader(target, COMMUNITY, QUICK), memory(of)
            renderer = Renderer(TARGET, of)
            for _ in range(steps):
                if chance.random() < 0.05:
                    agent.cells = rows(chance.randrange(1, 30))
                numbers = [n for n in agent.cells if n.startswith((f"{IF_SPEED}.", f"{IF_OPER}."))]
                for name in chance.sample(numbers, 2):
                    tag, _ = agent.cells[name]
                    agent.cells[name] = tag, bytes((chance.randrange(1, 127),))
                agent.connection_made(agent.transport)
                other = engine.reader(target, COMMUNITY, QUICK)
                got = await collected(reader, known)
                whole = await collected(other, memory(of))
                follows += got.renewed is not None
                assert shown(got) == shown(whole)
                assert got.scalars == whole.scalars
                assert text(renderer, sample(got)) == text(Renderer(TARGET, of), sample(whole))
                await other.close()

    asyncio.run(poll())
    return follows


def test_polls_that_follow_show_what_polls_that_look_at_everything_show() -> None:
    assert followed(5, 40, random.Random(3)) > 8


def test_a_reading_somebody_else_took_between_is_not_lost() -> None:
    agent, of = Scripted(), plan(100)

    async def poll() -> None:
        async with listening(agent) as target, Engine() as engine:
            reader, known, once = engine.reader(target, COMMUNITY, QUICK), memory(of), memory(of)
            for _ in range(8):
                got = await collected(reader, known)
            assert got.renewed is not None
            assert known.steady is not None
            agent.cells[f"{IF_SPEED}.7"] = 2, b"\x70"
            agent.connection_made(agent.transport)
            await reader.poll(known.steady.query)
            await collected(reader, once)
            got = await collected(reader, known)
            assert got.tables["ifTable"].columns["ifSpeed"]["7"] == 0x70

    asyncio.run(poll())
