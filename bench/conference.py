"""Whether points are ready: quick looks at 215 and 559 of them, and half of them silent.

Job: just before a session somebody asks "are all there": OPTIONS to each room, and its way measured
with 20 packets. Reflector and rooms are *simulated* by two processes on loopback. The peer is
`sipsak`, which staff would run room by room, and which measures no way: one OPTIONS each.
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conference.lines import Line
from conference.paths import QUICK_INTERVAL_SECONDS, QUICK_PACKETS, judge_path, staggered
from conference.service.calling import OPTIONS_SECONDS
from conference.service.checking import OPTIONS_AT_ONCE, quiet
from hatang.drivers.sip import UdpSipProber
from hatang.errors import DriverError
from monitors.paths import Sending, measure

if TYPE_CHECKING:
    from collections.abc import Iterator

REFLECTOR: Final = Path(__file__).parents[1] / "deploy" / "reflector" / "hatang-reflector.py"
# A room that answers OPTIONS, as little of a SIP user agent as that takes.
_ROOMS: Final = """
import socket, sys
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.bind(("127.0.0.1", 0))
print(sock.getsockname()[1], flush=True)
while True:
    data, peer = sock.recvfrom(4096)
    head = [line for line in data.decode().split("\\r\\n")
            if line.split(":")[0].lower() in ("via", "from", "to", "call-id", "cseq")]
    answer = ["SIP/2.0 200 OK", *head, "Content-Length: 0", "", ""]
    sock.sendto("\\r\\n".join(answer).encode(), peer)
"""


def run() -> Iterator[str]:
    """Yield a line a job: wall and CPU seconds of ours, and the peer's wall time as a ratio."""
    with tempfile.TemporaryDirectory() as folder:
        rooms = _started([sys.executable, "-c", _ROOMS])
        port = int(rooms.stdout.readline())  # type: ignore[union-attr]
        words = ("--listen", "127.0.0.1:18862", "--allow", "127.0.0.0/8", "--rate", "1000000")
        reflector = _started([sys.executable, str(REFLECTOR), *words])
        reflector.stdout.readline()  # type: ignore[union-attr]
        try:
            yield from _jobs(port, Path(folder))
        finally:
            for each in (rooms, reflector):
                each.kill()
                each.wait()


def _started(words: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, stdout=subprocess.PIPE)


def _jobs(port: int, folder: Path) -> Iterator[str]:
    whole, _ = _look(215, port, silent=0)
    peer = _sipsak(215, port, folder)
    ratio = "" if peer is None else f", {whole / peer:.2f} of sipsak's {peer:.1f} s"
    for points, silent in ((215, 0), (559, 0), (215, 107)):
        wall, cpu = _look(points, port, silent=silent)
        note = ratio if (points, silent) == (215, 0) else ""
        yield (
            f"conference: quick look at {points} simulated points, {silent} silent: "
            f"{wall:.1f} s wall, {cpu:.2f} CPU s{note}"
        )


def _look(points: int, port: int, *, silent: int) -> tuple[float, float]:
    begun, spent = time.perf_counter(), time.process_time()
    asyncio.run(_ask(points, port, silent))
    return time.perf_counter() - begun, time.process_time() - spent


async def _ask(points: int, port: int, silent: int) -> None:
    limit, prober = asyncio.Semaphore(OPTIONS_AT_ONCE), UdpSipProber()

    async def options(number: int) -> None:
        # TEST-NET-1 (RFC 5737): nobody is there to answer.
        target = f"sip:room@127.0.0.1:{port}" if number >= silent else "sip:room@192.0.2.1:5060"
        async with limit:
            try:
                await prober.options(target, timeout_seconds=OPTIONS_SECONDS)
            except DriverError:
                return

    uplink = Line("circuit:u", "u", 1_000_000, 1_000_000, 0.0, 0.0, 4)
    sendings = [
        Sending(str(number), "stamp://127.0.0.1:18862" if number >= silent else
                "stamp://192.0.2.1:862", QUICK_PACKETS, QUICK_INTERVAL_SECONDS)
        for number in range(points)
    ]  # fmt: skip
    asking = [asyncio.create_task(options(number)) for number in range(points)]
    await quiet(asking)
    planned = staggered(sendings, {one.key: [uplink] for one in sendings})
    for found in (await measure(planned, allow_local=True)).values():
        judge_path(found)
    await asyncio.gather(*asking)


def _sipsak(points: int, port: int, folder: Path) -> float | None:
    if shutil.which("sipsak") is None:
        return None
    begun = time.perf_counter()
    for _ in range(points):
        subprocess.run(
            ["sipsak", "-s", f"sip:room@127.0.0.1:{port}"],
            cwd=folder,
            capture_output=True,
            check=False,
        )
    return time.perf_counter() - begun
