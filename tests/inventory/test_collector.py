"""Memory of a plan goes back to the system."""

from __future__ import annotations

import subprocess
import sys

from inventory.collector import GREW_BYTES
from tests.acceptance.red import hold, turns_red

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


def check_given_back(program: str) -> None:
    """After the program's cycle is gone, less than a quarter of what it took stays with it."""
    told = subprocess.run(
        (sys.executable, "-c", program), check=True, capture_output=True, text=True
    )
    before, most, after = map(int, told.stdout.split())
    assert most - before > 2 * GREW_BYTES
    hold(after - before < (most - before) / 4, f"{after - before} of {most - before} bytes stay")


def test_what_a_plan_held_in_a_cycle_goes_back_to_the_system() -> None:
    check_given_back(MANY)


def test_sabotage_nothing_is_given_back() -> None:
    program = "import contextlib\n" + MANY.replace(
        "collector.given_back()", "contextlib.nullcontext()"
    )
    with turns_red():
        check_given_back(program)
