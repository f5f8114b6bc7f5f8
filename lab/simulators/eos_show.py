"""What the EOS persona shows of itself, as JSON and as text."""

from collections.abc import Callable
from dataclasses import dataclass
from time import gmtime, strftime, time
from typing import Any

from lab.simulators.device import Device
from lab.simulators.interfaces import Interface, interfaces, named_neighbors, serial
from lab.simulators.tree import Tree, render

MODEL = "DCS-7050TX-SIM"
VERSION = "4.30.1F"
STEP = 3
_CAPABILITIES = {"B": "bridge", "R": "router", "W": "wlanAccessPoint", "S": "stationOnly"}


@dataclass(frozen=True)
class Answer:
    """One command's output; `data` None when EOS has no JSON form of it."""

    data: dict[str, Any] | None
    text: str


def version(device: Device) -> Answer:
    """`show version`."""
    data = {
        "mfgName": "Arista",
        "modelName": MODEL,
        "version": VERSION,
        "internalVersion": f"{VERSION}-simulated",
        "serialNumber": serial(device),
        "systemMacAddress": interfaces(device)[0].mac if device.settings.physical else "",
        "bootupTimestamp": device.booted_at,
        "uptime": time() - device.booted_at,
        "memTotal": 8_000_000,
        "memFree": 5_000_000,
        "architecture": "x86_64",
    }
    text = (
        f"Arista {MODEL}\nHardware version: 01.00\nSerial number: {data['serialNumber']}\n"
        f"System MAC address: {data['systemMacAddress']}\n\nSoftware image version: {VERSION}\n"
        f"Architecture: x86_64\nInternal build version: {data['internalVersion']}\n\n"
        f"Uptime: {int(time() - device.booted_at) // 60} minutes\n"
        "Total memory: 8000000 kB\nFree memory: 5000000 kB\n"
    )
    return Answer(data, text)


def hostname(device: Device) -> Answer:
    """`show hostname`."""
    name = device.hostname
    keys = (key for key in device.running if key.startswith(("dns domain", "ip domain")))
    domain = next(keys, "").rpartition(" ")[2]
    fqdn = f"{name}.{domain}" if domain else name
    return Answer({"hostname": name, "fqdn": fqdn}, f"Hostname: {name}\nFQDN:     {fqdn}\n")


def _interface(port: Interface) -> dict[str, Any]:
    addresses = [
        {"primaryIp": {"address": address, "maskLen": int(length)}, "secondaryIpsOrderedList": []}
        for address, length, secondary in port.addresses
        if not secondary
    ]
    return {
        "name": port.name,
        "lineProtocolStatus": "up" if port.up else "down",
        "interfaceStatus": "disabled" if port.shut else "connected" if port.up else "notconnect",
        "hardware": "ethernet",
        "interfaceAddress": addresses,
        "physicalAddress": port.mac,
        "burnedInAddress": port.mac,
        "description": port.value("description"),
        "bandwidth": 1_000_000_000,
        "mtu": int(port.value("mtu", "1500")),
        "duplex": "duplexFull",
    }


def interface_details(device: Device, only: str = "") -> Answer:
    """`show interfaces [name]`."""
    ports = [port for port in interfaces(device) if only in ("", port.name)]
    lines = []
    for port in ports:
        state = _interface(port)
        status = f"is {'administratively down' if port.shut else 'up' if port.up else 'down'}"
        protocol = f"line protocol is {state['lineProtocolStatus']} ({state['interfaceStatus']})"
        lines.append(f"{port.name} {status}, {protocol}")
        lines.append(f"  Hardware is Ethernet, address is {port.mac}")
        if state["description"]:
            lines.append(f"  Description: {state['description']}")
        lines.append(f"  IP MTU {state['mtu']} bytes, BW 1000000 kbit")
    return Answer({"interfaces": {port.name: _interface(port) for port in ports}}, "\n".join(lines))


