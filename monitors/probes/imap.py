"""Does a mailbox server greet, tell its capabilities, and encrypt (RFC 9051)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang.errors import DriverError, Reason
from monitors.probes.mail import MailOptions, speak
from monitors.probes.result import Answer, Probe

if TYPE_CHECKING:
    import ssl

    from monitors.probes.aim import Aim
    from monitors.probes.result import Means
    from monitors.probes.stream import Talk

_MAX_LINES: Final = 100


async def ask(aim: Aim, means: Means, options: MailOptions) -> Answer:
    """Answer when the server greets and answers CAPABILITY; log out without having logged in."""
    return await speak(aim, means, options, _dialogue, encrypted=aim.scheme == "imaps")


async def _dialogue(talk: Talk, context: ssl.SSLContext, options: MailOptions) -> bool:
    greeting = await talk.line()
    if not greeting.upper().startswith((b"* OK", b"* PREAUTH")):
        is_refusal = greeting.upper().startswith(b"* BYE")
        reason = Reason.REJECTED if is_refusal else Reason.PROTOCOL_ERROR
        raise DriverError(f"{talk.aim.url}: no greeting", reason)
    offered = await _command(talk, b"a1", b"CAPABILITY")
    wants = options.tls != "off" and talk.aim.scheme != "imaps"
    is_encrypted = wants and b"STARTTLS" in b" ".join(offered).upper().split()
    if is_encrypted:
        await _command(talk, b"a2", b"STARTTLS")
        await talk.start_tls(context)
        await _command(talk, b"a3", b"CAPABILITY")
    await _command(talk, b"a4", b"LOGOUT")
    return is_encrypted


async def _command(talk: Talk, tag: bytes, command: bytes) -> list[bytes]:
    await talk.send(tag + b" " + command + b"\r\n")
    lines: list[bytes] = []
    for _ in range(_MAX_LINES):
        line = await talk.line()
        if line.startswith(tag + b" "):
            if line[len(tag) + 1 :].upper().startswith(b"OK"):
                return lines
            raise DriverError(f"{talk.aim.url}: refuses {command.decode()}", Reason.REJECTED)
        lines.append(line)
    raise talk.nonsense("an answer without end")


PROBE: Final = Probe(ask, ("imaps", "imap"), MailOptions)
