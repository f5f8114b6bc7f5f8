"""How the api and the correlation see the monitor: ask it, or keep a replica of its states."""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from hatang import clock
from hatang.errors import (
    HatangError,
    InvalidInputError,
    NotFoundError,
    StaleError,
    UnavailableError,
)
from monitors.choices import Cause, ElementKind, State
from monitors.elements import Element
from monitors.fitting import Cost
from monitors.plane import BEAT_SECONDS
from monitors.targets import bucket

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncGenerator, AsyncIterator
    from pathlib import Path

SNAPSHOT_LIMIT: Final = 256 * 1024 * 1024
"""A snapshot of 10,000 devices with 24 ports is one line of some 60 MB."""
SILENCE_SECONDS: Final = 3 * BEAT_SECONDS
VERIFY_SECONDS: Final = 40.0


@dataclass(frozen=True, slots=True)
class KnownState:
    """The state of an element as the monitor told it."""

    element: Element
    state: State
    cause: Cause
    since: datetime
    measured_at: datetime
    evidence: dict[str, Any]
    scope_id: int | None

    @classmethod
    def of(cls, line: dict[str, Any]) -> KnownState:
        """Read a state as it travels."""
        return cls(
            element=Element.parse(line["element"]),
            state=State(line["state"]),
            cause=Cause(line["cause"]),
            since=datetime.fromisoformat(line["since"]),
            measured_at=datetime.fromisoformat(line["measured_at"]),
            evidence=line["evidence"],
            scope_id=line["scope_id"],
        )


class MonitorClient:
    """Asks the monitor that listens on `path`, or the shards that listen beside it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def snapshot(self) -> list[KnownState]:
        """Return every state now; raises UnavailableError when the monitor does not answer."""
        answer = await self._ask({"do": "snapshot"}, SILENCE_SECONDS)
        return [KnownState.of(line) for line in answer["states"]]

    async def verify(self, element: Element) -> KnownState:
        """Have `element` measured now and return its state.

        Raises:
            NotFoundError: no monitor watches it.
            UnavailableError: the monitor does not answer.
        """
        request = {"do": "verify", "element": element.key}
        return KnownState.of(await self._ask(request, owner=element.owner))

    async def hint(self, kind: ElementKind, device_key: str, part: str) -> Element:
        """Have the device measured soon; return the element that was meant.

        Raises:
            NotFoundError: no monitor watches it.
            UnavailableError: the monitor does not answer.
        """
        request = {"do": "hint", "kind": kind, "device": device_key, "part": part}
        answer = await self._ask(request, SILENCE_SECONDS, owner=device_key)
        return Element.parse(answer["element"])

    async def samples(self, device_key: str) -> dict[str, Any] | None:
        """Return the values of the device's last poll, None when it was not polled yet."""
        request = {"do": "samples", "device": device_key}
        answer = await self._ask(request, SILENCE_SECONDS, owner=device_key)
        sample: dict[str, Any] | None = answer["sample"]
        return sample

    async def costs(self) -> list[Cost]:
        """Return what each device's last poll took, those of all shards on this machine."""
        asked = {"do": "costs"}
        answers = [await _ask(path, asked, SILENCE_SECONDS) for path in _sockets(self._path)]
        return [Cost(**line) for answer in answers for line in answer["costs"]]

    async def stream(self) -> AsyncGenerator[dict[str, Any], None]:
        """Yield a snapshot, then transitions and beats as they come.

        Raises:
            StaleError: the stream broke or fell silent; start again.
            UnavailableError: the monitor does not answer at all.
        """
        async with _connected(self._path) as (reader, writer):
            writer.write(b'{"do": "stream"}\n')
            await writer.drain()
            while True:
                yield await _receive(reader, SILENCE_SECONDS)

    async def _ask(
        self, request: dict[str, Any], seconds: float = VERIFY_SECONDS, owner: str = ""
    ) -> dict[str, Any]:
        return await _ask(_socket_of(self._path, owner), request, seconds)


async def _ask(path: Path, request: dict[str, Any], seconds: float) -> dict[str, Any]:
    async with _connected(path) as (reader, writer):
        writer.write(json.dumps(request).encode() + b"\n")
        await writer.drain()
        answer = await _receive(reader, seconds)
    if answer["kind"] == "error":
        raise _error(answer)
    return answer


@asynccontextmanager
async def _connected(path: Path) -> AsyncIterator[tuple[StreamReader, StreamWriter]]:
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=SNAPSHOT_LIMIT)
    except OSError as error:
        raise UnavailableError(
            "the monitor does not answer", fix="See whether `hatang monitor` runs."
        ) from error
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


def _sockets(path: Path) -> list[Path]:
    """Return `path` where a monitor listens on it or none at all, else the shards' beside it."""
    shards = sorted(path.parent.glob("shard-*-of-*.sock"))
    return [path] if path.exists() or not shards else shards


def _socket_of(path: Path, owner: str) -> Path:
    *_, last = _sockets(path)
    if last == path:
        return path
    count = int(last.stem.rpartition("-")[2])
    return path.with_name(f"shard-{bucket(owner, count)}-of-{count}.sock")


@dataclass(slots=True)
class Replica:
    """The monitor's states, kept up to date by `follow`; stale as soon as the stream breaks."""

    client: MonitorClient
    states: dict[Element, KnownState] = field(default_factory=dict)
    epoch: str = ""
    sequence: int = 0
    heard_at: float = float("-inf")

    @property
    def is_stale(self) -> bool:
        """Return whether the states may no longer be taken for the present."""
        return clock.monotonic() - self.heard_at > SILENCE_SECONDS

    async def follow(self) -> AsyncGenerator[dict[str, Any], None]:
        """Apply the stream and yield each line after it was applied.

        Raises:
            StaleError or UnavailableError: the stream ended; the replica is stale at once.
        """
        try:
            async with aclosing(self.client.stream()) as lines:
                async for line in lines:
                    self._apply(line)
                    yield line
        finally:
            self.heard_at = float("-inf")

    def _apply(self, line: dict[str, Any]) -> None:
        match line["kind"]:
            case "snapshot":
                known = (KnownState.of(state) for state in line["states"])
                self.states = {state.element: state for state in known}
                self.epoch = line["epoch"]
            case "transition":
                self._change(line)
        self.sequence = line["sequence"]
        self.heard_at = clock.monotonic()

    def _change(self, line: dict[str, Any]) -> None:
        if line["sequence"] <= self.sequence:
            return  # the snapshot already held it
        element, at = Element.parse(line["element"]), datetime.fromisoformat(line["at"])
        self.states[element] = KnownState(
            element=element,
            state=State(line["to"]),
            cause=Cause(line["cause"]),
            since=at,
            measured_at=at,
            evidence=line["evidence"],
            scope_id=line["scope_id"],
        )


async def _receive(reader: StreamReader, seconds: float) -> dict[str, Any]:
    try:
        async with asyncio.timeout(seconds):
            line = await reader.readline()
    except (TimeoutError, OSError, ValueError) as error:
        raise StaleError("the monitor fell silent") from error
    if not line.endswith(b"\n"):
        raise StaleError("the monitor ended the connection")
    found: dict[str, Any] = json.loads(line)
    return found


def _error(answer: dict[str, Any]) -> HatangError:
    if answer["code"] == NotFoundError.code:
        return NotFoundError(answer["message"])
    if answer["code"] == InvalidInputError.code:
        return InvalidInputError([], answer["message"])
    return HatangError(answer["message"])
