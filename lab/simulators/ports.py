"""The real ports behind the simulated interfaces, driven with iproute2 and read with lldpcli."""

import json
import subprocess
from collections.abc import Sequence
from typing import Any, Protocol

_TIMEOUT_SECONDS = 5


class Ports(Protocol):
    """What a switch can do to, and know of, its ports."""

    def set_admin(self, port: str, *, up: bool) -> None:
        """Make the port administratively up or down."""

    def states(self) -> dict[str, tuple[bool, str]]:
        """Operational state (up?) and MAC address of each port; a missing port is not listed."""

    def neighbors(self) -> list[dict[str, str]]:
        """LLDP neighbours: port, system_name, port_id, port_description, chassis_id, ..."""


class NoPorts:
    """No kernel behind the interfaces: state only."""

    def set_admin(self, port: str, *, up: bool) -> None:
        """Nothing to do."""

    def states(self) -> dict[str, tuple[bool, str]]:
        """Nothing is known."""
        return {}

    def neighbors(self) -> list[dict[str, str]]:
        """Nobody is heard."""
        return []


class KernelPorts:
    """Ports of a network namespace; `self` is the namespace of this process."""

    def __init__(self, netns: str, lldpcli: Sequence[str] = ("lldpcli",)) -> None:
        self._ip = ["ip"] if netns == "self" else ["ip", "-n", netns]
        self._lldpcli = [*lldpcli, "-f", "json0", "show", "neighbors", "details"]
        self._routes: dict[str, list[str]] = {}

    def set_admin(self, port: str, *, up: bool) -> None:
        """Set the link; static routes that the kernel drops with it come back with it."""
        if not up and port not in self._routes:
            listing = _run([*self._ip, "route", "show", "dev", port])
            lines = listing.splitlines()
            self._routes[port] = [line for line in lines if "proto kernel" not in line]
        _run([*self._ip, "link", "set", port, "up" if up else "down"])
        if up:
            for route in self._routes.pop(port, []):
                words = [word for word in route.split() if word != "linkdown"]
                _run([*self._ip, "route", "replace", *words, "dev", port])

    def states(self) -> dict[str, tuple[bool, str]]:
        """As `ip link` sees them."""
        output = _run([*self._ip, "-j", "link", "show"])
        return {
            link["ifname"]: ("LOWER_UP" in link["flags"], link.get("address", ""))
            for link in _json(output, [])
        }

    def neighbors(self) -> list[dict[str, str]]:
        """As lldpd heard them."""
        return read_neighbors(_json(_run(self._lldpcli), {}))


def read_neighbors(document: dict[str, Any]) -> list[dict[str, str]]:
    """Flatten `lldpcli -f json0 show neighbors`; a field that was not sent is empty."""
    found = []
    for listing in document.get("lldp", []):
        for entry in listing.get("interface", []):
            chassis, port = _first(entry, "chassis"), _first(entry, "port")
            capabilities = chassis.get("capability", [])
            found.append(
                {
                    "port": entry.get("name", ""),
                    "system_name": _text(chassis, "name"),
                    "system_description": _text(chassis, "descr"),
                    "chassis_id": _text(chassis, "id"),
                    "port_id": _text(port, "id"),
                    "port_description": _text(port, "descr"),
                    "address": _text(chassis, "mgmt-ip"),
                    "capabilities": ",".join(_letters(capabilities, enabled=False)),
                    "enabled": ",".join(_letters(capabilities, enabled=True)),
                }
            )
    return found


# Letters of Cisco's `show lldp neighbors` for the capability names lldpcli prints.
_LETTERS = {"Bridge": "B", "Router": "R", "Wlan": "W", "Station": "S", "Tel": "T", "Repeater": "P"}


def _letters(capabilities: list[dict[str, Any]], *, enabled: bool) -> list[str]:
    chosen = (entry for entry in capabilities if entry.get("enabled") or not enabled)
    return [_LETTERS[entry["type"]] for entry in chosen if entry.get("type") in _LETTERS]


def _first(entry: dict[str, Any], key: str) -> dict[str, Any]:
    items = entry.get(key) or [{}]
    first = items[0]
    return first if isinstance(first, dict) else {}


def _text(entry: dict[str, Any], key: str) -> str:
    # The words come from a neighbour: one line, printable, nothing that could forge a prompt.
    value = str(_first(entry, key).get("value", ""))
    return "".join(char if char.isprintable() else " " for char in value).strip()


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _json(text: str, default: Any) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return default
