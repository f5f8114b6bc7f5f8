"""What the IOS persona shows of itself."""

import ipaddress
from collections.abc import Callable
from time import gmtime, strftime, time

from lab.simulators.device import Device
from lab.simulators.interfaces import Interface, interfaces, named_neighbors, serial
from lab.simulators.tree import Tree, render

MODEL = "C9300-24T"
VERSION = "17.3.1"


def version(device: Device) -> str:
    """`show version`."""
    return (
        f"Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE), "
        f"Version {VERSION}, RELEASE SOFTWARE (simulated)\n\n"
        f"ROM: IOS-XE ROMMON (simulated)\n"
        f"{device.hostname} uptime is {_uptime(time() - device.booted_at)}\n"
        f"System returned to ROM by power-on\n"
        f'System image file is "flash:packages.conf"\n\n'
        f"cisco {MODEL} (X86) processor with 1418286K/6147K bytes of memory.\n"
        f"Processor board ID {serial(device)}\n"
        f"{len(device.settings.physical)} Gigabit Ethernet interfaces\n"
        f"2048K bytes of non-volatile configuration memory.\n\n"
        f"Configuration register is 0x102\n"
    )


def _uptime(seconds: float) -> str:
    minutes = int(seconds // 60)
    parts = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    shown = [f"{count} {unit}{'s' if count != 1 else ''}" for count, unit in parts if count]
    return ", ".join(shown) or "0 minutes"


def hosts(device: Device) -> str:
    """`show hosts`."""
    names = [key.split()[-1] for key in device.running if key.startswith("ip domain")
             and "name " in key]  # fmt: skip
    domain = f"Default domain is {names[0]}\n" if names else "Default domain is not set\n"
    return domain + "Name/address lookup uses static mappings\n"


def ip_interface_brief(device: Device) -> str:
    """`show ip interface brief`."""
    lines = ["Interface              IP-Address      OK? Method Status                Protocol"]
    for port in interfaces(device):
        address = next((entry[0] for entry in port.addresses if not entry[2]), "unassigned")
        status = "administratively down" if port.shut else "up" if port.up else "down"
        state = "up" if port.up else "down"
        lines.append(f"{port.name:<22} {address:<15} YES NVRAM  {status:<21} {state}")
    return "\n".join(lines)


def ip_interface(device: Device) -> str:
    """`show ip interface`."""
    blocks = []
    for port in interfaces(device):
        lines = [_headline(port)]
        for address, mask, secondary in port.addresses:
            length = ipaddress.ip_network(f"0.0.0.0/{mask}").prefixlen
            words = "Secondary address" if secondary else "Internet address is"
            lines.append(f"  {words} {address}/{length}")
        if not port.addresses:
            lines.append("  Internet protocol processing disabled")
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def _headline(port: Interface) -> str:
    status = "administratively down" if port.shut else "up" if port.up else "down"
    return f"{port.name} is {status}, line protocol is {'up' if port.up else 'down'} "


def interface_details(device: Device, only: str = "") -> str:
    """`show interfaces [name]`."""
    blocks = []
    for port in interfaces(device):
        if only and port.name != only:
            continue
        mac = port.mac.replace(":", "")
        dotted = ".".join(mac[start : start + 4] for start in (0, 4, 8))
        hardware = f"  Hardware is Gigabit Ethernet, address is {dotted} (bia {dotted})"
        lines = [_headline(port), hardware]
        if text := port.value("description"):
            lines.append(f"  Description: {text}")
        bandwidth, mtu = port.value("bandwidth", "1000000"), port.value("mtu", "1500")
        lines.append(f"  MTU {mtu} bytes, BW {bandwidth} Kbit/sec, DLY 10 usec, ")
        lines.append("     reliability 255/255, txload 1/255, rxload 1/255")
        lines.append("  Encapsulation ARPA, loopback not set")
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def lldp_detail(device: Device) -> str:
    """`show lldp neighbors detail`."""
    blocks = []
    for name, entry in named_neighbors(device):
        blocks.append(
            "------------------------------------------------\n"
            f"Local Intf: {name}\n"
            f"Chassis id: {entry['chassis_id']}\n"
            f"Port id: {entry['port_id']}\n"
            f"Port Description: {entry['port_description'] or '- not advertised'}\n"
            f"System Name: {entry['system_name'] or '- not advertised'}\n\n"
            f"System Description: \n{entry['system_description'] or '- not advertised'}\n\n"
            "Time remaining: 100 seconds\n"
            f"System Capabilities: {entry['capabilities'] or '- not advertised'}\n"
            f"Enabled Capabilities: {entry['enabled'] or '- not advertised'}\n"
            f"Management Addresses:\n    IP: {entry['address']}\n"
        )
    return "\n".join([*blocks, f"\nTotal entries displayed: {len(blocks)}\n"])


def lldp(device: Device) -> str:
    """`show lldp neighbors`."""
    rows = [
        f"{entry['system_name'][:20]:<20}{name[:15]:<15}120        {entry['enabled']:<16}"
        f"{entry['port_id']}"
        for name, entry in named_neighbors(device)
    ]
    head = "Device ID           Local Intf     Hold-time  Capability      Port ID"
    return "\n".join([head, *rows, "", f"Total entries displayed: {len(rows)}", ""])


def inventory(device: Device) -> str:
    """`show inventory`."""
    return (
        f'NAME: "Chassis", DESCR: "Cisco {MODEL} (simulated)"\n'
        f"PID: {MODEL:<18}, VID: V01  , SN: {serial(device)}\n"
    )


def configuration(device: Device, tree: Tree) -> str:
    """A configuration as `show running-config` prints it, without its first two lines."""
    body = "\n".join(render(tree))
    who = f" by {device.changed_by}" if device.changed_by else ""
    return (
        f"!\n! Last configuration change at {clock()}{who}\n!\n"
        f"version {VERSION.rpartition('.')[0]}\n!\n{body}\n!\nend\n"
    )


def running(device: Device) -> str:
    """`show running-config`."""
    text = configuration(device, device.running)
    return f"Building configuration...\n\nCurrent configuration : {len(text)} bytes\n{text}"


def startup(device: Device) -> str:
    """`show startup-config`."""
    text = configuration(device, device.startup)
    return f"Using {len(text)} out of 2097152 bytes\n{text}"


def clock() -> str:
    """`show clock`, always UTC."""
    return strftime("%H:%M:%S UTC %a %b %d %Y", gmtime(time()))


SIMPLE: dict[str, Callable[[Device], str]] = {
    "show version": version,
    "show hosts": hosts,
    "show ip interface brief": ip_interface_brief,
    "show ip interface": ip_interface,
    "show interfaces": interface_details,
    "show lldp neighbors": lldp,
    "show lldp neighbors detail": lldp_detail,
    "show inventory": inventory,
    "show running-config": running,
    "show running-config all": running,
    "show startup-config": startup,
    "show clock": lambda _device: clock(),
}
