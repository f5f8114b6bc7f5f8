"""Reads the targets of one monitor out of the inventory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hatang import log, secrets
from hatang.auth import Actor
from hatang.drivers.target import SNMP_PORT, SnmpCommunity, SnmpLogin, SnmpUser
from hatang.errors import HatangError
from inventory import service as inventory
from inventory.choices import ElementKind
from inventory.rows import EVERYTHING
from monitors.probes import templates
from monitors.targets import CircuitEnd, DeviceTarget, Targets, bucket
from monitors.watched import WATCHED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hatang.db import AnySession
    from inventory.rows import DeviceRow
    from inventory.topology import Topology
    from monitors.probes.lines import Line

ACTOR: Final = Actor.system("monitor")

_logger = log.get_logger(__name__)


def load(session: AnySession, shard: str = "0/1", lines: Iterable[Line] = ()) -> Targets:
    """Return what the monitor with `shard` (`i/n`) measures; `lines` are the province's probes."""
    number, _, count = shard.partition("/")
    mine, of = int(number), int(count)
    rows = inventory.list_devices(session, ACTOR, EVERYTHING).items
    intended = _intended(session)
    topology = inventory.load_topology(session)
    logins: dict[str, SnmpLogin | None] = {}
    above, circuits = levels(session), _circuits(session)
    devices = tuple(
        replace(
            _device(session, row, logins),
            interfaces=frozenset(intended.get(row.name, ())),
            uplinks=_uplinks(topology, row.device_key),
            level=above.get(row.name, 0),
            circuits=tuple(circuits.get(row.name, ())),
        )
        for row in rows
        if row.primary_ip4 and row.status in WATCHED and bucket(row.device_key, of) == mine
    )
    planned = templates.plan(places(session, ACTOR), lines)
    for problem in planned.problems:
        _logger.warning("probes: %s", problem)
    ranks = {
        row.code: (row.level, row.tier)
        for row in inventory.list_services(session, ACTOR, EVERYTHING).items
    }
    services = tuple(
        replace(one, level=ranks[one.code][0], tier=ranks[one.code][1])
        for one in planned.targets
        if bucket(one.code, of) == mine
    )
    return Targets(devices, services)


def _device(
    session: AnySession,
    row: DeviceRow,
    logins: dict[str, SnmpLogin | None],
) -> DeviceTarget:
    name = row.credentials.get("snmp")
    if name is not None and name not in logins:
        logins[name] = snmp_login(session, name)
    return DeviceTarget(
        key=row.device_key,
        name=row.name,
        site=row.site,
        role=row.role,
        platform=row.platform,
        address=row.primary_ip4 or "",
        scope_id=row.scope_id,
        snmp_port=row.ports.get("snmp", SNMP_PORT),
        snmp=logins[name] if name is not None else None,
    )


def _uplinks(topology: Topology, key: str) -> frozenset[str]:
    return topology.uplinks(key) if topology.is_placed(key) else frozenset()


def snmp_login(session: AnySession, name: str | None) -> SnmpLogin | None:
    """Return the stored login called `name`; None where there is none that SNMP can use."""
    if name is None:
        return None
    try:
        found = secrets.get(session, name)
        return SnmpCommunity.of(found, name) if found.kind == "snmpv2c" else SnmpUser.of(found)
    except (HatangError, ValueError) as error:
        _logger.warning("credential %s cannot be used for SNMP: %s", name, error)
        return None


def _intended(session: AnySession) -> dict[str, set[str]]:
    """Return the ports of each device that the inventory names: declared, or at a cable's end."""
    ports: dict[str, set[str]] = {}
    for interface in inventory.list_interfaces(session, ACTOR, EVERYTHING).items:
        ports.setdefault(interface.device, set()).add(interface.name)
    for link in inventory.list_links(session, ACTOR, EVERYTHING).items:
        ports.setdefault(link.a_device, set()).add(link.a_interface)
        ports.setdefault(link.z_device, set()).add(link.z_interface)
    return ports


def levels(session: AnySession) -> dict[str, int]:
    """Return the highest level of the information systems that run on each device, by its name."""
    found: dict[str, int] = {}
    for service in inventory.list_services(session, ACTOR, EVERYTHING).items:
        for device in service.runs_on:
            found[device] = max(found.get(device, 0), service.level or 0)
    return found


def _circuits(session: AnySession) -> dict[str, list[CircuitEnd]]:
    """Return the circuits of known rate by the device that the first cable of each begins at."""
    circuits = {row.cid: row for row in inventory.list_circuits(session, ACTOR, EVERYTHING).items}
    sites = {row.name: row.site for row in inventory.list_devices(session, ACTOR, EVERYTHING).items}
    found: dict[str, list[CircuitEnd]] = {}
    seen: set[str] = set()
    for link in inventory.list_links(session, ACTOR, EVERYTHING).items:
        circuit = circuits.get(link.circuit or "")
        if circuit and circuit.commit_rate_kbps and circuit.cid not in seen:
            seen.add(circuit.cid)
            rates = circuit.commit_rate_kbps, circuit.upstream_rate_kbps or circuit.commit_rate_kbps
            # The cable may be drawn from the end that the contract calls Z.
            if circuit.a_site != circuit.z_site == sites.get(link.a_device):
                rates = rates[::-1]
            found.setdefault(link.a_device, []).append(
                CircuitEnd(circuit.cid, link.a_interface, *rates)
            )
    return found


def places(session: AnySession, actor: Actor) -> list[templates.Place]:
    """Return the services that `actor` may see, with where they answer and what they run on."""
    devices = {
        row.name: templates.Runs(row.name, row.primary_ip4, row.credentials.get("snmp", ""))
        for row in inventory.list_devices(session, actor, EVERYTHING).items
        if row.primary_ip4
    }
    endpoints: dict[str, list[templates.Endpoint]] = {}
    kind = ElementKind.SERVICE_ENDPOINT
    for one in inventory.list_elements(session, actor, kind, EVERYTHING).items:
        fields = one.fields
        endpoints.setdefault(fields["service"], []).append(
            templates.Endpoint(
                fields["name"],
                fields.get("url") or "",
                fields.get("host") or "",
                fields.get("port"),
                fields.get("probe") or "",
            )
        )
    return [
        templates.Place(
            code=row.code,
            kind=row.kind,
            url=row.url or "",
            unit=row.unit,
            scope_id=row.scope_id,
            runs_on=tuple(devices[name] for name in row.runs_on if name in devices),
            endpoints=tuple(endpoints.get(row.code, ())),
        )
        for row in inventory.list_services(session, actor, EVERYTHING).items
    ]
