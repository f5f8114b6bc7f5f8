"""Which room somebody in a conference is, and how that was told. Pure.

The surest way wins: somebody wrote it down, or the display name is a code of ours; the SIP address,
the telephone number, the network the call comes from, and last a name that reads alike. Two rooms
that fit equally well are no match: nobody is taken for somebody else.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from conference.addresses import digits, sip_user
from conference.choices import MatchMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from conference.bridges.status import Participant

ALIKE: Final = 0.88
"""How alike two names must be, as difflib measures it, to be taken for the same."""
_NOISE: Final = re.compile(
    r"\b(phong hop|diem cau|uy ban nhan dan|ubnd|tru so|xa|phuong|thi tran|dac khu|room|meeting)\b"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A room that may take part; `codes`, `uris` and `addresses` are its and its endpoints'.

    `aliases` are what somebody wrote down, as `folded` makes them.
    """

    room: str
    name: str
    site_name: str
    codes: frozenset[str] = frozenset()
    uris: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()
    aliases: frozenset[str] = frozenset()


def match(who: Participant, rooms: Sequence[Candidate]) -> tuple[str | None, MatchMethod]:
    """Return the room's code and how it was told; None when no room, or more than one, fits."""
    uri, number = sip_user(who.remote_uri), digits(who.remote_uri)
    name = who.display_name.strip()
    told = {folded(text) for text in (name, who.remote_uri, who.remote_ip) if text}
    ways: tuple[tuple[MatchMethod, Callable[[Candidate], bool]], ...] = (
        (MatchMethod.EXPLICIT, lambda room: not told.isdisjoint(room.aliases)),
        (MatchMethod.EXPLICIT, lambda room: name in room.codes),
        (MatchMethod.SIP_URI, lambda room: uri is not None and uri in _users(room)),
        (MatchMethod.E164, lambda room: number is not None and number in _numbers(room)),
        (MatchMethod.SUBNET, lambda room: _is_in(who.remote_ip, room)),
        (MatchMethod.FUZZY, lambda room: _reads_alike(name, room)),
    )
    for method, fits in ways:
        found = [room.room for room in rooms if fits(room)]
        if len(found) == 1:
            return found[0], method
        if found and method is not MatchMethod.SUBNET:
            return None, MatchMethod.NONE
    return None, MatchMethod.NONE


def folded(alias: str) -> str:
    """Return a name so that letters composed otherwise, case and outer spaces do not matter."""
    return unicodedata.normalize("NFC", alias).strip().casefold()


def _users(room: Candidate) -> set[str | None]:
    return {sip_user(uri) for uri in room.uris} - {None}


def _numbers(room: Candidate) -> set[str | None]:
    return {digits(uri) for uri in room.uris} - {None}


def _is_in(address: str | None, room: Candidate) -> bool:
    try:
        ip = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    return str(ip) in room.addresses or any(
        ip in ipaddress.ip_network(network, strict=False) for network in room.networks
    )


def _reads_alike(name: str, room: Candidate) -> bool:
    told = plain(name)
    return bool(told) and any(
        SequenceMatcher(None, told, plain(own)).ratio() >= ALIKE
        for own in (room.name, room.site_name)
    )


def plain(name: str) -> str:
    """Return a name without accents, case and the words that all of them share."""
    spread = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return " ".join(_NOISE.sub(" ", re.sub(r"[^a-z0-9]+", " ", bare)).split())
