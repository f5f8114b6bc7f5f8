"""What stand-ins for bridges have in common: a login, a mood, and fields that go missing."""

from __future__ import annotations

import base64

import httpx

USER, PASSWORD = "api-reader", "mcu-s3cret"


class Server:
    """Answers as a bridge would; `rename` is what a field is called instead.

    `mood` is the HTTP status that everything is answered with, None for a bridge that is well.
    """

    def __init__(self, rename: tuple[str, str] | None = None, mood: int | None = None) -> None:
        self.rename = rename
        self.mood = mood
        self.asked: list[str] = []

    def open_client(self, base_url: str) -> httpx.AsyncClient:
        transport = httpx.MockTransport(self.handle)
        return httpx.AsyncClient(base_url=base_url, transport=transport)

    def handle(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        given = request.headers.get("Authorization", "")
        wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if given != wanted:
            return httpx.Response(401, headers={"WWW-Authenticate": "Basic"})
        if self.mood is not None:
            return httpx.Response(self.mood, headers={"Retry-After": "30"})
        if request.method != "GET":
            return httpx.Response(405)
        found = self.answer(request)
        if self.rename is not None:
            body = found.content.replace(self.rename[0].encode(), self.rename[1].encode())
            return httpx.Response(found.status_code, content=body)
        return found

    def answer(self, request: httpx.Request) -> httpx.Response:
        raise NotImplementedError
