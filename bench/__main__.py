"""Runs every benchmark and prints its result beside its peer's."""

from __future__ import annotations

import sys

from bench import exposition, startup

BENCHMARKS = (exposition.run, startup.run)

for benchmark in BENCHMARKS:
    sys.stdout.write("\n".join(benchmark()) + "\n")
