"""5,000 configurations of 1,000 lines judged by the whole pack, on two processes.

Beside it netutils' compliance of the same configurations (each against itself, the best case), in
one process: it compares sections and judges no rule, so it is a floor for reading a text at all.
"""

from __future__ import annotations

import multiprocessing
import random
import resource
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netutils.config import compliance

from baselines import engine, packs

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIGURATIONS = 5_000
LINES = 1_000
PROCESSES = 2
SAMPLE = 50  # for the peer, which is too slow for all of them
FEATURES: list[dict[str, Any]] = [
    {"name": "ntp", "ordered": False, "section": ["ntp"]},
    {"name": "snmp", "ordered": False, "section": ["snmp-server"]},
    {"name": "lines", "ordered": True, "section": ["line vty"]},
]


@dataclass(frozen=True, slots=True)
class Figures:
    """What a run took: wall seconds, seconds of CPU, peak memory of one process in MiB."""

    configurations: int
    seconds: float
    cpu_seconds: float
    memory_mib: float


def configuration(seed: int, lines: int = LINES) -> str:
    """Return an access switch's configuration of so many lines; no two seeds give the same."""
    rng = random.Random(seed)
    found = [
        "version 15.2",
        f"hostname xa-{seed:04d}-sw",
        "enable secret 9 $9$a$b",
        "username ops privilege 15 secret 9 $9$c$d",
        *(f"ntp server 10.0.0.{number}" for number in range(1, 1 + rng.randrange(3))),
    ]
    port = 0
    while len(found) < lines - 12:
        port += 1
        found += [
            f"interface GigabitEthernet1/0/{port}",
            f" description room {rng.randrange(10**6)} of unit {seed}",
            f" switchport access vlan {rng.randrange(2, 400)}",
            " switchport mode access",
            " switchport port-security",
            " spanning-tree bpduguard enable",
            *([" shutdown"] if rng.random() < 0.2 else []),
            "!",
        ]
    tail = ["access-list 10 permit 10.0.0.0 0.0.0.255", "snmp-server group NMS v3 priv"]
    tail += ["line vty 0 4", " access-class 10 in", " exec-timeout 5 0"]
    tail += [f" transport input {'ssh' if rng.random() < 0.9 else 'telnet ssh'}", "end"]
    return "\n".join([*found[: lines - len(tail)], *tail]) + "\n"


def _judged(seeds: range) -> tuple[int, float, float]:
    judge = engine.Engine(packs.load().rules)
    failures = 0
    spent = 0.0
    for seed in seeds:
        text = configuration(seed)
        began = time.process_time()
        findings, _tree = judge.audit(text, "ios", {"backup": {"age_hours": 3}})
        spent += time.process_time() - began
        failures += sum(finding.verdict == "fail" for finding in findings)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return failures, spent, memory


def judged(count: int = CONFIGURATIONS) -> Figures:
    """Judge `count` configurations; making them is not counted in the seconds of CPU."""
    began = time.monotonic()
    parts = [range(start, count, PROCESSES) for start in range(PROCESSES)]
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        told = pool.map(_judged, parts, chunksize=1)
    seconds = time.monotonic() - began
    return Figures(count, seconds, sum(one[1] for one in told), max(one[2] for one in told))


def peer(count: int = SAMPLE) -> Figures:
    """Give the same configurations to netutils."""
    texts = [configuration(seed) for seed in range(count)]
    began, cpu = time.monotonic(), time.process_time()
    for text in texts:
        result: dict[str, Any] = compliance.compliance(FEATURES, text, text, "cisco_ios", "string")
        if not all(one["compliant"] for one in result.values()):
            raise RuntimeError("netutils says that a text differs from itself")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Figures(count, time.monotonic() - began, time.process_time() - cpu, memory)


def run(count: int = CONFIGURATIONS) -> Iterator[str]:
    """Yield figures for a fifth, and for all: five times the lines must be five times the time."""
    small, whole, other = judged(count // 5), judged(count), peer()
    for name, found in (("hatang", small), ("hatang", whole), ("netutils", other)):
        each = found.cpu_seconds / found.configurations * 1000
        yield (
            f"{name}: {found.configurations} configurations, {found.seconds:.1f} s, "
            f"{each:.2f} ms of CPU each, {found.memory_mib:.0f} MiB a process"
        )
    ratio = (other.cpu_seconds / other.configurations) / (whole.cpu_seconds / whole.configurations)
    yield f"netutils takes {ratio:.1f} times as long a configuration"
