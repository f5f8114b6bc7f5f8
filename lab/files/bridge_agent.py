"""BRIDGE-MIB (RFC 4188) for snmpd's pass_persist: what the kernel's bridge has learnt, and where.

Runs inside a switch node with the standard library only.
"""

from __future__ import annotations

import sys
from pathlib import Path

BASE = (1, 3, 6, 1, 2, 1, 17)
BRIDGE = Path("/sys/class/net/br0")
ENTRY = 16  # linux/if_bridge.h: struct __fdb_entry
PORT_IF_INDEX, FDB_PORT = (1, 4, 1, 2), (4, 3, 1, 2)

Row = tuple[tuple[int, ...], int]


def rows() -> list[Row]:
    """Return dot1dBasePortIfIndex and dot1dTpFdbPort in order: (OID below BRIDGE-MIB, value)."""
    table: list[Row] = []
    for port in BRIDGE.glob("brif/*"):
        number = int((port / "port_no").read_text(), 16)
        index = int((BRIDGE.parent / port.name / "ifindex").read_text())
        table.append(((*PORT_IF_INDEX, number), index))
    learnt = (BRIDGE / "brforward").read_bytes()
    for start in range(0, len(learnt) - ENTRY + 1, ENTRY):
        entry = learnt[start : start + ENTRY]
        mac, port_number, is_local = entry[:6], entry[6], entry[7]
        if not is_local:
            table.append(((*FDB_PORT, *mac), port_number))
    return sorted(table)


def answer(command: str, oid: str) -> str:
    """Return the lines snmpd expects for a get or getnext."""
    parts = tuple(int(part) for part in oid.strip().strip(".").split(".") if part)
    wanted = parts[len(BASE) :]
    for below, value in rows():
        if below == wanted if command == "get" else below > wanted:
            full = ".".join(str(part) for part in BASE + below)
            return f".{full}\ninteger\n{value}\n"
    return "NONE\n"


def main() -> None:
    """Serve snmpd over the standard streams."""
    while line := sys.stdin.readline():
        command = line.strip()
        if command == "PING":
            reply = "PONG\n"
        elif command in {"get", "getnext"}:
            reply = answer(command, sys.stdin.readline())
        else:  # set: two more lines follow, nothing is writable
            sys.stdin.readline()
            sys.stdin.readline()
            reply = "not-writable\n"
        sys.stdout.write(reply)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
