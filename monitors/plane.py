"""The state plane: what other processes ask of the monitor, over a unix socket.

One JSON object a line each way. Requests: `{"do": "verify", "element": …}`,
`{"do": "samples", "device": …}` (its last poll), `{"do": "costs"}`,
`{"do": "hint", "kind": …, "device": …, "part": …}` (measured soon; the answer does not wait for
it). States and transitions are not asked for here: they stand in the database within a second.
Only the owner of the socket file may connect.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

from hatang import log
from hatang.errors import HatangError
from monitors.choices import ElementKind
from monitors.elements import Element
from monitors.samples import as_text

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from pathlib import Path

    from monitors.doubts import Doubts
    from monitors.loop import Loop
    from monitors.samples import PollSample
    from monitors.state import ElementState

LINE_LIMIT: Final = 65_536

_logger = log.get_logger(__name__)


@dataclass(slots=True)
class PlaneServer:
    """Lets the owner ask `loop`."""

    loop: Loop
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
        try:
            answer = await self._answer(request)
        except (HatangError, ValueError) as error:
            code = error.code if isinstance(error, HatangError) else "invalid_input"
            answer = {"kind": "error", "code": code, "message": str(error)}
        await _send(writer, answer)

    async def _answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request.get("do"):
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
