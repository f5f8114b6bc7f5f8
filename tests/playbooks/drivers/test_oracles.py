"""What snippets make of configurations, against pairs that another project published.

Its FortiOS remediation removes nothing (it names what should go without `delete`), and its EOS one
replaces a neighbour's description; only what should be there is judged on these two.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from playbooks.drivers import comware, fortios, tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playbooks.drivers.tree import Lines

DIRECTORY = Path(__file__).parents[4] / "shared/oracles/diff/hier_config/dev/circular"
DIALECTS = {"comware5": ("undo", "#"), "ios": ("no", "!"), "nxos": ("no", "!"), "eos": ("no", "!")}
SINGLE = (*comware.SINGLE, "hostname", "switchport access vlan", "switchport mode")
WHOLE = {"comware5", "ios", "nxos"}

pytestmark = pytest.mark.skipif(not DIRECTORY.is_dir(), reason="no pairs beside the project")


def read(system: str, name: str) -> Lines:
    text = (DIRECTORY / f"{system}_{name}.conf").read_text(encoding="utf-8")
    if system == "fortios":
        return fortios.blocks(text)
    return tree.indented(text, DIALECTS[system][1], ("return", "quit", "exit", "end"))


def laid(system: str, before: Lines, wanted: Lines) -> Lines:
    if system == "fortios":
        return fortios.predicted(before, wanted)
    return tree.merged(before, wanted, DIALECTS[system][0], SINGLE)


def paths(lines: Lines, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for line, below in lines.items():
        yield (*above, line)
        yield from paths(below, (*above, line))


@pytest.mark.parametrize("system", [*DIALECTS, "fortios"])
def test_a_remediation_leads_to_what_is_wanted_and_its_rollback_back(system: str) -> None:
    running, wanted = read(system, "running"), read(system, "generated")
    there = laid(system, running, read(system, "remediation"))
    back = laid(system, there, read(system, "rollback"))
    for found, expected in ((there, wanted), (back, running)):
        missing = set(paths(expected)) - set(paths(found))
        extra = set(paths(found)) - set(paths(expected)) if system in WHOLE else set()
        assert (missing, extra) == (set(), set())
