"""What SMTP and IMAP have in common: lines, STARTTLS, and a certificate to prove."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Literal, TypeAlias

from monitors.choices import Cause
from monitors.probes.result import Answer, Options
from monitors.probes.stream import Talk, connected, proof, trusting, unproved

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means


class MailOptions(Options):
    """`tls`: `require` it, use it when `offered`, or leave it `off`."""

    tls: Literal["require", "offered", "off"] = "offered"


Dialogue: TypeAlias = Callable[[Talk, ssl.SSLContext, MailOptions], Awaitable[bool]]
"""Speaks the protocol, goes over to TLS where wanted, and returns whether it ended encrypted."""


async def speak(
    aim: Aim, means: Means, options: MailOptions, dialogue: Dialogue, *, encrypted: bool
) -> Answer:
    """Hold the dialogue, encrypted from the start or not, once more unproved if it must be.

    A server that offers no encryption where it is required is degraded, and so is one whose
    certificate is not trusted: no login and no letter is ever sent.
    """
    try:
        return await _once(aim, options, dialogue, (trusting(means.authorities), encrypted))
    except ssl.SSLCertVerificationError:
        found = await _once(aim, options, dialogue, (unproved(), encrypted))
        return Answer(Cause.CERTIFICATE_INVALID, found.values, found.detail)


async def _once(
    aim: Aim, options: MailOptions, dialogue: Dialogue, way: tuple[ssl.SSLContext, bool]
) -> Answer:
    context, encrypted = way
    async with connected(aim, context if encrypted else None) as talk:
        is_encrypted = await dialogue(talk, context, options) or encrypted
        told = proof(talk.chain, is_proved=True)
    if not is_encrypted and options.tls == "require":
        return Answer(Cause.NO_ENCRYPTION, told.values, "no STARTTLS")
    return Answer(told.cause, told.values, "encrypted" if is_encrypted else "in the clear")
