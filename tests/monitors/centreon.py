"""What another project's plugins print of recorded devices, against our common series.

A recording seldom holds sysObjectID; where it lacks it, it is given the one of the plugin's vendor.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from tests.monitors.replay import recording
from tests.monitors.scoring import SYS_OBJECT_ID, Polled, Score, polled_agent, same

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from monitors.readings import Labels

_PERFDATA: Final = re.compile(r"'([^']*)'=(-?[\d.]+)([A-Za-z%]*);[^; ]*;[^; ]*;[^; ]*;([\d.]*)")
_HA: Final = re.compile(r"(?:Current|Peer) HA State: '(\w+)'")
VENDORS: Final[Mapping[str, str]] = {
    "cisco::standard": "1.3.6.1.4.1.9.1.1",
    "cisco::smallbusiness": "1.3.6.1.4.1.9.6.1",
    "ups::apc": "1.3.6.1.4.1.318.1.3",
    "cyberoam": "1.3.6.1.4.1.2604.5",
    "huawei": "1.3.6.1.4.1.2011.2.240",
    "aoscx": "1.3.6.1.4.1.47196.4.1",
    "procurve": "1.3.6.1.4.1.11.2.3.7",
    "extreme": "1.3.6.1.4.1.1916.2",
    "4950gts": "1.3.6.1.4.1.45.3.83",
    "nortel": "1.3.6.1.4.1.2272.200",
    "f5::bigip": "1.3.6.1.4.1.3375.2.1.3.4",
    "f5os": "1.3.6.1.4.1.12276.1.3.1.4",
    "socomec": "1.3.6.1.4.1.4555.1.1",
}
CLASSES: Final[Mapping[str, tuple[str, ...]]] = {
    "C": ("temperature",),
    "V": ("voltage",),
    "A": ("current",),
    "W": ("power",),
    "Hz": ("frequency",),
    "rpm": ("fanspeed",),
    "m": ("runtime",),
    "%": ("charge", "humidity"),
}

Values = list[tuple[str, "Labels", float]]
Want = tuple[str, float, str, str]
"""Label, number, unit and maximum as printed."""


def _cpu(values: Values, want: Want) -> bool | None:
    label, number, unit, _ = want
    if unit != "%" or "5s" in label or "1m" in label or "15m" in label:
        return None
    loads = [value for name, _, value in values if name == "hatang_cpu_percent"]
    mean = sum(loads) / len(loads) if loads else None
    return any(same(round(value, 2), number) for value in (*loads, mean) if value is not None)


def _bytes(values: Values, want: Want) -> bool | None:
    label, number, unit, most = want
    if unit != "B" or "free" in label:
        return None
    used = [
        v for n, _, v in values if n in {"hatang_memory_used_bytes", "hatang_storage_used_bytes"}
    ]
    size = [
        v for n, _, v in values if n in {"hatang_memory_size_bytes", "hatang_storage_size_bytes"}
    ]
    return any(same(v, number) for v in used) and (
        not most or any(same(v, float(most)) for v in size)
    )


def _sensor(values: Values, want: Want) -> bool | None:
    _, number, unit, _ = want
    kinds = {("class", kind) for kind in CLASSES.get(unit, ())}
    if not kinds:
        return None
    scale = 60 if unit == "m" else 1
    found = [v for n, labels, v in values if n == "hatang_sensor" and kinds & set(labels)]
    return any(same(value, number * scale) for value in found)


MODES: Final[Mapping[str, tuple[str, Callable[[Values, Want], bool | None]]]] = {
    "cpu": ("CPU", _cpu),
    "cpu-usage": ("CPU", _cpu),
    "memory": ("memory", _bytes),
    "swap": ("memory", _bytes),
    "storage": ("storage", _bytes),
    "disk-usage": ("storage", _bytes),
    "battery-status": ("UPS", _sensor),
    "battery": ("UPS", _sensor),
    "input-lines": ("UPS", _sensor),
    "sensors": ("sensors", _sensor),
    "hardware": ("sensors", _sensor),
}
OURS: Final = re.compile(
    r"cisco::(standard|smallbusiness)|ups::(apc|standard)|cyberoam|huawei|aoscx|procurve|fortigate"
    r"|paloalto|mikrotik|os::(linux|windows|freebsd)|mellanox|synology|qnap|arista"
    r"|extreme|nortel|f5::bigip|f5os|socomec"
)
"""Plugins for what our modules are for."""


def expectations(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what is expected, each output once, of recordings that are there."""
    seen = set()
    for line in (folder / "expectations.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        key = (row["plugin"], row["mode"], row["community"], row["expected"])
        known = row["mode"] in MODES or row["mode"] == "ha-status"
        if key in seen or not known or not OURS.search(row["plugin"]):
            continue
        seen.add(key)
        walk = walk_of(folder, row)
        if walk is not None:
            yield {**row, "walk": walk}


def walk_of(folder: Path, row: dict[str, Any]) -> Path | None:
    """Return the recording a row is about: its community, or one that its arguments name."""
    for name in (row["community"] or "", *row["args"]):
        path = folder / "walks" / (str(name).strip("'").replace("/", "__") + ".snmpwalk")
        if "/" in str(name) and path.exists():
            return path
    return None


def poll(walk: Path, plugin: str) -> Polled:
    """Return a recorded device after a poll."""
    agent = recording(walk)
    what = f"{walk.stem} {plugin}"
    vendor = next((oid for name, oid in VENDORS.items() if name in what), None)
    if vendor is not None and SYS_OBJECT_ID not in agent.values:
        agent.values[SYS_OBJECT_ID] = vendor
    return polled_agent(agent, walk.stem)


def judge(folder: Path) -> Score:
    """Compare everything expected of processors, memories, UPS, sensors and clusters."""
    score = Score()
    known: dict[tuple[Path, str], Polled] = {}
    for row in expectations(folder):
        key = (row["walk"], row["plugin"])
        if key not in known:
            known[key] = poll(*key)
        if row["mode"] == "ha-status":
            _clusters(score, known[key], row)
        else:
            _numbers(score, known[key], row)
    return score


def _name(row: dict[str, Any], what: str) -> str:
    plugin = row["plugin"].removesuffix("::snmp::plugin").removesuffix("::standard")
    return f"{what} {plugin.split('::', 1)[1]}"


def _numbers(score: Score, one: Polled, row: dict[str, Any]) -> None:
    what, check = MODES[row["mode"]]
    for label, number, unit, most in _PERFDATA.findall(row["expected"]):
        found = check(one.readings, (label, float(number), unit, most))
        if found is not None:
            where = f"{one.name} {label} {number}{unit}"
            score.add(_name(row, what), found, True, where)


def _clusters(score: Score, one: Polled, row: dict[str, Any]) -> None:
    now = [
        dict(labels)["state"] for n, labels, v in one.readings if n == "hatang_ha_state" and v == 1
    ]
    for state in _HA.findall(row["expected"]):
        score.add(_name(row, "HA"), state in now, True, f"{one.name} {state}")
