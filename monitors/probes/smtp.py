"""Does a mail server greet and answer EHLO, and encrypt (RFC 5321, RFC 3207)."""

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
    """Answer when the server greets and answers EHLO; leave politely, so that it logs no fault."""
    return await speak(aim, means, options, _dialogue, encrypted=aim.scheme == "smtps")


async def _dialogue(talk: Talk, context: ssl.SSLContext, options: MailOptions) -> bool:
    await _reply(talk, b"220", "no greeting")
    await talk.send(b"EHLO hatang.invalid\r\n")
    offered = await _reply(talk, b"250", "no answer to EHLO")
    wants = options.tls != "off" and talk.aim.scheme != "smtps"
    is_encrypted = wants and any(line[4:].upper() == b"STARTTLS" for line in offered)
    if is_encrypted:
        await talk.send(b"STARTTLS\r\n")
        await _reply(talk, b"220", "no STARTTLS")
        await talk.start_tls(context)
        await talk.send(b"EHLO hatang.invalid\r\n")
        await _reply(talk, b"250", "no answer to EHLO after STARTTLS")
    await talk.send(b"QUIT\r\n")
    await _reply(talk, b"221", "no answer to QUIT")
    return is_encrypted


async def _reply(talk: Talk, wanted: bytes, fault: str) -> list[bytes]:
    lines: list[bytes] = []
    for _ in range(_MAX_LINES):
        line = await talk.line()
        lines.append(line)
        if not line[:3].isdigit():
            break
        if line[3:4] != b"-":
            if line[:3] == wanted:
                return lines
            break
    is_refusal = lines[-1][:3].isdigit() and lines[-1][:1] in b"45"
    reason = Reason.REJECTED if is_refusal else Reason.PROTOCOL_ERROR
    raise DriverError(f"{talk.aim.url}: {fault}", reason)


PROBE: Final = Probe(ask, ("smtp", "smtps", "submission"), MailOptions)
