"""Does a web server answer well, is the text there, and is its certificate good and for how long.

RFC 9110, RFC 5280. Patterns are RE2, which take linear time whatever a page holds.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Annotated, Final, Literal

import re2
from pydantic import AfterValidator, Field

from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes import revocation
from monitors.probes.aim import split
from monitors.probes.result import Answer, Options, Probe
from monitors.probes.stream import proof, unproved
from monitors.probes.web import MAX_BODY, Page, Request, fetch, same_host

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

_MAX_REDIRECTS: Final = 3


def _pattern(text: str) -> str:
    try:
        re2.compile(text)
    except re2.error as error:
        raise ValueError(f"is no RE2 pattern: {error}") from None
    return text


Pattern = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_pattern)]


class HttpOptions(Options):
    """What a good answer is: `status` any below 400 when empty, `contains` and `lacks` in its text.

    `follow` goes after redirects to the same host, at most three. `revocation` asks whether the
    certificate was revoked, by `ocsp`, by `crl`, or by what the certificate names (`auto`).
    """

    status: tuple[Annotated[int, Field(ge=100, le=599)], ...] = ()
    contains: tuple[Pattern, ...] = ()
    lacks: tuple[Pattern, ...] = ()
    follow: bool = False
    max_bytes: Annotated[int, Field(ge=1, le=MAX_BODY)] = MAX_BODY
    revocation: Literal["off", "ocsp", "crl", "auto"] = "off"


async def ask(aim: Aim, means: Means, options: HttpOptions) -> Answer:
    """Answer when the page is served and holds what it should.

    A server whose certificate is not trusted is asked once more without that check, and is
    degraded: it serves, but nobody can be sure that it is the right one. Nothing secret is sent.
    """
    page, redirects, is_proved = await _page(aim, means, options)
    told = proof(list(page.chain), is_proved=is_proved)
    values = {
        "probe_http_status_code": float(page.status),
        "probe_http_ssl": float(aim.scheme == "https"),
        "probe_http_redirects": float(redirects),
        **told.values,
        **{
            f'probe_http_duration_seconds{{phase="{name}"}}': seconds
            for name, seconds in page.phases.items()
        },
    }
    wanted = page.status in options.status if options.status else page.status < 400
    if not wanted:
        raise DriverError(f"{aim.url}: status {page.status}", Reason.REJECTED)
    detail, cause = f"status {page.status}", told.cause
    if options.contains or options.lacks:
        fault = _fault(page.text, options)
        values["probe_failed_due_to_regex"] = float(bool(fault))
        values["probe_http_uncompressed_body_length"] = float(len(page.body))
        if fault:
            return Answer(Cause.CONTENT_MISSING, values, f"{detail}, {fault}")
    if options.revocation != "off" and is_proved and page.chain:
        found = await revocation.check(aim, means, page.chain, options.revocation)
        cause = max(cause, found, key=_badness)
    return Answer(cause, values, detail)


def _badness(cause: Cause) -> int:
    order = (Cause.ANSWERED, Cause.CERTIFICATE_EXPIRING)
    return order.index(cause) if cause in order else len(order)


async def _page(aim: Aim, means: Means, options: HttpOptions) -> tuple[Page, int, bool]:
    reads = bool(options.contains or options.lacks)
    request = Request(max_body=options.max_bytes if reads else 0)
    page, is_proved = await _shown(aim, means, request)
    count, url = 0, aim.url
    while options.follow and count < _MAX_REDIRECTS and (following := page.redirect(url)):
        if not same_host(aim.url, following) or split(following)[0] not in {"http", "https"}:
            break  # another host is another target: nobody asked for it
        count, url = count + 1, following
        page, following_proved = await _shown(await aim.other(following), means, request)
        is_proved = is_proved and following_proved
    return page, count, is_proved


async def _shown(aim: Aim, means: Means, request: Request) -> tuple[Page, bool]:
    try:
        return await fetch(aim, means, request), True
    except ssl.SSLCertVerificationError:
        return await fetch(aim, means, request, unproved()), False


def _fault(text: str, options: HttpOptions) -> str:
    """Return which pattern is not as it should be; the page itself is never told."""
    for pattern in options.contains:
        if re2.search(pattern, text) is None:
            return f"without {pattern!r}"
    for pattern in options.lacks:
        if re2.search(pattern, text) is not None:
            return f"with {pattern!r}"
    return ""


PROBE: Final = Probe(ask, ("https", "http"), HttpOptions)
