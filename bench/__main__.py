"""Runs the benchmarks named, or every one, and prints each line as it is known.

`python -m bench` runs all, `python -m bench inventory startup` these two.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from bench import (
    alerts,
    baselines,
    changes,
    conference,
    exposition,
    hearing,
    icmp,
    inventory,
    memory,
    posting,
    startup,
    storm,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

BENCHMARKS: Final[dict[str, Callable[[], Iterable[str]]]] = {
    "exposition": exposition.run,
    "icmp": icmp.run,
    "startup": startup.run,
    "alerts": alerts.run,
    "conference": conference.run,
    "hearing": hearing.run,
    "posting": posting.run,
    "storm": storm.run,
    "inventory": inventory.run,
    "memory": memory.run,
    "baselines": baselines.run,
    "changes": changes.run,
}


def main(names: list[str]) -> int:
    """Print the results of the benchmarks called `names`; 2 when one is unknown."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        sys.stderr.write(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}\n")
        return 2
    for name in names or BENCHMARKS:
        for line in BENCHMARKS[name]():
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
