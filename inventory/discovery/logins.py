"""Which SNMP logins an address is offered: those of its place, never all that anybody uses.

A device of the inventory is offered its own; then come those that devices of the same prefix (its
site, else its unit) use; then those the order names. An SNMPv2c community goes over the line in
the clear: it is offered only to the device it is written down for, which is its waiver, or when
the order names it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Final, TypeAlias

from sqlalchemy import select

from hatang import secrets
from hatang.auth import Actor
from hatang.drivers.target import SnmpCommunity, SnmpLogin, SnmpUser
from hatang.errors import InvalidInputError, Problem
from inventory import service
from inventory.discovery.order import network_of
from inventory.models import Prefix, Site
from inventory.rows import EVERYTHING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from ipaddress import IPv4Network, IPv6Network

    from hatang.db import AnySession
    from inventory.discovery.order import Order
    from inventory.rows import DeviceRow

    Network = IPv4Network | IPv6Network

Groups: TypeAlias = tuple[tuple[str, ...], ...]
"""Names of credentials, those to be tried first before the others."""
_V3, _V2C = "snmpv3", "snmpv2c"
_KINDS: Final = (_V3, _V2C)


@dataclass(slots=True)
class Logins:
    """The logins of a run by the credential's name, and which of them an address is offered."""

    held: Mapping[str, SnmpLogin]
    named: tuple[str, ...]
    devices: Sequence[DeviceRow]
    prefixes: Mapping[Network, str] = field(default_factory=dict)
    _own: dict[str, str] = field(default_factory=dict)
    _at: dict[Network, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Note which device has which address."""
        self._own = {
            row.primary_ip4: name
            for row in self.devices
            if row.primary_ip4 and (name := row.credentials.get("snmp", "")) in self.held
        }

    def of(self, address: str) -> Groups:
        """Return the names of what `address` is offered, in the order of trying."""
        own = (self._own[address],) if address in self._own else ()
        near = self._near(self._network(address))
        groups, taken = [], set[str]()
        for group in (own, near, self.named):
            groups.append(tuple(name for name in group if name not in taken))
            taken |= set(group)
        return tuple(groups)

    def _network(self, address: str) -> Network:
        """Return the smallest prefix of a site around the address, else what shares its line."""
        bits = ip_address(address).max_prefixlen
        for length in range(bits, -1, -1):
            found = ip_network(f"{address}/{length}", strict=False)
            if found in self.prefixes:
                return found
        return ip_network(network_of(address))

    def _near(self, network: Network) -> tuple[str, ...]:
        if network not in self._at:
            site = self.prefixes.get(network)
            here = [row for row in self.devices if _is_at(row, network, site)]
            units = {row.unit for row in self.devices if site and row.site == site}
            unit = (row for row in self.devices if row.unit in units)
            self._at[network] = self._used(here) or self._used(unit)
        return self._at[network]

    def _used(self, rows: Iterable[DeviceRow]) -> tuple[str, ...]:
        """Return the SNMPv3 users that devices use, the most used first."""
        names = Counter(row.credentials.get("snmp", "") for row in rows)
        return tuple(
            name for name, _ in names.most_common() if isinstance(self.held.get(name), SnmpUser)
        )


def load(session: AnySession, order: Order) -> Logins:
    """Return the logins of a run: those its order names, and those that devices use.

    Raises:
        InvalidInputError: a named credential does not exist or is none of SNMP; all at once.
    """
    devices = service.list_devices(session, Actor.system("discovery"), EVERYTHING).items
    used = {row.credentials.get("snmp") for row in devices}
    kinds = {one.name: one.kind for one in secrets.list_all(session)}
    fix = "Use one of kind snmpv3, or snmpv2c."
    problems = [
        Problem("discovery", "credential", name, "is no SNMP credential", fix)
        for name in order.credentials
        if kinds.get(name) not in _KINDS
    ]
    if problems:
        raise InvalidInputError(problems)
    names = [name for name, kind in kinds.items() if kind in _KINDS]
    wanted = [name for name in names if name in used or name in order.credentials]
    held = {name: _login(session, name, kinds[name]) for name in wanted}
    of_sites = select(Prefix.prefix, Site.slug).join(Site, Site.id == Prefix.site_id)
    rows = session.execute(of_sites)
    prefixes = {ip_network(prefix): slug for prefix, slug in rows}
    return Logins(held, order.credentials, devices, prefixes)


def _login(session: AnySession, name: str, kind: str) -> SnmpLogin:
    found = secrets.get(session, name)
    return SnmpCommunity.of(found, name) if kind == _V2C else SnmpUser.of(found)


def _is_at(row: DeviceRow, network: Network, site: str | None) -> bool:
    if site is not None and row.site == site:
        return True
    return bool(row.primary_ip4) and ip_address(row.primary_ip4 or "") in network
