"""SNMP polling: our engine, plain and compiled, beside its peers and a C client, in one run.

Job: sysUpTime and twelve columns of 24 ports of every device, sessions kept, all values counted.
Clients run by turns; the figures are medians of the rounds, CPU by getrusage (of snmp_exporter by
/proc). `python -m bench.snmp [FILE]` also writes all figures as JSON.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.snmp.client import CELLS, PORTS, address
from bench.snmp.picture import drawn
from scripts.compile_core import MODULES, compile_core

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
ROUNDS = int(os.environ.get("ROUNDS", "5"))
# Name, devices of a sweep, requests in flight.
CLIENTS = (
    ("C ceiling", 2000, 50),
    ("hatang compiled", 1000, 50),
    ("hatang plain", 500, 50),
    ("watch compiled", 1000, 50),
    ("watch plain", 500, 50),
    ("gufo", 500, 50),
    ("pysnmp", 20, 10),
    ("snmp_exporter", 100, 50),
    ("hatang compiled v3", 1000, 50),
    ("hatang plain v3", 500, 50),
    ("watch compiled v3", 1000, 50),
    ("gufo v3", 500, 50),
    ("pysnmp v3", 20, 10),
    ("snmp_exporter v3", 100, 50),
)
SWEPT = ("hatang compiled", "hatang compiled v3", "watch compiled", "watch compiled v3")
SWEEP, SPREAD, SPREAD_SECONDS = 10_000, 3_000, 15
GROWTH_CLIENTS = ("hatang compiled", "hatang compiled v3", "watch compiled")
GROWTH_PORTS, GROWTH_DEVICES, GROWTH_ROUNDS = (24, 48, 96, 192), (100, 1000, 10_000), 3
PICTURES = HERE.parents[1] / "docs" / "pictures"
EXPORTER = "prometheus-snmp-exporter"


class Bench:
    """Where everything stands: programs, ports, the compiled decoder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.core = folder / "core"
        for module in MODULES:
            compile_core(self.core, module)
        for name in ("agent", "ceiling"):
            source, program = str(HERE / f"{name}.c"), str(folder / name)
            subprocess.run(["cc", "-O2", "-o", program, source, "-lcrypto"], check=True)
        self.port, self.half_dead, self.web = free_port(), free_port(), free_port()

    def client(self, *words: object, ports: int = PORTS) -> dict[str, Any]:
        """Run one of our clients and return its figures."""
        which = "collecting" if str(words[0]).startswith("watch") else "client"
        is_compiled = "plain" not in str(words[0])
        entry = ["bench.snmp.compiled"] * is_compiled + [f"bench.snmp.{which}"]
        command = [sys.executable, "-m", *entry, *map(str, words)]
        own = {"HATANG_BENCH_CORE": str(self.core), "HATANG_BENCH_PORTS": str(ports)}
        environ = {**os.environ, **own}
        done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def ceiling(self, devices: int, flying: int) -> dict[str, Any]:
        """Run the client in C."""
        words = [str(self.folder / "ceiling"), *map(str, (self.port, devices, PORTS, flying))]
        out = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
        return {"cpu_s": float(out[0]), "wall_s": float(out[1]), "good": int(out[2])}

    def exporter(self, pid: int, devices: int, flying: int, module: str) -> dict[str, Any]:
        """Scrape devices through snmp_exporter."""

        def scrape(number: int) -> bool:
            where = f"{address(number)}:{self.port}"
            url = f"http://127.0.0.1:{self.web}/snmp?target={where}&module={module}"
            with urllib.request.urlopen(url, timeout=60) as page:
                text: bytes = page.read()
            return text.count(b'ifIndex="') >= PORTS * 11

        before, began = process_cpu(pid), time.perf_counter()
        with ThreadPoolExecutor(flying) as pool:
            good = sum(pool.map(scrape, range(devices)))
        wall = time.perf_counter() - began
        return {"cpu_s": process_cpu(pid) - before, "wall_s": wall, "good": good}


def free_port() -> int:
    """Return a UDP port nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("0.0.0.0", 0))
        return int(probe.getsockname()[1])


def process_cpu(pid: int) -> float:
    """Return the CPU seconds of another process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def started(*words: object) -> Iterator[int]:
    """Run a program beside us and yield its number."""
    process = subprocess.Popen(list(map(str, words)), stderr=subprocess.DEVNULL)
    try:
        time.sleep(1.0)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def rounds(bench: Bench, exporter: int | None) -> list[dict[str, Any]]:
    """Return every figure of every client, by turns."""
    found = []
    for turn in range(ROUNDS):
        for name, devices, flying in CLIENTS:
            if name.startswith("snmp_exporter"):
                if exporter is None:
                    continue
                module = "lean_v3" if name.endswith("v3") else "lean"
                figures = bench.exporter(exporter, devices, flying, module)
            elif name == "C ceiling":
                figures = bench.ceiling(devices, flying)
            else:
                figures = bench.client(name, bench.port, devices, flying)
            cost = figures["cpu_s"] / devices * 1e3
            found.append({"client": name, "round": turn, **figures, "devices": devices, "ms": cost})
            sys.stderr.write(f"{turn} {name}: {cost:.3f} ms, {figures['good']} of {devices}\n")
    return found


