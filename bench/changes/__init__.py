"""Five lines on many simulated IOS switches, with difference, confirmation and verification.

hatang's own command and a real worker beside plain nornir with nornir-napalm (the same sessions,
the same timer, no inventory, no approval, no evidence) and Ansible's `ios_config` (no timer, no
confirmation); then a backup beside nornir. All ask the same switches, which run on this machine
too, in a process of their own. `BENCH_DEVICES` says how many (500), and
`BENCH_ANSIBLE` how many of them Ansible gets (20), whose CPU is compared by the device.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.changes import peers
from bench.changes.addressing import address, name
from bench.changes.ours import Hatang

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.changes.measured import Cost

DEVICES: Final = int(os.environ.get("BENCH_DEVICES", "500"))
FEW: Final = int(os.environ.get("BENCH_ANSIBLE", "20"))
WORKERS: Final = 16
TIMES: Final = 1.3
LESS: Final = 20.0
RESULTS: Final = Path(__file__).parent.parent / "results" / "changes.json"
FIVE: Final = """interface GigabitEthernet1/0/1
 description {words} 1
interface GigabitEthernet1/0/2
 description {words} 2
interface GigabitEthernet1/0/3
 description {words} 3
interface GigabitEthernet1/0/4
 description {words} 4
interface GigabitEthernet1/0/5
 description {words} 5
"""


def run() -> Iterator[str]:
    """Yield a line for each arm and each ratio; all of them go into bench/results/changes.json."""
    found: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory() as base:
        folder = Path(base)
        with switches(folder) as host_key:
            for arm, cost, devices in _arms(folder, host_key):
                found[arm] = cost
                yield f"changes: {arm}, {devices} simulated switches: {cost.told(devices)}"
    yield from _ratios(found)
    figures = {arm: {"wall_seconds": round(cost.wall, 2), "cpu_seconds": round(cost.cpu, 2)}
               for arm, cost in found.items()}  # fmt: skip
    told = {"devices": DEVICES, "ansible_devices": FEW, "workers": WORKERS, "arms": figures}
    RESULTS.write_text(json.dumps(told, indent=1, sort_keys=True) + "\n")


@contextmanager
def switches(folder: Path) -> Iterator[str]:
    """Run the switches; yields the host key that all of them have."""
    state = folder / "switches"
    state.mkdir()
    command = (sys.executable, "-m", "bench.changes.fleet", str(DEVICES), str(state))
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(60)


def _arms(folder: Path, host_key: str) -> Iterator[tuple[str, Cost, int]]:
    hosts = {name(number): address(number) for number in range(DEVICES)}
    few = dict(list(hosts.items())[:FEW])
    home = peers.home()
    if home is not None:
        text = FIVE.format(words="nornir")
        cost = peers.nornir(home, "change", folder, hosts, WORKERS, text=text)
        yield "change, nornir", cost, DEVICES
    ours = Hatang(folder, WORKERS)
    ours.set_up(hosts, host_key)
    yield "change, hatang", ours.change(hosts, _text(folder, "hatang")), DEVICES
    if home is not None:
        cost = peers.ansible(home, folder, _text(folder, "ansible"), few, WORKERS)
        yield "change, ansible", cost, FEW
        yield "backup, nornir", peers.nornir(home, "backup", folder, hosts, WORKERS), DEVICES
    yield "backup, hatang", ours.backup(), DEVICES


def _text(folder: Path, words: str) -> Path:
    file = folder / f"{words}.conf"
    file.write_text(FIVE.format(words=words))
    return file


def _ratios(found: dict[str, Cost]) -> Iterator[str]:
    for what in ("change", "backup"):
        theirs = found.get(f"{what}, nornir")
        if theirs is not None:
            own = found[f"{what}, hatang"]
            times = own.wall / theirs.wall
            goal = f"; goal <= {TIMES:g}: {'met' if times <= TIMES else 'MISSED'}"
            less = f"{own.cpu / theirs.cpu:.2f} times its CPU"
            yield f"changes: {what}: {times:.2f} times nornir's wall time, {less}{goal}"
    if "change, ansible" in found:
        each = found["change, ansible"].cpu / FEW
        factor = each / (found["change, hatang"].cpu / DEVICES)
        word = "met" if factor >= LESS else "MISSED"
        yield f"changes: Ansible takes {factor:.1f} times hatang's CPU a device; goal >= 20: {word}"
