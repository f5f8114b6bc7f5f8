"""From what was found to rows of the inbox: devices new, changed, vanished, keys, cables."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from hatang.drivers import hostkeys
from hatang.drivers.hostkeys import CERTIFICATE, fingerprint, parse_key
from hatang.drivers.target import SSH_PORT
from inventory import platforms, service
from inventory.choices import DeviceRole, DeviceStatus, ElementKind
from inventory.discovery import details, gone, standing, strangers, wiring
from inventory.discovery.identity import lasting, marks
from inventory.discovery.known import same_name
from inventory.discovery.neighbours import named
from inventory.discovery.standing import Standing
from inventory.inbox import recording
from inventory.inbox.choices import DeviationKind
from inventory.inbox.recording import Proposal
from inventory.rows import EVERYTHING
from inventory.service.observing import record_observations

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.discovery.facts import Facts, Port
    from inventory.discovery.known import Match, Memory
    from inventory.inbox.models import Deviation
    from inventory.rows import DeviceRow, InterfaceRow

OBSERVED_BY: Final = "snmp"
# With addresses on so many ports a device forwards packets between networks.
_ROUTES_AT: Final = 2
_KILO: Final = 1000
_SOFTWARE_LOOPBACK: Final = 24  # IANAifType


def propose(
    session: AnySession, actor: Actor, matches: Sequence[Match], memory: Memory, scope_id: int
) -> list[Proposal]:
    """Return what differs besides fields: devices, host keys, cables, ports, addresses, VLANs.

    As many statements for many devices as for one, but for host keys.
    """
    interfaces = service.list_interfaces(session, actor, EVERYTHING).items
    links = service.list_links(session, actor, EVERYTHING).items
    cables = wiring.seen(matches, interfaces)
    found = [
        _new_device(one, key, memory, scope_id)
        for one, key in zip(matches, device_keys(matches, memory), strict=True)
        if one.device is None
    ]
    for one in matches:
        if one.device is not None:
            found += _host_keys(session, one.facts, one.device)
    found += wiring.proposals(matches, cables, links, scope_id)
    held = details.load(session, interfaces)
    found += details.proposals(matches, held, wiring.ends(found))
    return [*found, *gone.proposals(matches, held, memory.told)]


def vanished(
    matches: Sequence[Match], memory: Memory, silent: Collection[str]
) -> Iterator[Proposal]:
    """Yield the devices that were met before, whose address is `silent` now, and are nowhere.

    Who answers but lets nobody in, and who was not asked, is unknown and not gone.
    """
    here = {one.device.id for one in matches if one.device is not None}
    for device_id in memory.met_devices - here:
        row = memory.devices[device_id]
        if row.status == DeviceStatus.ACTIVE and row.primary_ip4 in silent:
            yield Proposal(
                kind=DeviationKind.VANISHED_DEVICE,
                key=row.device_key,
                scope_id=row.scope_id,
                element_kind=ElementKind.DEVICE,
                element=row.name,
                element_id=row.id,
                source=wiring.SOURCE,
                intended={"primary_ip4": row.primary_ip4},
                certainty="likely",
            )


def record_fields(
    session: WriteSession,
    matches: Sequence[Match],
    interfaces: Sequence[InterfaceRow],
    source: str = OBSERVED_BY,
) -> None:
    """Record what `source` observed of each known device and its known ports."""
    ports: dict[int, list[InterfaceRow]] = {}
    for row in interfaces:
        ports.setdefault(row.device_id, []).append(row)
    known = {one.device.id: (one.device, one.facts) for one in matches if one.device is not None}
    stands = standing.load(session, list(known))
    devices = {key: _device_fields(facts, row, stands) for key, (row, facts) in known.items()}
    record_observations(session, ElementKind.DEVICE, devices, source)
    told = {
        row.id: _port_fields(found[0])
        for key, (_, facts) in known.items()
        for row in ports.get(key, ())
        if len(found := named(facts.ports, row.name)) == 1
    }
    record_observations(session, ElementKind.INTERFACE, told, source)


def _port_fields(port: Port) -> dict[str, Any]:
    """Return what a port tells, in the inventory's units; a speed counts while it is up."""
    speed = port.speed_bps if port.is_up else None
    return {
        "description": port.description or None,
        "enabled": port.is_enabled,
        "mtu": port.mtu,
        "mac_address": port.mac or None,
        "speed_kbps": speed // _KILO if speed is not None else None,
    }


def resolved(matches: Sequence[Match], kept: Collection[tuple[str, str]]) -> Any:  # noqa: ANN401 RUF100
    """Return the test for rows that this run should have seen again and did not (`kept`)."""
    read = {wiring.title(one) for one in matches}
    keys = {key for one in matches for key in (*lasting(marks(one.facts)), one.facts.address)}
    keys |= {key for one in matches for key in strangers.marks(one.facts)}
    known = {one.device.id for one in matches if one.device is not None}
    settled = gone.settled(matches)

    def is_over(row: Deviation) -> bool:
        if row.source != wiring.SOURCE or (row.kind, row.key) in kept:
            return False
        if row.kind == DeviationKind.NEW_DEVICE:
            return row.key in keys
        if row.kind == DeviationKind.NEW_VLAN:
            return False  # whoever told of it may not have been asked
        if row.kind in settled:
            return row.element_id in settled[row.kind]
        if row.element_kind == ElementKind.DEVICE:
            return row.element_id in known
        return {end.partition(":")[0] for end in row.key.split(" -- ")} <= read

    return is_over


