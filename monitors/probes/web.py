"""One request over HTTP/1.1 to the pinned address of an aim (RFC 9110, RFC 9112)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from hatang import clock
from monitors.probes.stream import connected, trusting

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from monitors.probes.aim import Aim
    from monitors.probes.result import Means
    from monitors.probes.stream import Talk

MAX_BODY: Final = 512 * 1024
_MAX_HEADERS: Final = 100
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: .*)?")
_USER_AGENT: Final = "hatang"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked; the path of the aim when `path` is empty."""

    method: str = "GET"
    path: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    max_body: int = MAX_BODY


@dataclass(frozen=True, slots=True)
class Page:
    """What was answered; header names are lower-case, `cookies` are as they were set."""

    status: int
    headers: Mapping[str, str]
    cookies: tuple[str, ...]
    body: bytes
    chain: tuple[bytes, ...]
    phases: Mapping[str, float]

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode("utf-8", "replace")

    def redirect(self, url: str) -> str | None:
        """Return where the answer to `url` points, None when it is no redirect."""
        if self.status not in _REDIRECTS or "location" not in self.headers:
            return None
        return urljoin(url, self.headers["location"])


async def fetch(
    aim: Aim, means: Means, request: Request | None = None, context: ssl.SSLContext | None = None
) -> Page:
    """Return the answer of `aim`, over TLS for https with `context` or a proven peer.

    Raises:
        DriverError: PROTOCOL_ERROR when the answer is not HTTP.
    """
    asked = request or Request()
    if aim.scheme == "https" and context is None:
        context = trusting(means.authorities)
    started = clock.monotonic()
    async with connected(aim, context if aim.scheme == "https" else None) as talk:
        ready = clock.monotonic()
        await talk.send(_written(aim, asked))
        status, headers, cookies = await _head(talk)
        answered = clock.monotonic()
        body = await _body(talk, headers, asked)
        phases = {
            "connect": ready - started,
            "processing": answered - ready,
            "transfer": clock.monotonic() - answered,
        }
        return Page(status, headers, tuple(cookies), body, tuple(talk.chain), phases)


def same_host(first: str, second: str) -> bool:
    """Return whether two addresses are of the same host, whatever scheme and port."""
    return urlsplit(first).hostname == urlsplit(second).hostname


def _written(aim: Aim, asked: Request) -> bytes:
    host = f"[{aim.host}]" if ":" in aim.host else aim.host
    usual = 443 if aim.scheme == "https" else 80
    headers = {
        "Host": host if aim.port == usual else f"{host}:{aim.port}",
        "User-Agent": _USER_AGENT,
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        **asked.headers,
    }
    if asked.body or asked.method == "POST":
        headers["Content-Length"] = str(len(asked.body))
    lines = [f"{asked.method} {asked.path or aim.path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(line.replace("\r", "").replace("\n", "") for line in lines)
    return head.encode() + b"\r\n\r\n" + asked.body


async def _head(talk: Talk) -> tuple[int, dict[str, str], list[str]]:
    found = _STATUS.fullmatch(await talk.line())
    if found is None:
        raise talk.nonsense("the answer is not HTTP")
    headers: dict[str, str] = {}
    cookies: list[str] = []
    for _ in range(_MAX_HEADERS):
        line = await talk.line()
        if not line:
            return int(found[1]), headers, cookies
        name, _, value = line.decode("latin-1").partition(":")
        if name.lower() == "set-cookie":
            cookies.append(value.strip())
        headers.setdefault(name.strip().lower(), value.strip())
    raise talk.nonsense("headers without end")


async def _body(talk: Talk, headers: Mapping[str, str], asked: Request) -> bytes:
    if asked.method == "HEAD" or not asked.max_body:
        return b""
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _chunks(talk, asked.max_body)
    length = headers.get("content-length", "")
    limit = min(asked.max_body, int(length[:18])) if length.isascii() and length.isdigit() else None
    return await talk.upto(asked.max_body if limit is None else limit)


async def _chunks(talk: Talk, limit: int) -> bytes:
    found = b""
    while len(found) < limit:
        size = (await talk.line()).partition(b";")[0].strip()
        try:
            count = int(size, 16)
        except ValueError as error:
            raise talk.nonsense("a chunk without a size") from error
        if count <= 0:
            break
        found += await talk.exactly(min(count, limit - len(found)))
        if len(found) < limit:
            await talk.line()
    return found
