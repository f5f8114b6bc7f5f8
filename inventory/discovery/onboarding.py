"""Reads one device over SSH, by the key it is known by; what it tells is observed only.

NAPALM's driver is asked where a host key proves its peer, else the commands of the platform's data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hatang import audit, drivers, secrets
from hatang.drivers.target import SSH_PORT, SshLogin, Target
from hatang.errors import DriverError, Reason
from inventory import platforms, service
from inventory.discovery import absent, getters, known, parts, proposals, shell, wiring
from inventory.discovery.known import Match
from inventory.inbox import recording
from inventory.reaching import allowance, hop
from inventory.rows import EVERYTHING, Query
from inventory.service.importing import WRITE

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import Database
    from hatang.drivers.protocols import HostKeys
    from inventory.discovery.facts import Facts
    from inventory.platforms import Platform
    from inventory.rows import DeviceRow

SOURCE: Final = "ssh"


def read_device(db: Database, actor: Actor, name: str, host_keys: HostKeys) -> Facts:
    """Read the device `name` by its command line and record what was observed.

    Raises:
        NotFoundError, DeniedError: no such device for this actor to write.
        DriverError: NOT_SUPPORTED without an address, an `ssh` credential, or a platform whose
            data says what to ask; HOST_KEY_MISMATCH before a password leaves; else as SSH says.
    """
    with db.read() as session:
        row = service.get_device(session, actor.acting(WRITE), name)
        platform = platforms.get(row.platform)
        given = row.credentials.get("cli") or row.credentials.get("ssh")
        _require(row, platform, given)
        login = SshLogin.of(secrets.get(session, given or ""))
        via, legacy = hop(session, row), allowance(session, row)
    port = row.ports.get("ssh", SSH_PORT)
    target = Target(row.device_key, row.primary_ip4 or "", port, via, legacy)
    if drivers.napalm.opens_by_ssh(platform.drivers.getters):
        facts = _by_getters(target, login, host_keys, platform)
    else:
        facts = _by_commands(target, login, host_keys, platform)
    record(db, actor, row, facts)
    return facts


def _by_getters(target: Target, login: SshLogin, host_keys: HostKeys, platform: Platform) -> Facts:
    options = drivers.napalm.NapalmOptions(platform.drivers.getters or "")
    with drivers.napalm.open_napalm(target, login, host_keys, options) as opened:
        return getters.read(opened.call, platform, target.host)


def _by_commands(target: Target, login: SshLogin, host_keys: HostKeys, platform: Platform) -> Facts:
    options = drivers.cli.CliOptions(device_type=platform.drivers.netmiko or "")
    opened = drivers.cli.open_cli(target, login, host_keys, options)
    try:
        return shell.read(opened, platform, target.host)
    finally:
        opened.close()


def record(db: Database, actor: Actor, row: DeviceRow, facts: Facts) -> None:
    """Write down what the device's command line told: fields, parts, and its neighbours' cables."""
    with db.write() as session:
        query = Query({"device": row.name}, limit=EVERYTHING.limit)
        interfaces = service.list_interfaces(session, actor, query).items
        met = Match(facts, row, None)
        proposals.record_fields(session, [met], interfaces, SOURCE)
        memory, root = known.recall(session, actor, SOURCE), known.root_scope(session)
        cables = absent.cables(session, actor, met, memory, root)
        ends = wiring.ends(cables)
        found = parts.proposals(session, met, interfaces, ends, told=memory.told, source=SOURCE)
        recording.note(session, cables)
        parts.note(session, met, found, SOURCE)
        known.remember_told(session, facts, row, SOURCE)
        detail = {"ports": len(facts.ports), "gaps": list(facts.gaps)}
        audit.record(session, actor, "discovery.read", f"device/{row.device_key}", detail)


def _require(row: DeviceRow, platform: Platform, credential: str | None) -> None:
    missing = [
        word
        for word, held in (
            ("an address", row.primary_ip4),
            ("an ssh credential", credential),
            (f"data on what to ask {platform.name}", platform.tells and platform.drivers.netmiko),
        )
        if not held
    ]
    if missing:
        raise DriverError(
            f"{row.name}: has no {', no '.join(missing)}",
            Reason.NOT_SUPPORTED,
            fix="Give it primary_ip4 and credentials.ssh; or read it by SNMP.",
        )
