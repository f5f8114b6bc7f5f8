"""Runs every benchmark and prints its result beside its peer's."""

from __future__ import annotations

import sys

from bench import alerts, exposition, icmp, inventory, startup

BENCHMARKS = (exposition.run, icmp.run, startup.run, alerts.run, inventory.run)

for benchmark in BENCHMARKS:
    sys.stdout.write("\n".join(benchmark()) + "\n")
