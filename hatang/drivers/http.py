"""HTTP clients (httpx) that talk to one server, proven first, and to no other.

One client has one origin: its name is resolved once and pinned, redirects to anywhere else end in
an error, the server's certificate is checked in the handshake, and bodies have a cap. Bodies come
uncompressed, so that a few bytes cannot become gigabytes.
"""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Self

import httpcore
import httpx

from hatang.drivers.addresses import AddressRule, resolve, resolve_beside
from hatang.drivers.failures import COMMON_RULES, Rule, translated
from hatang.drivers.httpstreams import Backend
from hatang.drivers.tls import TlsTrust
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Iterator

# httpcore asks for sniffio several times a request and does without it: looking for what is not
# installed through all of the path was a sixth of a request's processor time.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # as importlib documents it

_CONNECTIONS: Final = 20
_IDLE_SECONDS: Final = 5.0

# A ConnectError may hide a refusal or a bad certificate, so httpx's own come after the common ones.
_RULES: Final[tuple[Rule, ...]] = (
    (httpx.TimeoutException, Reason.TIMEOUT),
    *COMMON_RULES,
    (httpx.ConnectError, Reason.UNREACHABLE),
    (httpx.HTTPError, Reason.PROTOCOL_ERROR),
)


@dataclass(frozen=True, slots=True)
class HttpOptions:
    """How a client treats its server.

    `clear_text` names the waiver under which credentials may go over http://; without it (and
    outside the lab) a request with an Authorization header is refused there.
    """

    trust: TlsTrust = field(default_factory=TlsTrust)
    addresses: AddressRule = field(default_factory=AddressRule)
    timeout_seconds: float = 10.0
    body_bytes: int = 8 * 1024 * 1024
    clear_text: str = ""


def open_http(
    base_url: str, options: HttpOptions | None = None, *, auth: httpx.Auth | None = None
) -> httpx.Client:
    """Return a client for `base_url`; what fails raises DriverError instead of httpx's errors.

    Raises:
        DriverError: REJECTED for an address that may not be connected to or a URL that is not
            http(s); UNREACHABLE when the name does not resolve. Its requests raise TIMEOUT,
            REFUSED, UNREACHABLE, CERTIFICATE_INVALID, REJECTED (another origin), PROTOCOL_ERROR
            (body too large).
    """
    options = options or HttpOptions()
    origin = _Named.of(base_url, options).resolved()
    transport = _Transport(
        origin, httpx.HTTPTransport(verify=options.trust.context(), trust_env=False)
    )
    return httpx.Client(
        base_url=base_url,
        transport=transport,
        timeout=options.timeout_seconds,
        headers={"Accept-Encoding": "identity"},
        follow_redirects=True,
        trust_env=False,
        auth=auth,
    )


def open_async_http(
    base_url: str, options: HttpOptions | None = None, *, auth: httpx.Auth | None = None
) -> httpx.AsyncClient:
    """Return an asynchronous client for `base_url`; as `open_http`.

    A name is resolved with the first request, within its timeout, and holds for all: what
    `open_http` raises of it, and TIMEOUT for a silent resolver, that request does.
    """
    options = options or HttpOptions()
    origin = _Named.of(base_url, options)
    transport = _AsyncTransport(origin, _Streams(options.trust.context()))
    return _AsyncClient(
        base_url=base_url,
        transport=transport,
        timeout=options.timeout_seconds,
        headers={"Accept-Encoding": "identity"},
        follow_redirects=True,
        trust_env=False,
        auth=auth,
    )


class _Streams(httpx.AsyncHTTPTransport):
    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=_CONNECTIONS,
            max_keepalive_connections=_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=Backend(),
        )


class _Cookies(httpx.Cookies):
    def extract_cookies(self, response: httpx.Response) -> None:
        """Take cookies where there are some; looking takes a tenth of a request's time."""
        if "set-cookie" in response.headers:
            super().extract_cookies(response)


class _AsyncClient(httpx.AsyncClient):
    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._cookies = _Cookies()


