"""The process that holds every room's SIP endpoint, each socket in its room's own namespace.

Run as `python -m lab.rooms SPEC`; SPEC is a JSON list of {netns, user, domain, address, registrar}.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from pathlib import Path

from lab import netns
from lab.endpoint import SIP_PORT, Identity, Room
from lab.wires.process import HOME_NAMESPACE


def open_socket(namespace: str, address: str) -> socket.socket:
    """Bind the room's SIP port inside its namespace."""
    with netns.inside(namespace):
        handle = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    handle.settimeout(0)
    handle.bind((address, SIP_PORT))
    return handle


async def serve(specs: list[dict[str, str]]) -> None:
    """Keep every room alive for ever."""
    loop = asyncio.get_running_loop()
    tasks = []
    for spec in specs:
        registrar = (spec["registrar"], SIP_PORT)
        identity = Identity(spec["user"], spec["domain"], spec["address"], registrar)
        room = Room(identity)
        handle = open_socket(spec["netns"], spec["address"])
        await loop.create_datagram_endpoint(lambda room=room: room, sock=handle)  # type: ignore[misc] # mypy cannot type a default argument
        tasks.append(asyncio.create_task(room.stay_registered()))
    await asyncio.gather(*tasks)


def main(specification: str) -> None:
    """Read the specification and serve."""
    specs = json.loads(Path(specification).read_text())
    netns.enter(netns.NETNS_DIRECTORY / HOME_NAMESPACE)  # so that `down` finds this process
    asyncio.run(serve(specs))


if __name__ == "__main__":
    main(sys.argv[1])