def device_keys(matches: Sequence[Match], memory: Memory) -> list[str]:
    """Return what each device would be called in the inbox, the same at each run.

    The surest mark that it shares with no other: a cloned machine clones its SNMP engine.
    """
    met = {one.known_id for one in matches}
    absent = [held for known_id, (held, _) in memory.met.items() if known_id not in met]
    here = [marks(one.facts) for one in matches]
    bearers = Counter(mark for held in (*here, *absent) for mark in set(lasting(held)))
    return [
        next((mark for mark in lasting(held) if bearers[mark] == 1), one.facts.address)
        for one, held in zip(matches, here, strict=True)
    ]


def _device_fields(facts: Facts, device: DeviceRow, stands: Standing) -> dict[str, Any]:
    is_at_home = device.primary_ip4 in facts.own_addresses
    fields: dict[str, Any] = {
        "name": device.name if same_name(device.name, facts.name) else facts.name or None,
        "primary_ip4": device.primary_ip4 if is_at_home else facts.address,
        "platform": facts.platform,
        "serial": marks(facts).serial or None,
        "device_type": stands.device_type(facts, device.id),
        "software": stands.software(facts, device.id),
        "site": stands.site(facts),
        "sys_location": facts.location or None,
    }
    if ":" in (fields["primary_ip4"] or ""):
        fields["primary_ip4"] = None  # the column holds IPv4 only
    return fields


def _new_device(one: Match, key: str, memory: Memory, scope_id: int) -> Proposal:
    facts = one.facts
    observed: dict[str, Any] = {
        "name": wiring.title(one)[:64],
        "platform": facts.platform,
        "role": _role(facts),
        "site": _site(facts, memory),
        "manufacturer": standing.maker(facts) if facts.model else None,
        "model": facts.model[:100] or None,
        "serial": marks(facts).serial or None,
        "primary_ip4": _best_address(facts),
        "credentials": {"snmp": facts.credential} if facts.credential else None,
        "description": facts.description,
        "software": Standing().software(facts, None),
        "addresses": sorted(facts.own_addresses)[:64],
        "ports": len(facts.ports),
        **details.along(facts),
        "host_keys": _prints(facts.host_keys),
    }
    return Proposal(
        kind=DeviationKind.NEW_DEVICE,
        key=key,
        scope_id=scope_id,
        element_kind=ElementKind.DEVICE,
        element=wiring.title(one),
        source=wiring.SOURCE,
        observed={name: value for name, value in observed.items() if value is not None},
    )


def _best_address(facts: Facts) -> str | None:
    """Return the IPv4 address to know it by: a loopback's, which no line takes away, else asked."""
    lasting = {port.index for port in facts.ports if port.type == _SOFTWARE_LOOPBACK}
    found = [
        one.address
        for one in facts.addresses
        if one.port_index in lasting and "." in one.address and not one.address.startswith("127.")
    ]
    if len(found) == 1:
        return found[0]
    return facts.address if "." in facts.address else None


def _role(facts: Facts) -> str | None:
    """Return what its platform and its ports say it does; None where they do not."""
    if facts.platform is None:
        return None
    platform = platforms.get(facts.platform)
    if platform.shell == "posix":
        return DeviceRole.SERVER.value
    if "ups_mib" in platform.snmp_modules:
        return DeviceRole.UPS.value
    if facts.stations or not facts.addresses:
        return DeviceRole.SWITCH.value
    routed = {one.port_index for one in facts.addresses if not one.address.startswith("127.")}
    return (DeviceRole.COMMUNE_ROUTER if len(routed) >= _ROUTES_AT else DeviceRole.SWITCH).value


def _site(facts: Facts, memory: Memory) -> str | None:
    """Return the site of the known devices in the same /24, where they agree on one."""
    near = facts.address.rpartition(".")[0]
    sites = {
        row.site
        for row in memory.devices.values()
        if near and row.primary_ip4 and row.primary_ip4.rpartition(".")[0] == near
    }
    return sites.pop() if len(sites) == 1 else None


def _host_keys(session: AnySession, facts: Facts, device: DeviceRow) -> list[Proposal]:
    if not facts.host_keys or device.primary_ip4 is None:
        return []
    port = device.ports.get("ssh", SSH_PORT)
    held = hostkeys.lookup(session, device.primary_ip4, port)
    lines = [str(key) for key in held if key.kind != CERTIFICATE]
    if set(lines) & set(facts.host_keys):
        return []
    return [
        Proposal(
            kind=DeviationKind.HOST_KEY,
            key=device.device_key,
            scope_id=device.scope_id,
            element_kind=ElementKind.DEVICE,
            element=device.name,
            element_id=device.id,
            source=wiring.SOURCE,
            intended={"fingerprints": _prints(lines)} if lines else None,
            observed={
                "keys": list(facts.host_keys),
                "fingerprints": _prints(facts.host_keys),
            },
        )
    ]


def _prints(lines: Sequence[str]) -> list[str]:
    return [fingerprint(parse_key(line)) for line in lines]


def note(
    session: WriteSession, found: Sequence[Proposal], matches: Sequence[Match]
) -> tuple[int, int]:
    """Write proposals down; return how many opened, and how many closed by themselves."""
    opened = recording.note(session, found)
    kept = {(one.kind.value, one.key[:255]) for one in found}
    return opened, recording.resolve(session, resolved(matches, kept))
