"""What a bridge tells: nothing of it is read before the bridge has proven itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.api.conftest import BASE

if TYPE_CHECKING:
    from fastapi import FastAPI

pytestmark = pytest.mark.slow


def test_the_body_of_who_has_no_token_is_never_read(app: FastAPI) -> None:
    told: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        raise AssertionError("the body was read")

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    host = BASE.partition("://")[2].encode()
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/api/v1/ingest/mcu-1/janus",
        "raw_path": b"/api/v1/ingest/mcu-1/janus",
        "root_path": "",
        "query_string": b"",
        "headers": [
            (b"host", host),
            (b"content-length", b"1000000"),
            (b"x-hatang-bridge-token", b"forged"),
        ],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]  # as a server calls it
    assert told[0]["status"] == 401