def growth(bench: Bench) -> dict[str, list[tuple[int, float]]]:
    """Return CPU milliseconds a device by ports and by devices, medians of by-turns rounds."""
    jobs = [
        (kind, axis, at)
        for axis, ats in (("ports", GROWTH_PORTS), ("devices", GROWTH_DEVICES))
        for kind in GROWTH_CLIENTS
        for at in ats
    ]
    found: dict[tuple[str, str, int], list[float]] = {job: [] for job in jobs}
    for ports in GROWTH_PORTS:
        port = free_port()
        with started(bench.folder / "agent", port, ports, 0):
            for job in jobs * GROWTH_ROUNDS:
                kind, axis, at = job
                if (at if axis == "ports" else PORTS) != ports:
                    continue
                devices = at if axis == "devices" else 500
                flying = min(devices, 500 if devices > 1000 else 50)
                figures = bench.client(kind, port, devices, flying, ports=ports)
                found[job].append(figures["cpu_s"] / devices * 1e3)
    grown: dict[str, list[tuple[int, float]]] = {}
    for (kind, axis, at), costs in found.items():
        grown.setdefault(f"{kind}, by {axis}", []).append((at, median(costs)))
    return grown


def table(runs: list[dict[str, Any]]) -> list[str]:
    """Return the medians as lines, each beside the ceiling and snmp_exporter of its version."""
    cost = {name: median([run["ms"] for run in runs if run["client"] == name] or [0.0])
            for name, _, _ in CLIENTS}  # fmt: skip
    lines = [
        f"{'client':20} {'CPU ms a device':>16} {'min':>8} {'x C v2c':>8} {'exporter / it':>14}"
    ]
    for name, each in cost.items():
        if not each:
            continue
        least = min(run["ms"] for run in runs if run["client"] == name)
        peer = cost["snmp_exporter v3" if name.endswith("v3") else "snmp_exporter"]
        ratio = f"{peer / each:.1f}" if peer else "-"
        lines.append(
            f"{name:20} {each:16.3f} {least:8.3f} {each / cost['C ceiling']:8.1f} {ratio:>14}"
        )
    return lines


def machine() -> dict[str, Any]:
    """Return what the figures depend on, without any name of a host."""
    info = Path("/proc/cpuinfo").read_text()
    model = next(
        (line.partition(":")[2].strip() for line in info.splitlines() if "model name" in line), ""
    )
    head = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "commit": head.stdout.strip(),
        "load_1m": os.getloadavg()[0],
        "cells": CELLS,
    }


def main(words: list[str]) -> None:
    """Run everything, print the table, write the figures."""
    with tempfile.TemporaryDirectory(prefix="hatang-bench-") as name:
        bench = Bench(Path(name))
        config = f"--config.file={HERE / 'snmp.yml'}"
        program = os.environ.get("SNMP_EXPORTER") or shutil.which(EXPORTER)
        listen = f"--web.listen-address=127.0.0.1:{bench.web}"
        with started(bench.folder / "agent", bench.port, PORTS, 0):
            if program:
                with started(program, config, listen, "--log.level=error") as pid:
                    runs = rounds(bench, pid)
            else:
                runs = rounds(bench, None)
            sweeps = [bench.client(kind, bench.port, SWEEP, 500) for kind in SWEPT]
            healthy = bench.client("hatang compiled", bench.port, SPREAD, 0, SPREAD_SECONDS)
        with started(bench.folder / "agent", bench.half_dead, PORTS, 3):
            third_dead = bench.client("hatang compiled", bench.half_dead, SPREAD, 0, SPREAD_SECONDS)
        grown = growth(bench)
    lines = table(runs)
    for kind, sweep in zip(SWEPT, sweeps, strict=True):
        lines.append(
            f"{SWEEP} devices, one warm sweep, {kind}: {sweep['cpu_s']:.2f} CPU s, "
            f"{sweep['peak_mb']:.0f} MB, {sweep['good']} whole"
        )
    for kind, each in (("all alive", healthy), ("30 % dead", third_dead)):
        lines.append(
            f"{SPREAD} devices over {SPREAD_SECONDS} s, {kind}: healthy {each['good']}, p50 "
            f"{each['p50_ms']:.1f} ms, p99 {each['p99_ms']:.1f} ms, longest {each['max_ms']:.1f} "
            f"ms, all healthy ones after {each['healthy_wall_s']:.2f} s"
        )
    for kind, points in grown.items():
        told = ", ".join(f"{at}: {cost:.3f}" for at, cost in points)
        lines.append(f"CPU ms a device, {kind}: {told}")
    sys.stdout.write("\n".join(lines) + "\n")
    if words:
        figures = {
            "machine": machine(),
            "runs": runs,
            "sweeps": sweeps,
            "alive": healthy,
            "dead": third_dead,
            "growth": grown,
        }
        (PICTURES / "snmp-growth.svg").write_text(drawn(grown))
        Path(words[0]).write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
