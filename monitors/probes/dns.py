"""Does a name server answer truly: expected records, signatures, the same as its neighbours.

RFC 1035; validation by what a validating resolver says (AD, RFC 4035) or by the dates of the
signatures a server hands out.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import struct
from typing import TYPE_CHECKING, Annotated, Final, Literal

from pydantic import AfterValidator, Field

from hatang import clock
from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes import dnswire
from monitors.probes.datagram import exchange
from monitors.probes.result import EXPIRES_SOON, Answer, Options, Probe
from monitors.probes.stream import connected

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.dnswire import Reply
    from monitors.probes.result import Means

# RFC 1035 4.1.1: no error and "no such name" are answers to a question about a name. Who asks for
# nothing in particular (the root) also takes "refused", as a server that does not recurse says.
_ANSWERS: Final = frozenset({0, 3})
_SIGNS_OF_LIFE: Final = frozenset({0, 3, 5})
_SERIAL: Final = 2
_ERA: Final = 1 << 32


def _type(text: str) -> str:
    if text not in dnswire.TYPES:
        raise ValueError(f"is none of {', '.join(dnswire.TYPES)}")
    return text


class DnsOptions(Options):
    """What is asked and what is a good answer.

    `expect` are values that must all be there; `family` asks the server over IPv4 or IPv6.
    `dnssec` wants a validated answer from a resolver (`validated`), or signatures that are in
    date from a server of the zone (`signed`). `agree_with` are servers whose SOA must be the same.
    """

    type: Annotated[str, AfterValidator(_type)] = "SOA"
    expect: tuple[str, ...] = ()
    family: Literal[4, 6] | None = None
    dnssec: Literal["off", "validated", "signed"] = "off"
    agree_with: Annotated[tuple[str, ...], Field(max_length=16)] = ()


async def ask(aim: Aim, means: Means, options: DnsOptions) -> Answer:
    """Answer when the server at `dns://server/name` answers for `name` (its SOA, or the root's NS).

    The question is asked once more half-way to the timeout, since UDP may lose it, and over TCP
    when the answer does not fit.
    """
    if options.family is not None:
        aim = await aim.other(aim.url, socket.AF_INET if options.family == 4 else socket.AF_INET6)
    name = aim.path.strip("/").rstrip(".")
    reply = await _asked(aim, name, options)
    found = reply.texts(dnswire.TYPES[options.type if name else "NS"])
    values = {
        "probe_dns_answer_rrs": float(reply.counts[0]),
        "probe_dns_authority_rrs": float(reply.counts[1]),
        "probe_dns_additional_rrs": float(reply.counts[2]),
    }
    detail = f"rcode {reply.code}"
    if name and options.type == "SOA" and found:
        values["probe_dns_serial"] = float(found[0].split()[_SERIAL])
    missing = sorted(set(map(_plain, options.expect)) - set(map(_plain, found)))
    if missing:
        return Answer(Cause.WRONG_ANSWER, values, f"{detail}, without {', '.join(missing)}")
    if options.agree_with:
        others = await _others(aim, name, options)
        differing = sorted(each for each, value in others.items() if value != _serial(reply))
        if differing:
            return Answer(Cause.SERVERS_DISAGREE, values, f"differs from {', '.join(differing)}")
    return _secured(reply, values, detail, options)


def _secured(reply: Reply, values: dict[str, float], detail: str, options: DnsOptions) -> Answer:
    if options.dnssec == "validated" and not reply.is_authentic:
        return Answer(Cause.NOT_SIGNED, values, f"{detail}, not validated")
    if options.dnssec == "signed":
        ends = _signatures_end(reply, dnswire.TYPES[options.type])
        if ends is None:
            return Answer(Cause.NOT_SIGNED, values, f"{detail}, no signature")
        values["hatang_probe_dns_signature_expiry_timestamp_seconds"] = ends
        left = ends - clock.now().timestamp()
        if left <= 0:
            return Answer(Cause.SIGNATURE_INVALID, values, "the signature has run out")
        if left < EXPIRES_SOON.total_seconds() / 7:  # signers renew late: two days are enough
            return Answer(Cause.SIGNATURE_EXPIRING, values, f"{left / 3600:.0f} h left")
    return Answer(Cause.ANSWERED, values, detail)


def _signatures_end(reply: Reply, kind: int) -> float | None:
    """Return when the first signature over records of `kind` ends, in the era of today."""
    ends = []
    now = clock.now().timestamp()
    for text in reply.texts(dnswire.TYPES["RRSIG"]):
        covered, expires = map(int, text.split())
        if covered == kind:  # RFC 4034, 3.1.5: serial number arithmetic
            ends.append(expires + round((now - expires) / _ERA) * _ERA)
    return min(ends, default=None)


async def _others(aim: Aim, name: str, options: DnsOptions) -> dict[str, str]:
    async def one(server: str) -> str:
        at = await aim.other(f"dns://{server}/{name}")
        return _serial(await _asked(at, name, options))

    found = await asyncio.gather(*map(one, options.agree_with))
    return dict(zip(options.agree_with, found, strict=True))


def _serial(reply: Reply) -> str:
    found = reply.texts(dnswire.TYPES["SOA"])
    return found[0].split()[_SERIAL] if found else ""


async def _asked(aim: Aim, name: str, options: DnsOptions) -> Reply:
    kind = dnswire.TYPES[options.type if name else "NS"]
    number = secrets.randbelow(1 << 16)
    try:
        question = dnswire.question(name, kind, number, secure=options.dnssec != "off")
    except (ValueError, UnicodeError) as error:
        raise DriverError(f"{name!r} is no domain name", Reason.REJECTED) from error

    def accept(data: bytes) -> Reply | None:
        return _read(aim, data) if dnswire.is_answer_to(data, question) else None

    reply = await exchange(aim, question, accept)
    if reply.is_truncated:
        reply = await _by_tcp(aim, question)
    if reply.code not in (_ANSWERS if name else _SIGNS_OF_LIFE):
        raise DriverError(f"{aim.url}: response code {reply.code}", Reason.REJECTED)
    return reply


async def _by_tcp(aim: Aim, question: bytes) -> Reply:
    async with connected(aim) as talk:
        await talk.send(struct.pack("!H", len(question)) + question)
        (length,) = struct.unpack("!H", await talk.exactly(2))
        data = await talk.exactly(length)
    if not dnswire.is_answer_to(data, question):
        raise DriverError(f"{aim.url}: answers another question", Reason.PROTOCOL_ERROR)
    return _read(aim, data)


def _read(aim: Aim, data: bytes) -> Reply:
    try:
        return dnswire.parse(data)
    except ValueError as error:
        raise DriverError(f"{aim.url}: {error}", Reason.PROTOCOL_ERROR) from error


def _plain(text: str) -> str:
    return text.strip().rstrip(".").lower()


PROBE: Final = Probe(ask, ("dns",), DnsOptions)
