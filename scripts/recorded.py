"""Prints how far polling recorded devices agrees with what others published of them.

`python -m scripts.recorded FOLDER` where FOLDER holds snmp/librenms/dev and snmp/centreon. The
table goes to docs/measurements.md; tests/monitors/test_recorded.py holds the floors.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tests.inventory.discovery.oracles import FOLDER
from tests.monitors import centreon, scoring

if TYPE_CHECKING:
    from tests.monitors.scoring import Score


def table(title: str, score: Score) -> list[str]:
    """Return the agreement as the lines of a table."""
    lines = [f"### {title}\n", "| what | compared | agree | share |", "|---|---|---|---|"]
    seen = {name: n for name, n in score.compared.items() if name.endswith(" seen")}
    for name, compared in sorted(score.compared.items()):
        if name not in seen:
            row = (name, compared, score.equal[name], f"{100 * score.share(name):.1f} %")
            lines.append("| {} | {} | {} | {} |".format(*row))
    found = ", ".join(f"{n} {name.removesuffix(' seen')}" for name, n in sorted(seen.items()))
    return [*lines, *([f"\nPublished in all: {found}."] if found else []), ""]


def main() -> int:
    """Print both tables, and with `-v` each value that differs."""
    given = [arg for arg in sys.argv[1:] if arg != "-v"]
    folder = Path(given[0]) if given else FOLDER
    scores = {
        "LibreNMS": scoring.judge(folder / "snmp" / "librenms" / "dev"),
        "Centreon": centreon.judge(folder / "snmp" / "centreon"),
    }
    for title, score in scores.items():
        print("\n".join(table(title, score)))
        if "-v" in sys.argv:
            print("\n".join(f"{n}: {m}" for n, ms in score.misses.items() for m in ms))
    return 0


if __name__ == "__main__":
    sys.exit(main())
