"""Real configurations: nothing crashes, and nearly every line of them is understood."""

from __future__ import annotations

from collections import defaultdict

import pytest

from baselines.parsing import dialect, names, parse
from tests.baselines.real import configurations

pytestmark = pytest.mark.slow
LEAST = 0.97  # of the lines of each dialect whose real devices were read


def test_the_lines_of_every_proven_dialect_are_understood() -> None:
    lines: dict[str, int] = defaultdict(int)
    odd: dict[str, int] = defaultdict(int)
    for _name, spoken, text in configurations():
        tree = parse(text, spoken)
        lines[spoken] += tree.line_count
        odd[spoken] += len(tree.odd)
    shares = {spoken: 1 - odd[spoken] / count for spoken, count in lines.items()}
    proven = {name for name in names() if dialect(name).is_proven}
    assert set(shares) <= proven
    assert all(share >= LEAST for share in shares.values())


def test_a_text_of_another_vendor_is_never_judged() -> None:
    families = {"ios": "cisco", "nxos": "cisco", "eos": "cisco"}
    for name, spoken, text in configurations():
        for other in ("junos", "routeros", "fortios", "vrp"):
            if other == families.get(spoken, spoken) or "\nhostname " not in text:
                continue
            tree = parse(text, other)
            assert tree.fault or tree.coverage < 0.9, (name, other)
