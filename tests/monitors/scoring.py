"""Recorded devices polled by our modules, and how far that agrees with what others published.

The rules are those of the README beside the recordings.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from inventory import platforms
from monitors.collect import Collected, Memory, collect
from monitors.identity import identity
from monitors.modules.expressions import as_text
from monitors.readings import Normaliser
from tests.monitors.replay import Recording, recording

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from monitors.readings import Labels

SYS_DESCR: Final = "1.3.6.1.2.1.1.1.0"
SYS_OBJECT_ID: Final = "1.3.6.1.2.1.1.2.0"


@dataclass
class Polled:
    """A recorded device after one poll."""

    name: str
    platform: str
    agent: Recording
    got: Collected
    facts: dict[str, str] = field(default_factory=dict)
    readings: list[tuple[str, Labels, float]] = field(default_factory=list)

    @property
    def by_oid(self) -> dict[tuple[str, str], float]:
        """Return the readings by name of the series and instance the value came from."""
        oids = {c.name: c.oid for m in self.got.plan.modules for c in m.columns}
        found = {}
        for name, labels, value in self.readings:
            given = dict(labels)
            oid = oids[given["source"]]
            found[name, oid if oid.endswith(".0") else f"{oid}.{given['index']}"] = value
        return found


def polled(path: Path) -> Polled:
    """Return the device recorded in `path` after a poll."""
    return polled_agent(recording(path), path.stem)


def polled_agent(agent: Recording, title: str) -> Polled:
    """Return a recorded device after a poll."""
    descr, object_id = (as_text(agent.values.get(oid)) for oid in (SYS_DESCR, SYS_OBJECT_ID))
    platform = platforms.recognise(object_id, descr)
    name = platform.name if platform is not None else ""
    got = asyncio.run(collect(agent, name, "switch", Memory()))
    return Polled(
        title,
        name,
        agent,
        got,
        identity(got.plan, got.scalars, got.tables),
        list(Normaliser(got.plan).readings(got.scalars, got.tables)),
    )


@dataclass
class Score:
    """Per field: how many were compared, how many agree, and those that do not."""

    compared: Counter[str] = field(default_factory=Counter)
    equal: Counter[str] = field(default_factory=Counter)
    misses: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, name: str, ours: object, theirs: object, where: str) -> None:
        """Count one comparison."""
        self.compared[name] += 1
        if same(ours, theirs):
            self.equal[name] += 1
        else:
            self.misses[name].append(f"{where}: ours {ours!r}, theirs {theirs!r}")

    def share(self, name: str) -> float:
        """Return the share that agrees, 0 where nothing was compared."""
        return self.equal[name] / self.compared[name] if self.compared[name] else 0.0


def same(ours: object, theirs: object) -> bool:
    """Return whether two values are the same within what was rounded for publication."""
    if ours is None or theirs is None:
        return ours is theirs
    if isinstance(ours, int | float) and isinstance(theirs, int | float):
        return abs(ours - theirs) <= max(1e-3 * abs(theirs), 5e-3)
    return ours == theirs


def librenms(folder: Path, chosen: str = "*") -> Iterator[tuple[Polled, dict[str, Any]]]:
    """Yield the recorded devices of the names `chosen` with what is expected of them."""
    for path in sorted(folder.glob(f"{chosen}.json")):
        walk = path.with_suffix(".snmprec")
        if walk.exists():
            yield polled(walk), json.loads(path.read_text("utf-8"))


def rows(expected: dict[str, Any], module: str, table: str) -> list[dict[str, Any]]:
    """Return the rows expected of `table`: the poller's where it has some, else discovery's."""
    about = expected.get(module, {})
    for part in ("poller", "discovery"):
        if isinstance(about.get(part), dict) and table in about[part]:
            found: list[dict[str, Any]] = about[part][table]
            return found
    return []


STATUS: Final = {
    "ifOperStatus": ["up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown"],
    "ifAdminStatus": ["up", "down", "testing"],
}
COUNTERS: Final = {
    "ifInErrors": "ifInErrors",
    "ifOutErrors": "ifOutErrors",
    "ifInDiscards": "ifInDiscards",
    "ifOutDiscards": "ifOutDiscards",
    "ifInOctets": "ifHCInOctets",
    "ifOutOctets": "ifHCOutOctets",
    "ifInUcastPkts": "ifHCInUcastPkts",
    "ifOutUcastPkts": "ifHCOutUcastPkts",
    "ifMtu": "ifMtu",
}


def ports(score: Score, one: Polled, expected: dict[str, Any]) -> None:
    """Compare the interfaces."""
    table = one.got.tables.get("ifTable")
    for row in rows(expected, "ports", "ports"):
        index = str(row["ifIndex"])
        where = f"{one.name} port {index}"
        if table is None or table.cell("ifOperStatus", index) is None:
            continue
        for name, words in STATUS.items():
            if row.get(name) is not None:
                value = table.number(name, index)
                word = words[value - 1] if value and value <= len(words) else str(value)
                score.add(name, word, row[name], where)
        for name, column in COUNTERS.items():
            ours = table.number(column, index)
            # What was not recorded is 0 there and absent here.
            if row.get(name) is not None and (ours is not None or row[name] != 0):
                score.add(name, ours, row[name], where)
        # 4294967295 is what ifSpeed says when it cannot say more (RFC 2863).
        if row.get("ifSpeed") not in {None, 4294967295}:
            score.add("ifSpeed", speed(one, index), row["ifSpeed"], where)


def speed(one: Polled, index: str) -> int | None:
    """Return what we say of an interface's bandwidth in bits per second."""
    high = one.got.tables["ifTable"].number("ifHighSpeed", index)
    if high:
        return high * 10**6
    for name, labels, value in one.readings:
        if name == "hatang_interface_speed_bytes_per_second" and ("index", index) in labels:
            return round(value * 8)
    return 0


