"""The state plane: what other processes see of the monitor, over a unix socket.

One JSON object a line each way. Requests: `{"do": "snapshot"}`, `{"do": "stream"}`,
`{"do": "verify", "element": …}`, `{"do": "samples", "device": …}`, `{"do": "costs"}`,
`{"do": "hint", "kind": …, "device": …, "part": …}` (measured soon; the answer does not wait for
it). A stream begins with a snapshot, then brings every transition, and a beat when there is none,
so that silence on it means that the monitor is gone. Only the owner of the socket file may connect.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hatang import clock, log
from hatang.errors import HatangError
from monitors.choices import ElementKind
from monitors.elements import Element
from monitors.repository import payload
from monitors.samples import as_text

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from pathlib import Path

    from monitors.doubts import Doubts
    from monitors.feed import Numbered
    from monitors.loop import Loop
    from monitors.samples import PollSample
    from monitors.state import ElementState

BEAT_SECONDS: Final = 2.0
LINE_LIMIT: Final = 65_536

_logger = log.get_logger(__name__)


@dataclass(slots=True)
class PlaneServer:
    """Serves the states of `loop`; `monitor` is its name."""

    loop: Loop
    monitor: str
    beat_seconds: float = BEAT_SECONDS
    doubts: Doubts | None = None
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def start(self, path: Path) -> asyncio.Server:
        """Listen on the socket `path`, in place of whatever an earlier process left there."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.unlink(missing_ok=True)
        server = await asyncio.start_unix_server(self._serve, path, limit=LINE_LIMIT)
        path.chmod(0o600)
        return server

    async def close(self) -> None:
        """End all connections: listeners shall know at once that they hear nothing more."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def snapshot(self) -> dict[str, Any]:
        """Return every state with its place in the stream."""
        feed = self.loop.board.feed
        return {
            "kind": "snapshot",
            "monitor": self.monitor,
            "epoch": feed.epoch,
            "sequence": feed.sequence,
            "at": clock.now().isoformat(),
            "states": [
                state_payload(element, state, self.loop.board.scopes.get(element.owner))
                for element, state in self.loop.board.states()
            ],
        }

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            while line := await reader.readline():
                await self._do(line, writer)
        except (OSError, ValueError, asyncio.LimitOverrunError) as error:
            _logger.debug("a connection ended: %s", error)
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _do(self, line: bytes, writer: StreamWriter) -> None:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise ValueError("a request is an object")  # noqa: TRY004 - ends the connection
        if request.get("do") == "stream":
            await self._stream(writer)
            return
        try:
            answer = await self._answer(request)
        except (HatangError, ValueError) as error:
            code = error.code if isinstance(error, HatangError) else "invalid_input"
            answer = {"kind": "error", "code": code, "message": str(error)}
        await _send(writer, answer)

    async def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request.get("do"):
            case "snapshot":
                return self.snapshot()
            case "verify":
                element = Element.parse(str(request.get("element")))
                state = await self.loop.verify(element)
                scope_id = self.loop.board.scopes.get(element.owner)
                return {"kind": "state", **state_payload(element, state, scope_id)}
            case "samples":
                sample = self.loop.sample(str(request.get("device")))
                return {"kind": "samples", "sample": sample and sample_payload(sample)}
            case "hint" if self.doubts is not None:
                kind = ElementKind(str(request.get("kind")))
                key, part = str(request.get("device")), str(request.get("part") or "")
                element = self.doubts.add(kind, key, part)
                return {"kind": "hint", "element": element.key}
            case "costs":
                return {"kind": "costs", "costs": [asdict(cost) for cost in self.loop.costs()]}
            case other:
                raise ValueError(f"no request is called {other!r}")

    async def _stream(self, writer: StreamWriter) -> None:
        feed = self.loop.board.feed
        queue = feed.subscribe()
        try:
            await _send(writer, self.snapshot())
            while True:
                line = await self._next(queue)
                if line is None:
                    return
                await _send(writer, line)
        finally:
            feed.unsubscribe(queue)

    async def _next(self, queue: asyncio.Queue[Numbered | None]) -> dict[str, Any] | None:
        try:
            numbered = await asyncio.wait_for(queue.get(), self.beat_seconds)
        except TimeoutError:
            sequence = self.loop.board.feed.sequence
            return {"kind": "beat", "sequence": sequence, "at": clock.now().isoformat()}
        return None if numbered is None else {"kind": "transition", **payload(numbered)}


def state_payload(element: Element, state: ElementState, scope_id: int | None) -> dict[str, Any]:
    """Return a state as it travels."""
    return {
        "element": element.key,
        "state": str(state.state),
        "cause": str(state.cause),
        "since": state.since.isoformat(),
        "measured_at": state.measured_at.isoformat(),
        "evidence": dict(state.evidence),
        "scope_id": scope_id,
    }


def sample_payload(sample: PollSample) -> dict[str, Any]:
    """Return the last poll of a device as it travels; absent cells are absent."""
    return {
        "at": sample.at.isoformat(),
        "reachable": sample.reachable,
        "rtt_seconds": sample.rtt_seconds,
        "reason": sample.reason,
        "scalars": {name: _plain(value) for name, value in sample.scalars.items()},
        "tables": {
            name: {
                column: {index: _plain(value) for index, value in cells.items()}
                for column, cells in table.columns.items()
            }
            for name, table in sample.tables.items()
        },
    }


def _plain(value: float | bytes | str) -> float | str:
    return value if isinstance(value, int | float) else as_text(value)


async def _send(writer: StreamWriter, line: dict[str, Any]) -> None:
    writer.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    await writer.drain()
