"""Real WebRTC participants: each sends sound and picture from its room's own namespace.

Run as `python -m lab.participants SPEC`; SPEC is JSON (see `lab.meeting.Order`). Media take the
province's own ways, signalling that of the first room. Who is *simulated* joins the bridge's room
and sends nothing.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import socket
import sys
import time
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aioice.ice
import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from aiortc.mediastreams import AudioStreamTrack
from av import VideoFrame

from lab import netns
from lab.meeting import Order

if TYPE_CHECKING:
    from collections.abc import Callable

FRAMES_A_SECOND = 5
WIDTH, HEIGHT = 160, 96
VIDEO_CLOCK = 90_000  # RFC 7741, 4.1
SIGNAL_SECONDS = 20.0
KEEPALIVE_SECONDS = 25.0  # the lab's bridge forgets a session after 60
JOINING_AT_ONCE = 8

_place: ContextVar[tuple[str, str]] = ContextVar("place")


def from_rooms() -> None:
    """Let every ICE candidate be the room's own address, its socket in the room's namespace.

    aioice asks this machine for its addresses and opens sockets where the process lives.
    """
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: [_place.get()[1]]
    loop = asyncio.get_running_loop()
    create = loop.create_datagram_endpoint

    async def inside(protocol: Callable[[], Any], local_addr: Any = None, **more: Any) -> Any:
        namespace, address = _place.get()
        if local_addr is None or local_addr[0] != address:
            return await create(protocol, local_addr=local_addr, **more)
        with netns.inside(namespace):
            handle = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        handle.settimeout(0)
        handle.bind(local_addr)
        return await create(protocol, sock=handle)

    loop.create_datagram_endpoint = inside  # type: ignore[method-assign, assignment]


class Picture(VideoStreamTrack):
    """A grey picture that changes a little with every frame."""

    def __init__(self) -> None:
        super().__init__()
        self._number = 0
        self._begun = time.monotonic()

    async def recv(self) -> VideoFrame:
        """Return the next frame when its time has come."""
        due = self._begun + self._number / FRAMES_A_SECOND
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        frame = VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for number, plane in enumerate(frame.planes):
            shade = 128 if number else 40 + self._number % 160
            plane.update(bytes([shade]) * plane.buffer_size)
        frame.pts = self._number * VIDEO_CLOCK // FRAMES_A_SECOND
        frame.time_base = Fraction(1, VIDEO_CLOCK)
        self._number += 1
        return frame


class Session:
    """One session of Janus' REST API, kept alive by its own long poll."""

    def __init__(self, client: httpx.AsyncClient, path: str) -> None:
        self._client = client
        self._path = path
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._poll: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, client: httpx.AsyncClient) -> Session:
        """Create a session."""
        made = await cls._post(client, "/janus", {"janus": "create"})
        return cls(client, f"/janus/{made['data']['id']}")

    @staticmethod
    async def _post(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = await client.post(path, json={"transaction": secrets.token_hex(6)} | body)
        told: dict[str, Any] = answer.json()
        if told["janus"] == "error":
            raise RuntimeError(f"the bridge refuses {body['janus']}: {told['error']}")
        return told

    async def attach(self) -> str:
        """Return a new handle's path."""
        plugin = "janus.plugin.videoroom"
        made = await self._post(self._client, self._path, {"janus": "attach", "plugin": plugin})
        return f"{self._path}/{made['data']['id']}"

    async def ask(
        self, handle: str, body: dict[str, Any], jsep: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """Send the plug-in a message and return the event that answers it."""
        self._poll = self._poll or asyncio.create_task(self._listen())
        key = secrets.token_hex(6)
        answer = asyncio.get_running_loop().create_future()
        self._answers[key] = answer
        message: dict[str, Any] = {"janus": "message", "transaction": key, "body": body}
        await self._post(self._client, handle, message | ({"jsep": jsep} if jsep else {}))
        event: dict[str, Any] = await asyncio.wait_for(answer, SIGNAL_SECONDS)
        if "error" in (told := event["plugindata"]["data"]):
            raise RuntimeError(f"the bridge refuses {body['request']}: {told['error']}")
        return event

    async def _listen(self) -> None:
        while True:
            with suppress(httpx.TimeoutException):
                answer = await self._client.get(self._path, params={"maxev": 5}, timeout=60)
                for event in answer.json():
                    waiting = self._answers.pop(event.get("transaction", ""), None)
                    if waiting is not None and event["janus"] == "event":
                        waiting.set_result(event)
                    elif waiting is not None:
                        self._answers[event["transaction"]] = waiting

    async def keep(self) -> None:
        """Keep a session alive that nobody listens to."""
        while True:
            await asyncio.sleep(KEEPALIVE_SECONDS)
            await self._post(self._client, self._path, {"janus": "keepalive"})

    async def close(self) -> None:
        """End the session; the bridge then sees the participant leave."""
        if self._poll is not None:
            self._poll.cancel()
        with suppress(httpx.HTTPError, RuntimeError):
            await self._post(self._client, self._path, {"janus": "destroy"})


@dataclass
class Real:
    """A participant with media: what it sends, and what it hears of the chair."""

    session: Session
    feed: int
    sends: RTCPeerConnection
    hears: RTCPeerConnection | None = None

    async def close(self) -> None:
        """Leave."""
        await self.session.close()
        for each in (self.sends, self.hears):
            if each is not None:
                await each.close()


async def join(client: httpx.AsyncClient, order: Order, who: dict[str, str]) -> Real:
    """Join with sound and picture, and wait until they flow."""
    _place.set((who["netns"], who["address"]))
    session = await Session.open(client)
    handle = await session.attach()
    asked = {"request": "join", "ptype": "publisher", "room": order.room, "display": who["display"]}
    joined = await session.ask(handle, asked)
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTrack(AudioStreamTrack())
    peer.addTrack(Picture())
    await peer.setLocalDescription(await peer.createOffer())
    offer = {"type": "offer", "sdp": peer.localDescription.sdp}
    answer = (await session.ask(handle, {"request": "publish"}, offer))["jsep"]
    await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
    deadline = time.monotonic() + SIGNAL_SECONDS
    while peer.connectionState != "connected":
        if time.monotonic() > deadline:
            raise RuntimeError(f"{who['display']}: its media find no way ({peer.connectionState})")
        await asyncio.sleep(0.05)
    return Real(session, joined["plugindata"]["data"]["id"], peer)


async def hear(real: Real, order: Order, who: dict[str, str], feed: int) -> None:
    """Let a participant receive another's sound."""
    _place.set((who["netns"], who["address"]))
    handle = await real.session.attach()
    streams = [{"feed": feed, "mid": "0"}]
    asked = {"request": "join", "ptype": "subscriber", "room": order.room, "streams": streams}
    offer = (await real.session.ask(handle, asked))["jsep"]
    peer = real.hears = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    await peer.setRemoteDescription(RTCSessionDescription(offer["sdp"], offer["type"]))
    await peer.setLocalDescription(await peer.createAnswer())
    answer = {"type": "answer", "sdp": peer.localDescription.sdp}
    await real.session.ask(handle, {"request": "start"}, answer)


async def stand_in(client: httpx.AsyncClient, order: Order, display: str) -> Session:
    """Join without media."""
    session = await Session.open(client)
    handle = await session.attach()
    asked = {"request": "join", "ptype": "publisher", "room": order.room, "display": display}
    body = {"janus": "message", "body": asked}
    await session._post(client, handle, body)  # noqa: SLF001 - nobody waits for its event
    return session


async def meet(order: Order) -> None:
    """Let all join, say so, and leave when the time is over."""
    from_rooms()
    limit = asyncio.Semaphore(JOINING_AT_ONCE)
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=order.url, limits=limits, timeout=SIGNAL_SECONDS) as web:

        async def one(display: str) -> Session:
            async with limit:
                return await stand_in(web, order, display)

        joining = [asyncio.create_task(join(web, order, who)) for who in order.real]
        real = await asyncio.gather(*joining)
        hearing = zip(real[1:], order.real[1:], strict=True)
        tasks = [asyncio.create_task(hear(one, order, who, real[0].feed)) for one, who in hearing]
        await asyncio.gather(*tasks)
        stands = await asyncio.gather(*(one(display) for display in order.simulated))
        keeping = [asyncio.create_task(each.keep()) for each in stands]
        told = {"real": len(real), "simulated": len(stands), "feeds": [one.feed for one in real]}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        try:
            await asyncio.sleep(order.seconds)
        finally:
            for task in keeping:
                task.cancel()
            await asyncio.gather(*(each.close() for each in real))
            await asyncio.gather(*(each.close() for each in stands))


def main(specification: str) -> None:
    """Read the order, live in the first room's namespace, where `down` finds us, and meet."""
    order = Order(**json.loads(Path(specification).read_text()))
    netns.enter(netns.NETNS_DIRECTORY / order.real[0]["netns"])
    asyncio.run(meet(order))


if __name__ == "__main__":
    main(sys.argv[1])