def sensors(score: Score, one: Polled, expected: dict[str, Any]) -> None:
    """Compare what sensors measure, states by our judgement, of those we claim."""
    ours = one.by_oid
    states = {
        (row["state_name"], row["state_value"]): row["state_generic_value"]
        for row in rows(expected, "sensors", "state_indexes")
    }
    for row in rows(expected, "sensors", "sensors"):
        if row.get("user_func") or row["sensor_current"] is None:
            continue
        oid = row["sensor_oid"].strip(".")
        kind = row["sensor_class"]
        where = f"{one.name} {kind} {oid} {row.get('sensor_descr')!r}"
        if kind == "state":
            value = ours.get(("hatang_sensor_state", oid))
            theirs = states.get((row["sensor_type"], row["sensor_current"]))
            score.compared["states seen"] += 1
            if value is not None and theirs is not None:
                score.add("states judged", int(value), theirs, where)
                continue
        else:
            score.compared["sensors seen"] += 1
            name = "hatang_sessions" if kind == "count" else "hatang_sensor"
            value = ours.get((name, oid))
            if value is not None:
                value = value / 60 if kind == "runtime" else value
                score.add("sensors", value, row["sensor_current"], where)
                continue
        score.misses["unclaimed"].append(where)


def processors(score: Score, one: Polled, expected: dict[str, Any]) -> None:
    """Compare processors and memories."""
    ours = one.by_oid
    for row in rows(expected, "processors", "processors"):
        oid = row["processor_oid"].strip(".")
        score.compared["processors seen"] += 1
        where = f"{one.name} {row['processor_type']} {oid}"
        value = ours.get(("hatang_cpu_percent", oid))
        if value is None:
            score.misses["unclaimed"].append(where)
        else:
            score.add("processors", round(value), row["processor_usage"], where)


def memories(score: Score, one: Polled, expected: dict[str, Any]) -> None:
    """Compare how much of memories is in use."""
    shares = {key[1]: v for key, v in one.by_oid.items() if key[0] == "hatang_memory_used_percent"}
    for row in rows(expected, "mempools", "mempools"):
        score.compared["memories seen"] += 1
        where = f"{one.name} {row['mempool_type']} {row['mempool_index']} {row['mempool_descr']}"
        found = [
            shares[oid]
            for name in ("perc", "used", "free", "total")
            if (oid := (row.get(f"mempool_{name}_oid") or "").strip(".")) in shares
        ]
        if found:
            score.add("memories", round(found[0]), row["mempool_perc"], where)
        else:
            score.misses["unclaimed"].append(where)


FACTS: Final = ("version", "hardware", "serial")


def facts(score: Score, one: Polled, expected: dict[str, Any]) -> None:
    """Compare version, hardware and serial by vendor (the first word of the recording's name)."""
    device = (rows(expected, "os", "devices") or [{}])[0]
    for name in FACTS:
        theirs = device.get(name)
        if theirs and theirs != "<private>":
            ours = one.facts.get(name)
            shown = theirs if says_the_same(ours, theirs) else ours
            known = (v for v, systems in VENDORS.items() if device.get("os") in systems)
            vendor = next(known, "others")
            score.add(f"{name} {vendor}", shown, theirs, f"{one.name} {name}")
            if vendor != "others":
                score.add(f"{name} of the five", shown, theirs, f"{one.name} {name}")


def says_the_same(ours: str | None, theirs: str) -> bool:
    """Return whether one fact stands, as whole words, within the other: each has its own frills."""
    if not ours:
        return False
    a, b = (
        " " + " ".join(re.split(r"[\s\[\](),]+", text.lower())).strip() + " "
        for text in (ours, theirs)
    )
    return a in b or b in a


VENDORS: Final = {
    "Cisco": ("ios", "iosxe", "nxos", "iosxr", "asa", "ftd", "ciscosb"),
    "Juniper": ("junos",),
    "Huawei": ("vrp",),
    "H3C, HPE Comware": ("comware",),
    "Fortinet": ("fortigate", "fortiswitch"),
}


def judge(folder: Path, chosen: str = "*") -> Score:
    """Compare everything recorded in `folder`."""
    score = Score()
    for one, expected in librenms(folder, chosen):
        for part in (ports, sensors, processors, memories, facts):
            part(score, one, expected)
    return score
