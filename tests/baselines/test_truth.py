"""The rules agree with what an auditor reads in real configurations, line by line.

The table was written before the rules ran: see tests/baselines/truth.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import NamedTuple

import pytest

from baselines import engine, packs, schemas
from hatang.gates import Verdict
from tests.baselines.real import oracles
from tests.baselines.truth import reading

TABLES = sorted((Path(__file__).parent / "truth").glob("*.csv"))
AGREEMENT = 0.99
pytestmark = pytest.mark.slow


class Compared(NamedTuple):
    """One cell of the table beside what the engine says."""

    name: str
    rule: str
    wanted: str
    line: str
    found: engine.Finding

    @property
    def agrees(self) -> bool:
        cited = not self.line or int(self.line) in self.found.lines
        return self.found.verdict == self.wanted and cited


def compare(judge: engine.Engine) -> list[Compared]:
    root = oracles() / "configs" / "lab-validation" / "dev"
    table: dict[tuple[str, str], dict[str, str]] = {}
    for path in TABLES:
        with path.open(encoding="utf-8") as stream:
            table |= {(row["file"], row["rule"]): row for row in csv.DictReader(stream)}
    found = []
    for name, dialect, text in reading.cases(root):
        for finding in judge.audit(text, dialect)[0]:
            row = table.get((name, finding.rule_id))
            if row is not None:
                found.append(Compared(name, finding.rule_id, row["verdict"], row["line"], finding))
    return found


@pytest.fixture(scope="module")
def compared() -> list[Compared]:
    return compare(engine.Engine(packs.load().rules))


def turned(rule: schemas.Rule) -> schemas.Rule:
    """Sabotage: the rule passes what it should fail, and fails what it should pass."""
    dialects = {
        name: one.model_copy(update={"test": schemas.Test(none=(one.test,))})
        for name, one in rule.dialects.items()
    }
    return rule.model_copy(update={"dialects": dialects})


def share(cells: list[Compared]) -> float:
    return sum(cell.agrees for cell in cells) / len(cells)


def test_the_rules_agree_with_the_table(compared: list[Compared]) -> None:
    assert len(compared) > 4_500
    assert share(compared) >= AGREEMENT


def test_the_rules_agree_on_every_kind_of_failure(compared: list[Compared]) -> None:
    assert share([cell for cell in compared if cell.wanted == Verdict.FAIL]) >= AGREEMENT
    assert share([cell for cell in compared if cell.found.verdict == Verdict.FAIL]) >= AGREEMENT


@pytest.mark.parametrize("rule_id", ["SNM-02", "TIM-02"])
def test_a_rule_turned_round_is_seen(rule_id: str) -> None:
    cells = compare(engine.Engine([turned(packs.load().rule(rule_id))]))
    assert share(cells) < 1 - AGREEMENT
