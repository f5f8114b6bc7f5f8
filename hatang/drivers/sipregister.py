"""Is an address registered: REGISTER without a contact asks and changes nothing (RFC 3261, 10.2.3).

The registrar proves who asks by a digest (RFC 8760: SHA-256, or MD5 where it knows no better);
the password itself never travels.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import secrets
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from hatang.drivers.failures import translated
from hatang.drivers.sip import Exchange, SipUri, header_values
from hatang.errors import DriverError, Reason
from hatang.operations import observe

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARAMETER: Final = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))')
_HASHES: Final = {"MD5": "md5", "SHA-256": "sha256"}
_CHALLENGES: Final = {
    401: ("www-authenticate", "Authorization"),
    407: ("proxy-authenticate", "Proxy-Authorization"),
}


@dataclass(frozen=True, slots=True)
class Registration:
    """What the registrar says: `contacts` is None when it only asked who we are."""

    code: int
    contacts: int | None


@dataclass(frozen=True, slots=True)
class SipLogin:
    """Who asks; the secret shows in no repr."""

    username: str
    password: str = field(repr=False)


async def registration(
    uri: str, at: SipUri, login: SipLogin | None = None, *, timeout_seconds: float = 4.0
) -> Registration:
    """Ask the registrar `at` for the contacts of the address `uri`.

    Raises:
        DriverError: TIMEOUT, REFUSED, UNREACHABLE; AUTH_FAILED when it refuses the login;
            PROTOCOL_ERROR for a challenge that cannot be answered.
    """
    with observe("driver", "sip.register"), translated(uri, "SIP REGISTER"):
        async with asyncio.timeout(timeout_seconds):
            code, data = await _ask(uri, at, 1, "")
            if code in _CHALLENGES and login is not None:
                name, header = _CHALLENGES[code]
                proof = _proof(uri, at, login, _first(data, name))
                code, data = await _ask(uri, at, 2, f"{header}: {proof}\r\n")
                if code in _CHALLENGES or code == 403:
                    raise DriverError(f"{uri}: the login is refused", Reason.AUTH_FAILED)
    return Registration(code, _contacts(data) if code == 200 else None)


async def _ask(uri: str, at: SipUri, number: int, extra: str) -> tuple[int, bytes]:
    loop = asyncio.get_running_loop()
    transport, exchange = await loop.create_datagram_endpoint(
        lambda: Exchange("REGISTER"), remote_addr=(at.host, at.port)
    )
    with closing(transport):
        local = transport.get_extra_info("sockname")
        exchange.request = _request(uri, at, local, (exchange.token, number, extra))
        code, _reason, data = await exchange.answer()
    return code, data


def _request(uri: str, at: SipUri, local: tuple[str, int], about: tuple[str, int, str]) -> bytes:
    token, number, extra = about
    host = f"[{local[0]}]" if ":" in local[0] else local[0]
    lines = (
        f"REGISTER {at.text} SIP/2.0",
        f"Via: SIP/2.0/UDP {host}:{local[1]};branch=z9hG4bK{token};rport",
        "Max-Forwards: 70",
        f"From: <{uri}>;tag={token[:8]}",
        f"To: <{uri}>",
        f"Call-ID: {token}@{host}",
        f"CSeq: {number} REGISTER",
        "User-Agent: hatang",
        f"{extra}Content-Length: 0",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _first(data: bytes, name: str) -> str:
    head = data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    return header_values(head).get(name, "")


def _proof(uri: str, at: SipUri, login: SipLogin, challenge: str) -> str:
    asked = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(challenge)}
    algorithm = asked.get("algorithm", "MD5").upper()
    digest = _HASHES.get(algorithm)
    if digest is None or not challenge.lower().startswith("digest") or "nonce" not in asked:
        raise DriverError(f"{uri}: asks for a proof we do not know", Reason.PROTOCOL_ERROR)
    fields = {
        "username": login.username,
        "realm": asked.get("realm", ""),
        "nonce": asked["nonce"],
        "uri": at.text,
    }
    first = _hex(digest, f"{login.username}:{fields['realm']}:{login.password}")
    second = _hex(digest, f"REGISTER:{at.text}")
    if "auth" in [one.strip() for one in asked.get("qop", "").split(",")]:
        cnonce = secrets.token_hex(8)
        fields["response"] = _hex(
            digest, f"{first}:{fields['nonce']}:00000001:{cnonce}:auth:{second}"
        )
        more = f', qop=auth, nc=00000001, cnonce="{cnonce}"'
    else:
        fields["response"] = _hex(digest, f"{first}:{fields['nonce']}:{second}")
        more = ""
    if "opaque" in asked:
        fields["opaque"] = asked["opaque"]
    return f"Digest {_quoted(fields)}, algorithm={algorithm}{more}"


def _quoted(fields: Mapping[str, str]) -> str:
    return ", ".join(f'{name}="{value}"' for name, value in fields.items())


def _hex(digest: str, text: str) -> str:
    return hashlib.new(digest, text.encode(), usedforsecurity=False).hexdigest()


def _contacts(data: bytes) -> int:
    """Return how many contacts a 200 lists; several may stand in one header (RFC 3261, 7.3.1)."""
    head = data.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
    count = 0
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.strip().lower() in {"contact", "m"}:
            count += len(re.findall(r"<[^>]*>", value)) or 1
    return count
