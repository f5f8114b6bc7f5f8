"""Interfaces and neighbours of a switch: what is configured joined with what the kernel says."""

import zlib
from dataclasses import dataclass

from lab.simulators.device import Device
from lab.simulators.tree import Tree


@dataclass(frozen=True)
class Interface:
    """An interface as show commands see it. `up` is what the kernel says, when one is behind."""

    name: str
    config: Tree
    shut: bool
    up: bool
    mac: str

    def value(self, key: str, default: str = "") -> str:
        """The words after `key` in the interface's configuration."""
        found = (line[len(key) + 1 :] for line in self.config if line.startswith(key + " "))
        return next(found, default)

    @property
    def addresses(self) -> list[tuple[str, str, bool]]:
        """(address, mask or prefix length, secondary?) of `ip address` lines."""
        lines = [line.split()[2:] for line in self.config if line.startswith("ip address ")]
        return [(*_split(words), "secondary" in words) for words in lines if words[0] != "dhcp"]


def _split(words: list[str]) -> tuple[str, str]:
    address, _, length = words[0].partition("/")
    return address, length or words[1]


def interfaces(device: Device) -> list[Interface]:
    """All interfaces, physical first; a mapped port the kernel does not show is down."""
    states = device.ports.states()
    sections = [key.split(None, 1)[1] for key in device.running if key.startswith("interface ")]
    found = []
    for name in dict.fromkeys([*device.settings.physical, *sections]):
        shut = device.is_shut(name)
        port = device.settings.interfaces.get(name)
        up, mac = states.get(port or "", (port is None, ""))
        if device.settings.netns is None:
            up = True
        config = device.running.get(f"interface {name}", {})
        found.append(Interface(name, config, shut, up and not shut, mac or _mac(device, name)))
    return found


def _mac(device: Device, name: str) -> str:
    # Locally administered and stable: derived from the names, nothing is random at a reboot.
    number = zlib.crc32(f"{device.settings.hostname}/{name}".encode())
    return "02:00:" + ":".join(f"{number >> shift & 255:02x}" for shift in (24, 16, 8, 0))


def serial(device: Device) -> str:
    """The configured serial number, else one derived from the host name."""
    number = zlib.crc32(device.settings.hostname.encode())
    return device.settings.serial or f"SIM{number:08X}"


def named_neighbors(device: Device) -> list[tuple[str, dict[str, str]]]:
    """LLDP neighbours with the name of the interface they are heard on."""
    names = {port: name for name, port in device.settings.interfaces.items()}
    heard = device.ports.neighbors()
    return [(names[entry["port"]], entry) for entry in heard if entry["port"] in names]