@dataclass(frozen=True, slots=True)
class _Named:
    """The one server of a client as its URL names it."""

    scheme: str
    host: str
    port: int
    options: HttpOptions

    @classmethod
    def of(cls, base_url: str, options: HttpOptions) -> Self:
        try:
            url = httpx.URL(base_url)
        except (httpx.InvalidURL, ValueError) as error:
            raise DriverError(f"{base_url!r} is no URL", Reason.REJECTED) from error
        if url.scheme not in {"http", "https"} or not url.host:
            raise DriverError(f"{base_url!r} is no http(s) URL", Reason.REJECTED)
        port = url.port or (443 if url.scheme == "https" else 80)
        return cls(url.scheme, url.host, port, options)

    def resolved(self) -> _Origin:
        """Return it with the address that its name has now."""
        return self._at(resolve(self.host, self.port, self.options.addresses)[0])

    async def resolved_beside(self) -> _Origin:
        """Return what `resolved` does, without holding up the event loop."""
        seconds, rule = self.options.timeout_seconds, self.options.addresses
        return self._at((await resolve_beside(self.host, self.port, rule, seconds))[0])

    def _at(self, address: str) -> _Origin:
        return _Origin(self.scheme, self.host, self.port, self.options, address)

    @property
    def name(self) -> str:
        return f"{self.scheme}://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class _Origin(_Named):
    """A client's server with the address the name had."""

    address: str

    def aim(self, request: httpx.Request) -> httpx.Request:
        """Return `request` bound for the pinned address, or refuse it."""
        url = request.url
        port = url.port or (443 if url.scheme == "https" else 80)
        if (url.scheme, url.host, port) != (self.scheme, self.host, self.port):
            raise DriverError(
                f"{self.host}: leads to another server, {url.scheme}://{url.host}:{port}",
                Reason.REJECTED,
            )
        if self.scheme == "http" and "authorization" in request.headers and not self._clear_text:
            raise DriverError(
                f"{self.host}: credentials do not go over http://",
                Reason.REJECTED,
                fix="Give the server a certificate and pin it, or record a waiver.",
            )
        # Another one, for redirects are told from the first; the Host header keeps the name.
        return httpx.Request(
            request.method,
            url.copy_with(host=self.address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": self.host},
        )

    @property
    def _clear_text(self) -> bool:
        return self.options.addresses.lab or bool(self.options.clear_text)

    def accept(self, response: httpx.Response) -> None:
        """Refuse a body that would have to be unpacked."""
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise DriverError(f"{self.host}: compressed body", Reason.PROTOCOL_ERROR)

    def count(self, size: int) -> None:
        """Refuse a body that has grown past the cap."""
        if size > self.options.body_bytes:
            raise DriverError(
                f"{self.host}: body of more than {self.options.body_bytes} bytes",
                Reason.PROTOCOL_ERROR,
            )


class _Transport(httpx.BaseTransport):
    def __init__(self, origin: _Origin, inner: httpx.HTTPTransport) -> None:
        self._origin = origin
        self._inner = inner

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with (
            observe("driver", "http.request"),
            translated(self._origin.name, "HTTP request", _RULES),
        ):
            response = self._inner.handle_request(self._origin.aim(request))
            try:
                self._origin.accept(response)
            except DriverError:
                response.close()
                raise
            if isinstance(response.stream, httpx.SyncByteStream):
                response.stream = _Capped(self._origin, response.stream)
            return response

    def close(self) -> None:
        self._inner.close()


class _AsyncTransport(httpx.AsyncBaseTransport):
    def __init__(self, named: _Named, inner: httpx.AsyncHTTPTransport) -> None:
        self._named = named
        self._found: _Origin | None = None
        self._looking = asyncio.Lock()
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with (
            observe("driver", "http.request"),
            translated(self._named.name, "HTTP request", _RULES),
        ):
            origin = self._found or await self._origin()
            response = await self._inner.handle_async_request(origin.aim(request))
            try:
                origin.accept(response)
            except DriverError:
                await response.aclose()
                raise
            if isinstance(response.stream, httpx.AsyncByteStream):
                response.stream = _AsyncCapped(origin, response.stream)
            return response

    async def _origin(self) -> _Origin:
        async with self._looking:
            if self._found is None:
                self._found = await self._named.resolved_beside()
            return self._found

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Capped(httpx.SyncByteStream):
    def __init__(self, origin: _Origin, inner: httpx.SyncByteStream) -> None:
        self._origin = origin
        self._inner = inner

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        with translated(self._origin.name, "HTTP request", _RULES):
            for chunk in self._inner:
                size += len(chunk)
                self._origin.count(size)
                yield chunk

    def close(self) -> None:
        self._inner.close()


class _AsyncCapped(httpx.AsyncByteStream):
    def __init__(self, origin: _Origin, inner: httpx.AsyncByteStream) -> None:
        self._origin = origin
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        with translated(self._origin.name, "HTTP request", _RULES):
            async for chunk in self._inner:
                size += len(chunk)
                self._origin.count(size)
                yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