def ip_interface_brief(device: Device) -> Answer:
    """`show ip interface brief`."""
    data, lines = {}, ["Interface       IP Address         Status       Protocol   MTU"]
    for port in interfaces(device):
        state = _interface(port)
        for entry in state["interfaceAddress"]:
            data[port.name] = {**state, "interfaceAddress": {"ipAddr": entry["primaryIp"]}}
            address = f"{entry['primaryIp']['address']}/{entry['primaryIp']['maskLen']}"
            status = "admin down" if port.shut else "up" if port.up else "down"
            protocol = f"{state['lineProtocolStatus']:<10} {state['mtu']}"
            lines.append(f"{port.name:<15} {address:<18} {status:<12} {protocol}")
    return Answer({"interfaces": data}, "\n".join(lines))


def lldp(device: Device) -> Answer:
    """`show lldp neighbors`."""
    found = [
        {
            "port": name,
            "neighborDevice": entry["system_name"],
            "neighborPort": entry["port_id"],
            "ttl": 120,
        }
        for name, entry in named_neighbors(device)
    ]
    rows = [f"{row['port']:<14} {row['neighborDevice']:<24} {row['neighborPort']}" for row in found]
    head = "Port           Neighbor Device ID       Neighbor Port ID"
    return Answer({"lldpNeighbors": found}, "\n".join([head, *rows]))


def lldp_detail(device: Device) -> Answer:
    """`show lldp neighbors detail`."""
    data: dict[str, dict[str, list[dict[str, Any]]]] = {
        name: {"lldpNeighborInfo": []} for name in device.settings.interfaces
    }
    for name, entry in named_neighbors(device):
        letters = [letter for letter in entry["capabilities"].split(",") if letter in _CAPABILITIES]
        data[name]["lldpNeighborInfo"].append(
            {
                "chassisIdType": "macAddress" if entry["chassis_id"].count(":") == 5 else "local",
                "chassisId": entry["chassis_id"],
                "systemName": entry["system_name"],
                "systemDescription": entry["system_description"],
                "systemCapabilities": {
                    _CAPABILITIES[letter]: letter in entry["enabled"] for letter in letters
                },
                "neighborInterfaceInfo": {
                    "interfaceId": f'"{entry["port_id"]}"',
                    "interfaceDescription": entry["port_description"],
                },
            }
        )
    return Answer({"lldpNeighbors": data}, lldp(device).text)


def inventory(device: Device) -> Answer:
    """`show inventory`."""
    data = {
        "systemInformation": {
            "name": MODEL,
            "description": "Simulated switch",
            "mfgName": "Arista",
            "serialNum": serial(device),
            "hardwareRev": "01.00",
        },
        "xcvrSlots": {},
        "powerSupplySlots": {},
        "fanTraySlots": {},
    }
    text = f"System information\n  Model      Description\n  {MODEL}  Simulated switch\n"
    return Answer(data, f"{text}  Serial number: {serial(device)}\n")


def configuration(device: Device, tree: Tree, command: str) -> Answer:
    """A configuration as `command` prints it."""
    header = [f"! Command: {command}", f"! device: {device.hostname} ({MODEL}, EOS-{VERSION})", "!"]
    text = "\n".join([*header, *render(tree, STEP), "end", ""])
    return Answer({"header": header, "cmds": _nested(tree)}, text)


def _nested(tree: Tree) -> dict[str, Any]:
    return {
        key: {"comments": [], "cmds": _nested(children)} if children else None
        for key, children in tree.items()
    }


def running(device: Device) -> Answer:
    """`show running-config`."""
    return configuration(device, device.running, "show running-config")


def startup(device: Device) -> Answer:
    """`show startup-config`."""
    return configuration(device, device.startup, "show startup-config")


def clock(_device: Device) -> Answer:
    """`show clock`, always UTC."""
    text = strftime("%a %b %d %H:%M:%S %Y\nTimezone: UTC\nClock source: local\n", gmtime(time()))
    return Answer({"utcTime": time(), "timezone": "UTC"}, text)


SIMPLE: dict[str, Callable[[Device], Answer]] = {
    "show version": version,
    "show hostname": hostname,
    "show interfaces": interface_details,
    "show ip interface brief": ip_interface_brief,
    "show lldp neighbors": lldp,
    "show lldp neighbors detail": lldp_detail,
    "show inventory": inventory,
    "show clock": clock,
}

PRIVILEGED: dict[str, Callable[[Device], Answer]] = {
    "show running-config": running,
    "show running-config all": running,
    "show running-config sanitized": running,
    "show running-config all sanitized": running,
    "show startup-config": startup,
}
