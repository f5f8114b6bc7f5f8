"""The session of our FRR driver: logging in, running commands, and what they tell."""

from __future__ import annotations

import json
import re
import shlex
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

from napalm.base.exceptions import CommandErrorException

from hatang.drivers.ssh import open_ssh
from playbooks.drivers.session import OneSession

if TYPE_CHECKING:
    from hatang.drivers.protocols import CommandResult, SshSession

_SHOW: Final = "sudo -n vtysh -c 'show running-config'"
# These lines say who wrote the text and when, not how the router is set up.
_PREAMBLE: Final = re.compile(r"\A.*?^(?=frr version)", re.DOTALL | re.MULTILINE)


class FrrSession(OneSession):
    """FRRouting over SSH; expects `target`, `login` and `host_keys` in optional_args."""

    _session: SshSession | None

    def open(self) -> None:
        """Log in; the host key is proven before a credential leaves."""
        arguments = self._arguments
        self._session = open_ssh(arguments["target"], arguments["login"], arguments["host_keys"])

    def get_facts(self) -> dict[str, Any]:
        """Return NAPALM's facts; FRR on Linux has no serial number of its own."""
        version = self._show("show version")
        found = re.search(r"FRRouting (\S+) \((\S+?)\)", version)
        if found is None:
            raise CommandErrorException("show version names no FRRouting")
        uptime = self._command("cut -d' ' -f1 /proc/uptime").stdout
        return {
            "vendor": "FRRouting",
            "model": "Linux",
            "os_version": found[1],
            "hostname": found[2],
            "fqdn": found[2],
            "serial_number": "",
            "uptime": float(uptime),
            "interface_list": sorted(self._json("show interface json")),
        }

    def save_startup(self) -> None:
        """Write what runs to startup, as a confirmation does."""
        self._command("sudo -n vtysh -w")

    def get_interfaces(self) -> dict[str, dict[str, Any]]:
        """Return NAPALM's interfaces."""
        return {
            name: _interface(interface)
            for name, interface in self._json("show interface json").items()
        }

    def get_route_to(
        self,
        destination: str = "",
        protocol: str = "",
        longer: bool = False,  # noqa: FBT001, FBT002 - NAPALM's signature
    ) -> dict[str, list[dict[str, Any]]]:
        """Return NAPALM's routes to an address: the longest prefix that is in use."""
        if longer:
            raise NotImplementedError("only the route that is used")
        address = ip_address(destination)
        known = self._json(f"show ip route {address} json")
        return {
            prefix: used
            for prefix, routes in known.items()
            if (used := [hop for route in routes for hop in _hops(route, protocol)])
        }

    def cli(self, commands: list[str], encoding: str = "text") -> dict[str, str]:
        """Return what each show command prints."""
        if encoding != "text":
            raise NotImplementedError("only text")
        return {command: self._show(command) for command in commands}

    def shell(self, command: str) -> str:
        """Return what a read-only command of the system below FRR prints."""
        return self._command(command).stdout

    def get_config(
        self,
        retrieve: str = "all",
        full: bool = False,  # noqa: FBT001, FBT002 - NAPALM's signature
        sanitized: bool = False,  # noqa: FBT001, FBT002 - NAPALM's signature
        format: str = "text",
    ) -> dict[str, str]:
        """Return the configurations asked for; sanitising is the vault's, never the driver's."""
        if sanitized:
            raise NotImplementedError("the configuration vault redacts")
        wanted = ("running", "startup") if retrieve == "all" else (retrieve,)
        startup = "sudo -n cat /etc/frr/frr.conf"
        return {
            "running": self._running() if "running" in wanted else "",
            "startup": self._command(startup).stdout if "startup" in wanted else "",
            "candidate": "",
        }

    def _running(self) -> str:
        return _PREAMBLE.sub("", self._command(_SHOW).stdout)

    def _show(self, command: str) -> str:
        return self._command(f"sudo -n vtysh -c {shlex.quote(command)}").stdout

    def _json(self, command: str) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self._show(command) or "{}")
        return parsed

    def _command(self, command: str) -> CommandResult:
        result = self._run(command)
        if not result.ok:
            raise CommandErrorException(f"{command}: {result.stderr.strip()[-300:]}")
        return result

    def _run(self, command: str, timeout_seconds: float | None = None) -> CommandResult:
        return self._ssh.run(command, timeout_seconds=timeout_seconds or self.timeout)

    @property
    def _ssh(self) -> SshSession:
        if self._session is None:
            raise CommandErrorException("the session is not open")
        return self._session


def _interface(interface: dict[str, Any]) -> dict[str, Any]:
    return {
        "is_up": interface["operationalStatus"] == "up",
        "is_enabled": interface["administrativeStatus"] == "up",
        "description": interface.get("description", ""),
        "last_flapped": -1.0,
        "speed": float(interface.get("speed", 0)),
        "mtu": interface.get("mtu", 0),
        "mac_address": interface.get("hardwareAddress", ""),
    }


def _hops(route: dict[str, Any], protocol: str) -> list[dict[str, Any]]:
    """Return where a route that the kernel took in leads to; nothing for one that is not used.

    A blackhole is active and leads nowhere: FRR calls its next hop unreachable.
    """
    if not route.get("selected") or protocol not in {"", route["protocol"]}:
        return []
    return [
        {
            "protocol": route["protocol"],
            "current_active": True,
            "selected_next_hop": True,
            "next_hop": hop.get("ip", ""),
            "outgoing_interface": hop.get("interfaceName", ""),
            "preference": route.get("distance", 0),
        }
        for hop in route.get("nexthops", ())
        if hop.get("active") and not hop.get("unreachable")
    ]
