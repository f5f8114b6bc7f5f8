"""Does an SSH server greet and show the host key that somebody enrolled (RFC 4253)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from hatang import drivers
from hatang.drivers.hostkeys import CERTIFICATE, fingerprint
from hatang.drivers.target import Target
from hatang.drivers.terminal import one_line
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.result import Answer, Options, Probe
from monitors.probes.stream import connected

if TYPE_CHECKING:
    from hatang.drivers.protocols import PublicKey
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

_MAX_LINES: Final = 50
_MAX_BANNER: Final = 255


class SshOptions(Options):
    """`fingerprint` is the key's SHA256:… where none is enrolled; `key` false reads the banner."""

    key: bool = True
    fingerprint: Annotated[str, Field(pattern=r"^(SHA256:[A-Za-z0-9+/]{43})?$")] = ""


async def ask(aim: Aim, means: Means, options: SshOptions) -> Answer:
    """Answer when the server shows an enrolled key; nobody logs in.

    A server without an enrolled key is degraded: it answers, and may be anybody.
    """
    banner = await _banner(aim)
    if not options.key:
        return Answer(detail=banner)
    held = await asyncio.to_thread(_enrolled, aim, means)
    shown = await asyncio.to_thread(_shown, aim)
    if not shown:
        raise DriverError(f"{aim.url}: shows no host key", Reason.PROTOCOL_ERROR)
    printed = [fingerprint(key) for key in shown]
    if options.fingerprint:
        if options.fingerprint in printed:
            return Answer(detail=banner)
        raise DriverError(f"{aim.url}: shows {printed[0]}", Reason.HOST_KEY_MISMATCH)
    if not held:
        return Answer(Cause.HOST_KEY_UNKNOWN, detail=f"{banner}, {printed[0]}")
    kinds = {key.kind for key in held}
    wrong = [key for key in shown if key.kind in kinds and key not in held]
    if wrong or not any(key in held for key in shown):
        one = fingerprint((wrong or shown)[0])
        raise DriverError(f"{aim.url}: shows {one}", Reason.HOST_KEY_MISMATCH)
    return Answer(detail=banner)


def _enrolled(aim: Aim, means: Means) -> list[PublicKey]:
    held = [
        *means.host_keys.lookup(aim.address, aim.port),
        *means.host_keys.lookup(aim.host, aim.port),
    ]
    return [key for key in held if key.kind != CERTIFICATE]


def _shown(aim: Aim) -> list[PublicKey]:
    limits = drivers.ssh.SshLimits(connect_seconds=aim.timeout_seconds)
    return drivers.ssh.scan(Target(aim.host, aim.address, aim.port), limits)


async def _banner(aim: Aim) -> str:
    async with connected(aim) as talk:
        for _ in range(_MAX_LINES):  # RFC 4253, 4.2: other lines may come before
            line = await talk.line()
            if line.startswith(b"SSH-"):
                if not line.startswith((b"SSH-2.0-", b"SSH-1.99-")) or len(line) > _MAX_BANNER:
                    break
                return one_line(line.decode("ascii", "replace"))
    raise DriverError(f"{aim.url}: no SSH banner", Reason.PROTOCOL_ERROR)


PROBE: Final = Probe(ask, ("ssh",), SshOptions)
