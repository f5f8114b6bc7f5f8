"""How other processes ask the monitor; what it found out by itself stands in the database."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

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
from monitors.targets import bucket

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import AsyncIterator
    from pathlib import Path

ANSWER_LIMIT: Final = 64 * 1024 * 1024
"""What polling 10,000 devices cost is one line of some MB."""
SILENCE_SECONDS: Final = 6.0
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
        reader, writer = await asyncio.open_unix_connection(path, limit=ANSWER_LIMIT)
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
