from __future__ import annotations

import asyncio
import json
import stat
from contextlib import AsyncExitStack, suppress
from typing import TYPE_CHECKING, Any

import pytest

from hatang.errors import NotFoundError, UnavailableError
from monitors.choices import ElementKind, State
from monitors.client import MonitorClient
from monitors.elements import Element
from monitors.plane import PlaneServer
from monitors.targets import bucket
from tests.monitors.fakes import FakeDevice
from tests.monitors.running import listening, loop_over, targets

if TYPE_CHECKING:
    from pathlib import Path

    from monitors.loop import Loop

CORE = Element(ElementKind.DEVICE, "key-core-1")
PORT = Element(ElementKind.INTERFACE, "key-core-1", "eth1")


async def watched(device: FakeDevice) -> tuple[Loop, PlaneServer]:
    loop = loop_over(("core-1", device))
    await loop.apply(targets("core-1"))
    return loop, PlaneServer(loop)


def test_only_the_owner_may_ask(tmp_path: Path) -> None:
    async def run() -> None:
        _, plane = await watched(FakeDevice().ports(1))
        async with listening(plane, tmp_path / "run" / "sock"):
            assert stat.S_IMODE((tmp_path / "run" / "sock").stat().st_mode) == 0o600
            known = await MonitorClient(tmp_path / "run" / "sock").verify(CORE)
        assert (known.state, known.scope_id) == (State.GOOD, 1)

    asyncio.run(run())


def test_verify_measures_now(tmp_path: Path) -> None:
    async def run() -> None:
        device = FakeDevice().ports(1)
        _, plane = await watched(device)
        async with listening(plane, tmp_path / "sock"):
            client = MonitorClient(tmp_path / "sock")
            assert (await client.verify(PORT)).state is State.GOOD
            device.cells["1.3.6.1.2.1.2.2.1.8"]["1"] = 2
            assert (await client.verify(PORT)).state is State.BAD
            with pytest.raises(NotFoundError):
                await client.verify(Element(ElementKind.DEVICE, "nobody"))

    asyncio.run(run())


def test_the_last_poll_can_be_read_and_what_was_not_answered_is_absent(tmp_path: Path) -> None:
    async def run() -> None:
        loop, plane = await watched(FakeDevice().ports(1))
        async with listening(plane, tmp_path / "sock"):
            client = MonitorClient(tmp_path / "sock")
            assert await client.samples("key-core-1") is None
            await loop.verify(CORE)
            sample = await client.samples("key-core-1")
        assert sample is not None
        assert sample["tables"]["ifTable"]["ifName"] == {"1": "eth1"}
        assert "ifInErrors" not in sample["tables"]["ifTable"]

    asyncio.run(run())


def test_a_monitor_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError):
        asyncio.run(MonitorClient(tmp_path / "none").verify(CORE))


@pytest.mark.parametrize(
    "line", [b'{"do": "dance"}', b'{"do": "verify", "element": "moon:1"}', b'{"do": "verify"}']
)
def test_a_wrong_request_is_answered_with_what_is_wrong(tmp_path: Path, line: bytes) -> None:
    assert asyncio.run(raw(tmp_path / "sock", line))["kind"] == "error"


@pytest.mark.parametrize("line", [b"not json", b"[]", b"\xff\xfe", b"x" * 100_000])
def test_nonsense_ends_the_connection_and_nothing_else(tmp_path: Path, line: bytes) -> None:
    assert asyncio.run(raw(tmp_path / "sock", line)) == {}


async def raw(path: Path, line: bytes) -> dict[str, Any]:
    _, plane = await watched(FakeDevice())
    async with listening(plane, path):
        reader, writer = await asyncio.open_unix_connection(path)
        answer = b""
        with suppress(OSError):
            writer.write(line + b"\n")
            await writer.drain()
            answer = await reader.readline()
        writer.close()
        assert (await MonitorClient(path).verify(CORE)).state is State.GOOD
    return dict(json.loads(answer)) if answer else {}


def test_where_the_devices_are_divided_the_shard_that_watches_one_is_asked(tmp_path: Path) -> None:
    names = ("core-1", "rtr-1", "rtr-2", "rtr-3")
    shards = [[n for n in names if bucket(f"key-{n}", 2) == number] for number in (0, 1)]
    assert all(shards)

    async def run() -> None:
        async with AsyncExitStack() as stack:
            for number, mine in enumerate(shards):
                loop = loop_over(*((name, FakeDevice().ports(1)) for name in mine))
                await loop.apply(targets(*mine))
                plane = PlaneServer(loop)
                path = tmp_path / f"shard-{number}-of-2.sock"
                await stack.enter_async_context(listening(plane, path))
            client = MonitorClient(tmp_path / "monitors.sock")
            for name in names:
                seen = await client.verify(Element(ElementKind.DEVICE, f"key-{name}"))
                assert seen.state is State.GOOD
            assert {cost.key for cost in await client.costs()} == {f"key-{n}" for n in names}

    asyncio.run(run())
