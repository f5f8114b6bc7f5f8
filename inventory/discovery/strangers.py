"""Hosts that answer and show an SSH key, but let nobody in: proposed with what little is known."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang.drivers.hostkeys import fingerprint, parse_key
from hatang.drivers.models import HostKey
from inventory.choices import ElementKind
from inventory.discovery import wiring
from inventory.discovery.models import KnownDevice
from inventory.inbox.choices import DeviationKind
from inventory.inbox.recording import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hatang.db import AnySession
    from inventory.discovery.facts import Facts
    from inventory.discovery.known import Match, Memory

_MARK: Final = "ssh "


def proposals(
    session: AnySession,
    closed: Sequence[Facts],
    matches: Sequence[Match],
    memory: Memory,
    scope_id: int,
) -> Iterator[Proposal]:
    """Yield a new device for each host that nothing known explains.

    Explained is an address of the inventory, of a device that was read now or met before, and a
    key that is enrolled or that a device read now showed: the same machine by another address.
    """
    addresses = {row.primary_ip4 for row in memory.devices.values()}
    addresses |= {address for one in matches for address in one.facts.own_addresses}
    addresses |= set(session.scalars(select(KnownDevice.address)))
    keys = {line for one in matches for line in one.facts.host_keys}
    enrolled = select(HostKey.key_type, HostKey.public_key).where(HostKey.replaced_at.is_(None))
    keys |= {f"{kind} {key}" for kind, key in session.execute(enrolled)}
    left = [
        facts
        for facts in closed
        if facts.address not in addresses and not keys & set(facts.host_keys)
    ]
    shared = Counter(marks(facts)[0] for facts in left)
    for facts in left:
        mark = marks(facts)[0]
        yield Proposal(
            kind=DeviationKind.NEW_DEVICE,
            key=mark if shared[mark] == 1 else facts.address,
            scope_id=scope_id,
            element_kind=ElementKind.DEVICE,
            element=facts.address,
            source=wiring.SOURCE,
            observed={
                **({"primary_ip4": facts.address} if ":" not in facts.address else {}),
                "host_keys": [fingerprint(parse_key(line)) for line in facts.host_keys],
            },
            certainty="likely",
        )


def marks(facts: Facts) -> list[str]:
    """Return what a host would be called in the inbox by the keys it shows, in order."""
    return sorted(f"{_MARK}{fingerprint(parse_key(line))}" for line in facts.host_keys)
