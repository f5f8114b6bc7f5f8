"""How a device is reached for reading and changing its configuration.

What is needed is read from the inventory in one short transaction; the network is touched after
it, never inside.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from hatang import drivers as transports
from hatang import secrets
from hatang.drivers.hostkeys import certificate
from hatang.drivers.target import SSH_PORT, SshLogin, Target
from hatang.errors import DriverError, Reason
from inventory import platforms
from inventory.platforms.schema import Transport
from inventory.reaching import allowance, hop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hatang.db import AnySession
    from hatang.drivers.napalm import NapalmSession
    from hatang.drivers.protocols import HostKeys
    from inventory.platforms import Platform
    from inventory.rows import DeviceRow

HTTPS_PORT: Final = 443
OWN_DRIVERS: Final[Mapping[str, tuple[str, str]]] = {
    "frr": ("frr", "FrrDriver"),
    "huawei_vrp": ("vrp", "VrpDriver"),
    "hp_comware": ("comware", "ComwareDriver"),
    "linux": ("linux", "LinuxDriver"),
    "nxos": ("nxos", "NxosDriver"),
    "iosxr": ("xr", "XrDriver"),
    "mikrotik_routeros": ("routeros", "RouterOsDriver"),
    "fortinet": ("fortios", "FortiOsDriver"),
}
"""Modules of `playbooks.drivers`, loaded when a device is opened: they bring every transport."""


@dataclass(frozen=True, slots=True)
class Access:
    """A device, its platform and the logins for it; no secret shows in its repr."""

    device_id: int
    scope_id: int
    name: str
    platform: Platform
    ssh: Target
    api: Target
    login: SshLogin
    cli_login: SshLogin
    aaa_server: str | None = None


def prepare(session: AnySession, device: DeviceRow) -> Access:
    """Return how to reach `device`.

    Raises:
        DriverError: NOT_SUPPORTED, when it has no address or no credential for its transport.
        NotFoundError: the credential it names does not exist.
    """
    platform = platforms.get(device.platform)
    name = device.credentials.get(platform.drivers.transport)
    if device.primary_ip4 is None or name is None:
        raise DriverError(
            f"{device.name}: has no address or no {platform.drivers.transport} credential",
            Reason.NOT_SUPPORTED,
            fix=f"Give it primary_ip4 and credentials.{platform.drivers.transport}.",
        )
    login = SshLogin.of(secrets.get(session, name))
    cli = device.credentials.get("cli")
    ports = device.ports
    via, legacy = hop(session, device), allowance(session, device)
    ip4, key = device.primary_ip4, device.device_key
    return Access(
        device_id=device.id,
        scope_id=device.scope_id,
        name=device.name,
        platform=platform,
        ssh=Target(key, ip4, ports.get("ssh", SSH_PORT), via, legacy),
        api=Target(key, ip4, ports.get("https", HTTPS_PORT), via),
        login=login,
        cli_login=login if cli is None else SshLogin.of(secrets.get(session, cli)),
        aaa_server=device.aaa_server,
    )


def open_driver(access: Access, host_keys: HostKeys, commit_id: str | None = None) -> NapalmSession:
    """Open the platform's NAPALM driver; `commit_id` names a commit it is to know again.

    Raises:
        DriverError: NOT_SUPPORTED without a driver, HOST_KEY_MISMATCH or CERTIFICATE_INVALID
            before a credential leaves, else as the transport says.
    """
    drivers = access.platform.drivers
    if drivers.napalm is None:
        raise DriverError(
            f"{access.name}: platform {access.platform.name} has no configuration driver",
            Reason.NOT_SUPPORTED,
        )
    by_https = drivers.transport is Transport.HTTPS
    options = transports.napalm.NapalmOptions(
        driver=own_driver(drivers.napalm) or drivers.napalm,
        trust=certificate(host_keys, access.ssh) if by_https else None,
        optional_args={"commit_id": commit_id} if commit_id else {},
    )
    return transports.napalm.open_napalm(
        access.api if by_https else access.ssh, access.login, host_keys, options
    )


def own_driver(name: str) -> type | None:
    """Return our own driver called `name`, None where it is one of NAPALM's."""
    if name not in OWN_DRIVERS:
        return None
    module, driver = OWN_DRIVERS[name]
    found: type = getattr(import_module(f"playbooks.drivers.{module}"), driver)
    return found


def show(access: Access, host_keys: HostKeys, command: str) -> str:
    """Return what the read-only `command` prints on the device.

    Raises:
        DriverError: as `open_driver`; NOT_SUPPORTED for a platform without a command line.
    """
    with command_line(access, host_keys) as ask:
        return ask(command)


@contextmanager
def command_line(access: Access, host_keys: HostKeys) -> Iterator[Callable[[str], str]]:
    """Log in to the device's command line; yields what returns the answer to a command.

    Raises:
        DriverError: as `show`.
    """
    drivers = access.platform.drivers
    if drivers.transport is Transport.HTTPS:
        with open_driver(access, host_keys) as driver:
            yield lambda command: str(driver.call("cli", [command])[command])
        return
    if drivers.netmiko is None:
        raise DriverError(
            f"{access.name}: platform {access.platform.name} has no command line",
            Reason.NOT_SUPPORTED,
        )
    options = transports.cli.CliOptions(device_type=drivers.netmiko)
    session = transports.cli.open_cli(access.ssh, access.cli_login, host_keys, options)
    try:
        yield session.show
    finally:
        session.close()
