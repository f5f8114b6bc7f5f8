"""Does a web server answer well, and is its certificate good and for how long (RFC 9110, 5280)."""

from __future__ import annotations

import re
import ssl
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cryptography import x509

from hatang import clock
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.result import EXPIRES_SOON, Answer, Probe
from monitors.probes.tcp import connected

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter

    from monitors.probes.aim import Aim
    from monitors.probes.result import Means, Options

_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: [^\r\n]*)?\r?\n")
_USER_AGENT: Final = "hatang"


async def ask(aim: Aim, means: Means, options: Options) -> Answer:
    """Answer when the page is served; redirects are an answer and are never followed.

    A server whose certificate is not trusted is asked once more without that check, and is
    degraded: it serves, but nobody can be sure that it is the right one. Nothing secret is sent.
    """
    if aim.scheme != "https":
        async with connected(aim) as stream:
            return Answer(detail=await _ask(aim, *stream))
    try:
        return await _secure(aim, _trusting(means.authorities), Cause.ANSWERED)
    except ssl.SSLCertVerificationError:
        return await _secure(aim, _unproved(), Cause.CERTIFICATE_INVALID)


async def _secure(aim: Aim, context: ssl.SSLContext, cause: Cause) -> Answer:
    async with connected(aim, context) as (reader, writer):
        certificate = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        detail = await _ask(aim, reader, writer)
    ends = x509.load_der_x509_certificate(certificate).not_valid_after_utc
    if cause is Cause.ANSWERED and ends - clock.now() < EXPIRES_SOON:
        cause = Cause.CERTIFICATE_EXPIRING
    return Answer(cause, {"probe_ssl_earliest_cert_expiry": ends.timestamp()}, detail)


async def _ask(aim: Aim, reader: StreamReader, writer: StreamWriter) -> str:
    host = f"[{aim.host}]" if ":" in aim.host else aim.host
    lines = (
        f"GET {aim.path} HTTP/1.1",
        f"Host: {host}:{aim.port}",
        f"User-Agent: {_USER_AGENT}",
        "Accept: */*",
        "Connection: close",
        "",
        "",
    )
    writer.write("\r\n".join(lines).encode())
    await writer.drain()
    found = _STATUS.fullmatch(await reader.readline())
    if found is None:
        raise DriverError(f"{aim.url}: the answer is not HTTP", Reason.PROTOCOL_ERROR)
    status = int(found[1])
    if status >= 400:
        raise DriverError(f"{aim.url}: status {status}", Reason.REJECTED)
    return f"status {status}"


# Reading the authorities takes tens of milliseconds, and the poll loop would stand still for them.
@lru_cache(maxsize=4)
def _trusting(authorities: str) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if authorities:
        context.load_verify_locations(cadata=authorities)
    return context


@lru_cache(maxsize=1)
def _unproved() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


PROBE: Final = Probe(ask, ("https", "http"))
