"""Keeps what a bridge answered as it came, so that a province can send what its bridge really says.

What was asked is not kept: it carries the secret. Of what was answered, a session or token that
would let its reader in is left out. What is kept names rooms, people and addresses.
"""

from __future__ import annotations

import json
import re
from itertools import count
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from conference.bridges.protocol import OpenClient


_OPENS: Final = re.compile(
    r'("[^"]*(?:session|token|secret|password|cookie)[^"]*"\s*:\s*)"[^"]*"', re.IGNORECASE
)


def recording(open_client: OpenClient, folder: Path) -> OpenClient:
    """Return `open_client` whose answers are also written into `folder`, numbered as they came."""
    numbers = count(1)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def keep(response: httpx.Response) -> None:
        body = await response.aread()
        path = re.sub(r"[^a-zA-Z0-9]+", "-", response.request.url.path).strip("-")[:80] or "root"
        name = f"{next(numbers):04d}-{response.request.method.lower()}-{path}"
        kept = {
            "status": response.status_code,
            "content_type": response.headers.get("Content-Type", ""),
            "body": _OPENS.sub(r'\1"(left out)"', body.decode("utf-8", "replace")),
        }
        file = folder / f"{name}.json"
        file.write_text(json.dumps(kept, ensure_ascii=False, indent=1), "utf-8")
        file.chmod(0o600)

    def opened(base_url: str) -> httpx.AsyncClient:
        client = open_client(base_url)
        client.event_hooks["response"].append(keep)
        client.event_hooks = client.event_hooks
        return client

    return opened
