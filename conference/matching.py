"""Which room somebody in a conference is, and how that was told. Pure.

The surest way wins: somebody wrote it down, or the display name is a code of ours; the SIP address,
the telephone number, the network the call comes from, and last a name that reads alike. Two rooms
that fit equally well are no match: nobody is taken for somebody else.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeAlias

from conference.addresses import digits, sip_user
from conference.choices import MatchMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from conference.bridges.status import Participant

IPNetwork: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

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
    return Rooms(rooms).match(who)


class Rooms:
    """The rooms that may take part, kept so that nobody who joins is compared with all of them."""

    def __init__(self, rooms: Sequence[Candidate]) -> None:
        self._rooms = rooms
        self._aliases = _index(rooms, lambda room: room.aliases)
        self._codes = _index(rooms, lambda room: room.codes)
        self._users = _index(rooms, _users)
        self._numbers = _index(rooms, _numbers)
        self._addresses = _index(rooms, lambda room: room.addresses)

    def match(self, who: Participant) -> tuple[str | None, MatchMethod]:
        """Return the room's code and how it was told; None when no room, or several, fit."""
        name = who.display_name.strip()
        told = [folded(text) for text in (name, who.remote_uri, who.remote_ip) if text]
        ways: tuple[tuple[MatchMethod, Callable[[], set[str]]], ...] = (
            (MatchMethod.EXPLICIT, lambda: _all(self._aliases, told)),
            (MatchMethod.EXPLICIT, lambda: _all(self._codes, [name])),
            (MatchMethod.SIP_URI, lambda: _all(self._users, [sip_user(who.remote_uri)])),
            (MatchMethod.E164, lambda: _all(self._numbers, [digits(who.remote_uri)])),
            (MatchMethod.SUBNET, lambda: self._in(who.remote_ip)),
            (MatchMethod.FUZZY, lambda: self._alike(name)),
        )
        for method, fitting in ways:
            found = fitting()
            if len(found) == 1:
                return found.pop(), method
            if found and method is not MatchMethod.SUBNET:
                return None, MatchMethod.NONE
        return None, MatchMethod.NONE

    @cached_property
    def _networks(self) -> list[tuple[IPNetwork, str]]:
        return [
            (ipaddress.ip_network(network, strict=False), room.room)
            for room in self._rooms
            for network in room.networks
        ]

    def _in(self, address: str | None) -> set[str]:
        try:
            ip = ipaddress.ip_address(address or "")
        except ValueError:
            return set()
        return _all(self._addresses, [str(ip)]) | {
            room for network, room in self._networks if ip in network
        }

    @cached_property
    def _names(self) -> list[tuple[str, str]]:
        return [(plain(own), room.room) for room in self._rooms
                for own in dict.fromkeys((room.name, room.site_name))]  # fmt: skip

    def _alike(self, name: str) -> set[str]:
        told = plain(name)
        if not told:
            return set()
        found = set()
        for own, room in self._names:
            # The first two are bounds of the third, and cost a hundredth of it.
            compared = SequenceMatcher(None, told, own)
            if compared.real_quick_ratio() >= ALIKE and compared.quick_ratio() >= ALIKE:
                found |= {room} if compared.ratio() >= ALIKE else set()
        return found


def _index(
    rooms: Sequence[Candidate], names: Callable[[Candidate], Iterable[str | None]]
) -> dict[str | None, set[str]]:
    found: dict[str | None, set[str]] = defaultdict(set)
    for room in rooms:
        for name in names(room):
            found[name].add(room.room)
    return dict(found)


def _all(index: Mapping[str | None, set[str]], told: Iterable[str | None]) -> set[str]:
    return {room for name in told if name is not None for room in index.get(name, ())}


def folded(alias: str) -> str:
    """Return a name so that letters composed otherwise, case and outer spaces do not matter."""
    return unicodedata.normalize("NFC", alias).strip().casefold()


def _users(room: Candidate) -> set[str | None]:
    return {sip_user(uri) for uri in room.uris} - {None}


def _numbers(room: Candidate) -> set[str | None]:
    return {digits(uri) for uri in room.uris} - {None}


def plain(name: str) -> str:
    """Return a name without accents, case and the words that all of them share."""
    spread = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    bare = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return " ".join(_NOISE.sub(" ", re.sub(r"[^a-z0-9]+", " ", bare)).split())
