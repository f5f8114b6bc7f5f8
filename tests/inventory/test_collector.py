"""Memory of a plan goes back to the system."""

from __future__ import annotations

import subprocess
import sys

from inventory.collector import GREW_BYTES

MANY = """
from pathlib import Path
from inventory import collector

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

before = resident()
with collector.given_back():
    kept = [{"name": "x" * 200 + str(n)} for n in range(600_000)]
    kept[0]["self"] = kept
    most = resident()
    del kept
print(before, most, resident())
"""


def test_what_a_plan_held_in_a_cycle_goes_back_to_the_system() -> None:
    told = subprocess.run((sys.executable, "-c", MANY), check=True, capture_output=True, text=True)
    before, most, after = map(int, told.stdout.split())
    assert most - before > 2 * GREW_BYTES
    assert after - before < (most - before) / 4
