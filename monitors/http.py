"""The page Prometheus scrapes: a few GETs, served inside the poll loop's process.

One answer a connection, small limits, nothing but what the routes name.
"""

from __future__ import annotations

import asyncio
import hmac
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from hatang import metrics
from hatang.errors import HatangError, NotFoundError
from monitors.exporter.door import DEFAULT, SnmpDoor

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Mapping

    from monitors.exposition import Exposition

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
OPEN_METRICS_TYPE: Final = f"{metrics.OPEN_METRICS}; version=1.0.0; charset=utf-8"
HEAD_LIMIT: Final = 16_384
PATIENCE_SECONDS: Final = 10.0
READ_SECONDS: Final = 60.0
MAX_SHARDS: Final = 1024
# Prometheus and its kin send it with every scrape; a person's browser does not.
_SCRAPE_HEADER: Final = "x-prometheus-scrape-timeout-seconds"

_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    502: "Bad Gateway",
}


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer to a request."""

    status: int
    body: bytes = b""
    kind: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class MetricsServer:
    """Serves `/metrics` (about this process), `/metrics/shard/{n}?of=N` and `/healthz`.

    With a `token`, metrics need it as a bearer token. `/snmp?target=&module=` reads a device now,
    as snmp_exporter does; only devices that are watched here, by their own credential.
    """

    exposition: Exposition
    token: str = ""
    snmp: SnmpDoor | None = None

    async def start(self, host: str, port: int) -> asyncio.Server:
        """Listen; the caller closes what is returned."""
        return await asyncio.start_server(self._serve, host, port, limit=HEAD_LIMIT)

    async def reply(
        self, method: str, target: str, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Return the answer to one request, also to those that read a device."""
        parts = urlsplit(target)
        found = self.answer(method, target, headers)
        if parts.path != "/snmp" or found.status != 404 or self.snmp is None:
            return found
        return await self._read(self.snmp, parse_qs(parts.query))

    async def _read(self, door: SnmpDoor, query: dict[str, list[str]]) -> Reply:
        whom = query.get("target", [""])[0]
        given = (name for text in query.get("module", [DEFAULT]) for name in text.split(","))
        names = tuple(dict.fromkeys(given))
        unknown = door.unknown(names)
        if not whom or unknown:
            wrong = f"unknown module {', '.join(unknown)}" if unknown else "target is missing"
            return Reply(400, f"{wrong}\n".encode())
        try:
            return Reply(200, (await door.read(whom, names)).encode(), CONTENT_TYPE)
        except NotFoundError as error:
            return Reply(404, f"{error}\n".encode())
        except HatangError as error:
            return Reply(502, f"{error}\n".encode())
        except TimeoutError:
            return Reply(502, b"no answer in time\n")

    def answer(self, method: str, target: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Return the answer to one request; the names of `headers` are in lower case."""
        given = headers or {}
        parts = urlsplit(target)
        if parts.path == "/healthz":
            return Reply(200, b"ok\n")
        expected = f"Bearer {self.token}"
        if self.token and not hmac.compare_digest(
            given.get("authorization", "").encode(), expected.encode()
        ):
            return Reply(401)
        if method != "GET":
            return Reply(400)
        if parts.path == "/metrics":
            page, kind = metrics.render(given.get("accept", ""))
            return Reply(200, page, kind)
        return self._shard(parts.path, parts.query, given)

    def _shard(self, path: str, query: str, headers: Mapping[str, str]) -> Reply:
        root, _, last = path.rpartition("/")
        if root != "/metrics/shard":
            return Reply(404)
        of = parse_qs(query).get("of", ["1"])[0]
        if not (last.isascii() and last.isdigit() and of.isascii() and of.isdigit()):
            return Reply(404)
        number, count = int(last), int(of)
        if not 0 <= number < count <= MAX_SHARDS:
            return Reply(404)
        if _SCRAPE_HEADER in headers:
            self.exposition.note_scrape(number, count)
        if _is_open_metrics_all(headers.get("accept", "")):
            page = self.exposition.page(number, count, is_open=True)
            return Reply(200, page.encode(), OPEN_METRICS_TYPE)
        return Reply(200, self.exposition.page(number, count).encode(), CONTENT_TYPE)

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                asked = _request(head.decode("latin-1"))
            async with asyncio.timeout(READ_SECONDS):
                reply = Reply(400) if asked is None else await self.reply(*asked)
                writer.write(_render(reply))
                await writer.drain()
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
            pass  # the client went, or sent nothing that we serve
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def _is_open_metrics_all(accept: str) -> bool:
    """Return whether OpenMetrics is all that is taken.

    There a counter must end in `_total`, which MIB objects do not: they would lose their type. So
    whoever takes the other format too, as Prometheus does, gets that.
    """
    kinds = [each.partition(";")[0].strip() for each in accept.split(",")]
    return all(kind == metrics.OPEN_METRICS for kind in kinds)


def _request(head: str) -> tuple[str, str, dict[str, str]] | None:
    """Return method, target and headers by lower-case name, None when it is no request."""
    lines = head.split("\r\n")
    words = lines[0].split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        return None
    pairs = (line.partition(":") for line in lines[1:])
    return words[0], words[1], {name.lower(): value.strip() for name, _, value in pairs}


def _render(reply: Reply) -> bytes:
    head = (
        f"HTTP/1.1 {reply.status} {_REASONS[reply.status]}\r\n"
        f"Content-Type: {reply.kind}\r\n"
        f"Content-Length: {len(reply.body)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + reply.body
