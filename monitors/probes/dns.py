"""Does a name server answer a question (RFC 1035); any well-formed answer without error counts."""

from __future__ import annotations

import asyncio
import secrets
import struct
from typing import TYPE_CHECKING, Final

from hatang.errors import DriverError, Reason
from monitors.probes.result import Answer, Probe

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means, Options

_HEADER: Final = struct.Struct("!6H")
_RECURSION_DESIRED: Final = 0x0100
_IS_RESPONSE: Final = 0x8000
_SOA: Final = 6
_NS: Final = 2
# RFC 1035 4.1.1: no error and "no such name" are answers to a question about a name. Who asks for
# nothing in particular (the root) also takes "refused", as a server that does not recurse says.
_ANSWERS: Final = frozenset({0, 3})
_SIGNS_OF_LIFE: Final = frozenset({0, 3, 5})


async def ask(aim: Aim, means: Means, options: Options) -> Answer:
    """Answer when the server at `dns://server/name` answers for `name` (its SOA, or the root's NS).

    The question is asked once more half-way to the timeout, since UDP may lose it.
    """
    name = aim.path.strip("/").rstrip(".")
    number = secrets.randbelow(1 << 16)
    question = _question(name, number)
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_datagram_endpoint(
        lambda: _Asking(number), remote_addr=(aim.address, aim.port)
    )
    try:
        code = await _wait(transport, protocol, question, aim.timeout_seconds)
    finally:
        transport.close()
    if code not in (_ANSWERS if name else _SIGNS_OF_LIFE):
        raise DriverError(f"{aim.url}: response code {code}", Reason.REJECTED)
    return Answer(detail=f"rcode {code}")


async def _wait(
    transport: asyncio.DatagramTransport, protocol: _Asking, question: bytes, seconds: float
) -> int:
    for _ in range(2):
        transport.sendto(question)
        done, _pending = await asyncio.wait([protocol.code], timeout=seconds / 2)
        if done:
            return protocol.code.result()
    raise TimeoutError


class _Asking(asyncio.DatagramProtocol):
    def __init__(self, number: int) -> None:
        self.number = number
        self.code: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:
        if len(data) < _HEADER.size or self.code.done():
            return
        number, flags, *_ = _HEADER.unpack_from(data)
        if number == self.number and flags & _IS_RESPONSE:
            self.code.set_result(flags & 0xF)

    def error_received(self, exc: Exception) -> None:
        if not self.code.done():
            self.code.set_exception(exc)


def _question(name: str, number: int) -> bytes:
    labels = [label.encode("idna") for label in name.split(".")] if name else []
    if any(not 0 < len(label) < 64 for label in labels):
        raise DriverError(f"{name!r} is no domain name", Reason.REJECTED)
    packed = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    kind = struct.pack("!2H", _SOA if name else _NS, 1)
    return _HEADER.pack(number, _RECURSION_DESIRED, 1, 0, 0, 0) + packed + kind


PROBE: Final = Probe(ask, ("dns",))
