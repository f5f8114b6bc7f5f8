"""What every request passes first: host, origin, size; and what every answer carries.

Pure ASGI, because a wrapper that buffers would stop event streams.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse

from api.errors import ForgedRequestError, TooLargeError, body, status_of
from hatang.errors import InvalidInputError, Problem
from hatang.i18n import LANGUAGES, use_language

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from hatang.errors import HatangError
    from hatang.settings import Settings

MAX_BODY: Final = 1_048_576
MAX_INGEST: Final = 33_554_432
"""20,000 alerts of Prometheus with full annotations."""
MAX_UPLOAD: Final = 32 * 1024 * 1024 + 65_536
"""The largest inventory file or datastream that is read, and the form around it."""
UPLOADS: Final = ("/inventory/import", "/api/v1/imports", "/api/v1/imports/plan")
_SCANS: Final = re.compile(r"/api/v1/devices/[^/]+/scans")
"""A datastream for a server is uploaded there."""
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
LANGUAGE_COOKIE: Final = "hatang_language"

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Tabler draws its check marks from data: addresses
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


class Guard:
    """The outermost layer of the app."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings
        public = urlsplit(settings.api.public_url)
        self._origin = f"{public.scheme}://{public.netloc}"
        hosts = {host.lower() for host in settings.api.allowed_hosts}
        self._hosts = hosts | {(public.hostname or "").lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse what must not come in, then answer in the asker's language."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        sender = _finishing(send, str(scope["path"]), secure=scope["scheme"] == "https")
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await _refuse(refusal, scope, receive, sender)
            return
        with use_language(self._language(headers)):
            await self._app(scope, _capped(receive, _limit(scope["path"])), sender)

    def _refusal(self, scope: Scope, headers: Headers) -> HatangError | None:
        if "*" not in self._hosts and _hostname(headers.get("host", "")) not in self._hosts:
            fix = "Add it to api.allowed_hosts."
            problem = Problem("request", "Host", headers.get("host", "")[:100], "is not ours", fix)
            return InvalidInputError([problem])
        if scope["method"] not in SAFE and not self._is_own(headers):
            return ForgedRequestError("the request comes from another site")
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > _limit(scope["path"]):
            return _too_large(_limit(scope["path"]))
        return None

    def _is_own(self, headers: Headers) -> bool:
        origin = headers.get("origin")
        if origin is None:
            # Programs send none; a browser that sends neither must still know the CSRF token.
            return headers.get("sec-fetch-site", "none") in ("none", "same-origin")
        host = headers.get("host", "")
        return origin in (self._origin, f"http://{host}", f"https://{host}")

    def _language(self, headers: Headers) -> str:
        for part in headers.get("cookie", "").split(";"):
            name, _, value = part.strip().partition("=")
            if name == LANGUAGE_COOKIE and value in LANGUAGES:
                return value
        return self._settings.language


def _hostname(host: str) -> str:
    return (urlsplit(f"//{host}").hostname or "").lower() if "@" not in host else ""


def _limit(path: str) -> int:
    if path in UPLOADS or _SCANS.fullmatch(path):
        return MAX_UPLOAD
    return MAX_INGEST if path.startswith(("/alertmanager/", "/api/v1/ingest/")) else MAX_BODY


def _too_large(limit: int) -> TooLargeError:
    return TooLargeError(f"the body has more than {limit} bytes", fix="Send less at a time.")


def _capped(receive: Receive, limit: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise _too_large(limit)
        return message

    return counted


def _finishing(send: Send, path: str, *, secure: bool) -> Send:
    kept = path.startswith("/static/")

    async def finish(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers[name] = value
            if secure:
                headers["strict-transport-security"] = "max-age=31536000"
            headers.setdefault("cache-control", "public, max-age=3600" if kept else "no-store")
        await send(message)

    return finish


async def _refuse(error: HatangError, scope: Scope, receive: Receive, send: Send) -> None:
    response = JSONResponse(body(error), status_of(error))
    await response(scope, receive, send)
