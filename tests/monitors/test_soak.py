"""Thousands of *simulated* devices, a third of them dark or flapping: nothing creeps, nobody waits.

`HATANG_SOAK_SECONDS` is for how long, an hour by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hatang import log
from scripts.compile_core import MODULES, compile_core

if TYPE_CHECKING:
    from collections.abc import Iterator

_logger = log.get_logger(__name__)

ROOT = Path(__file__).resolve().parents[2]
PORTS, DEAD = 24, 3
# Of the whole; a leak of one value a poll would be more.
MOST_GROWTH = 0.03
TOLD = 4

Line = dict[str, float]


@pytest.mark.slow
def test_a_few_hundred_devices_for_a_minute_are_polled_in_time(tmp_path: Path) -> None:
    _borne(soaked(tmp_path, 400, 60, period=10, flap=12), period=10)


@pytest.mark.soak
def test_ten_thousand_devices_for_an_hour_leave_memory_descriptors_and_lateness_flat(
    tmp_path: Path,
) -> None:
    seconds = int(os.environ.get("HATANG_SOAK_SECONDS", "3600"))
    lines = soaked(tmp_path, 10_000, seconds, period=60, flap=150)
    _borne_and_level(lines, period=60, after=max(3 * 60, seconds / 3))


@pytest.mark.soak
@pytest.mark.parametrize(
    ("fault", "words"),
    [("stalls", "over a second late"), ("leaks", "memory grew"), ("opens", "descriptors")],
)
def test_sabotage_a_monitor_that(tmp_path: Path, fault: str, words: str) -> None:
    lines = soaked(tmp_path, 60, 72, period=10, flap=12, fault=fault)
    with pytest.raises(AssertionError, match=words):
        _level(lines, after=3 * 10) if fault == "leaks" else _borne(lines, period=10)


def _borne_and_level(lines: list[Line], *, period: int, after: float) -> None:
    _borne(lines, period=period)
    _level(lines, after=after)


def _level(lines: list[Line], *, after: float) -> None:
    """Say that memory does not creep once everybody was met."""
    settled = [line for line in lines if line["at"] > after]
    growth = slope(settled, "rss_mb") * (settled[-1]["at"] - settled[0]["at"])
    told = f"memory grew by {growth:.1f} MB of {settled[0]['rss_mb']:.0f}"
    for line in (*settled[:: len(settled) // TOLD or 1], lines[-1]):
        _logger.info("%s: %s", told, line)
    assert growth < MOST_GROWTH * settled[0]["rss_mb"], told


def _borne(lines: list[Line], *, period: int) -> None:
    """Say of the time after every device was met that nobody waited and nothing was left out."""
    settled = [line for line in lines if line["at"] > 3 * period]
    first, last = settled[0], settled[-1]
    assert last["skipped"] == first["skipped"]
    assert last["late"] == first["late"], "a poll began over a second late"
    assert {line["healthy_fresh"] for line in settled} == {last["healthy"]}
    assert max(line["oldest_s"] for line in settled) < 1.1 * period
    periods = (last["at"] - first["at"]) / period
    assert last["polls"] - first["polls"] >= 0.95 * periods * last["devices"]
    assert max(line["descriptors"] for line in settled) == first["descriptors"], "descriptors"


def slope(lines: list[Line], name: str) -> float:
    """Return by how much `name` grows a second, by least squares."""
    ats, values = [line["at"] for line in lines], [line[name] for line in lines]
    at, value = sum(ats) / len(ats), sum(values) / len(values)
    above = sum((x - at) * (y - value) for x, y in zip(ats, values, strict=True))
    return above / sum((x - at) ** 2 for x in ats)


def soaked(
    folder: Path, devices: int, seconds: int, *, period: int, flap: int, fault: str = ""
) -> list[Line]:
    """Return what a monitor told of itself in so many seconds."""
    core = folder / "core"
    for module in MODULES:
        compile_core(core, module)
    entry = ["bench.snmp.compiled", "tests.monitors.soaked"]  # as an installed wheel runs
    told = folder / "told.jsonl"  # read while it goes on, and left for whoever asks afterwards
    with answering(folder, flap) as port, told.open("w") as lines:
        words = [*map(str, (port, devices, seconds, period, flap)), *[fault] * bool(fault)]
        subprocess.run(
            [sys.executable, "-m", *entry, *words],
            env={**os.environ, "HATANG_BENCH_CORE": str(core)},
            cwd=ROOT, check=True, stdout=lines, timeout=seconds + 120,
        )  # fmt: skip
    return [json.loads(line) for line in told.read_text().splitlines()]


@contextmanager
def answering(folder: Path, flap: int) -> Iterator[int]:
    """Run the agent in C and yield its port; skips where it cannot be built."""
    compiler = shutil.which("cc")
    source, program = ROOT / "bench" / "snmp" / "agent.c", folder / "agent"
    built = compiler and subprocess.run(
        [compiler, "-O2", "-o", str(program), str(source), "-lcrypto"],
        check=False, capture_output=True,
    )  # fmt: skip
    if not built or built.returncode:
        pytest.skip("no C compiler or no libcrypto: the agent cannot be built")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("0.0.0.0", 0))
        port = int(probe.getsockname()[1])
    agent = subprocess.Popen([str(program), *map(str, (port, PORTS, DEAD, flap))])
    try:
        deadline = time.monotonic() + 5
        while f":{port:04X} " not in Path("/proc/net/udp").read_text():
            assert time.monotonic() < deadline, "the agent does not listen"
        yield port
    finally:
        agent.terminate()
        agent.wait()
