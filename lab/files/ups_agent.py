"""UPS-MIB (RFC 1628) for snmpd's pass_persist; the state is one JSON file a person may change.

Runs inside a UPS node with the standard library only.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

BASE = (1, 3, 6, 1, 2, 1, 33)
STATE = Path("/run/ups.json")
FULL_MINUTES = 45  # what a full battery carries
ON_MAINS, ON_BATTERY = 3, 5  # upsOutputSource normal(3), battery(5)
ALARM_ON_BATTERY = ".1.3.6.1.2.1.33.1.6.3.2"  # upsAlarmOnBattery

Row = tuple[tuple[int, ...], str, str]


def state() -> tuple[bool, float]:
    """Return (on battery, seconds since)."""
    try:
        held = json.loads(STATE.read_text())
    except (OSError, ValueError):
        return False, 0.0
    return held.get("source") == "battery", max(0.0, time.time() - float(held.get("since", 0)))


def rows(name: str) -> list[Row]:
    """Return every object in order: (OID below UPS-MIB, type, value)."""
    battery, seconds = state()
    if not battery:
        seconds = 0.0
    left = max(0.0, FULL_MINUTES - seconds / 60)
    charge = round(100 * left / FULL_MINUTES)
    status = 3 if left < 5 else 2  # upsBatteryStatus batteryLow(3), batteryNormal(2)
    table: list[Row] = [
        ((1, 1, 1, 0), "string", "hatang-lab (simulated)"),
        ((1, 1, 2, 0), "string", "RFC 1628"),
        ((1, 1, 3, 0), "string", "1.0"),
        ((1, 1, 4, 0), "string", "1.0"),
        ((1, 1, 5, 0), "string", name),
        ((1, 2, 1, 0), "integer", str(status)),
        ((1, 2, 2, 0), "integer", str(round(seconds))),
        ((1, 2, 3, 0), "integer", str(round(left))),
        ((1, 2, 4, 0), "integer", str(charge)),
        ((1, 4, 1, 0), "integer", str(ON_BATTERY if battery else ON_MAINS)),
        ((1, 6, 1, 0), "gauge", "1" if battery else "0"),
    ]
    if battery:
        table.append(((1, 6, 2, 1, 2, 1), "objectid", ALARM_ON_BATTERY))
    return table


def parse(text: str) -> tuple[int, ...]:
    """Return the part of an OID below UPS-MIB; () for the root itself."""
    parts = tuple(int(part) for part in text.strip().strip(".").split(".") if part)
    return parts[len(BASE) :]


def find(command: str, wanted: tuple[int, ...], name: str) -> Row | None:
    """Answer one get or getnext."""
    for row in rows(name):
        if row[0] == wanted if command == "get" else row[0] > wanted:
            return row
    return None


def answer(command: str, oid: str, name: str) -> str:
    """Return the lines snmpd expects."""
    row = find(command, parse(oid), name)
    if row is None:
        return "NONE\n"
    full = "." + ".".join(str(part) for part in BASE + row[0])
    return f"{full}\n{row[1]}\n{row[2]}\n"


def main() -> None:
    """Serve snmpd over the standard streams."""
    name = Path("/etc/hostname").read_text().strip()
    while line := sys.stdin.readline():
        command = line.strip()
        if command == "PING":
            reply = "PONG\n"
        elif command in {"get", "getnext"}:
            reply = answer(command, sys.stdin.readline(), name)
        else:  # set: two more lines follow, nothing is writable
            sys.stdin.readline()
            sys.stdin.readline()
            reply = "not-writable\n"
        sys.stdout.write(reply)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
