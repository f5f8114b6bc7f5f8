"""Broken texts of every dialect: parsed and judged within bounds, and never passed when unread.

Seeds are the fixtures of the pack; a text is cut, spliced, doubled and given hostile lines.
"""

from __future__ import annotations

import os
import random
import time
from typing import Final

import pytest

from baselines import engine, packs, parsing
from hatang.gates import Verdict
from tests.baselines.test_parsing import check_whole

RULES = tuple(rule for name in packs.names() for rule in packs.load(name).rules)
ENGINE = engine.Engine(RULES)
SECONDS: Final = float(os.environ.get("HATANG_FUZZ_SECONDS", "60"))
LONGEST: Final = 2.0  # seconds of CPU for one small text
HOSTILE: Final = (
    "\x1b[2Jhostname a",
    "banner login ^C",
    "sw1# show running-config",
    "^C",
    "{" * 70,
    "}" * 70,
    '"',
    "(" * 200,
    " " * 300 + "x",
    "a" * 5_000,
    "config system global",
    "next",
    "end",
    "/ip service \\",
    "\\",
    "\u202eevil\u2066",
    "\ufffd\ufffd\ufffd\ufffd",
    "certificate 01",
    "  30 82 03 30",
    "no " * 50,
    "# command: sshd -T",
    "set groups g apply-groups g",
    "apply-groups g;",
)


def seeds(dialect: str) -> list[str]:
    return [
        fixture.text
        for rule in RULES
        if dialect in rule.dialects
        for fixture in rule.dialects[dialect].fixtures
        if fixture.text
    ] or ["hostname a\n"]


def broken(rng: random.Random, texts: list[str]) -> str:
    lines = [line for _one in range(rng.randrange(1, 8)) for line in rng.choice(texts).split("\n")]
    for _one in range(rng.randrange(1, 8)):
        at = rng.randrange(len(lines) + 1)
        what = rng.randrange(5)
        if what == 0:
            del lines[at : at + rng.randrange(1, 4)]
        elif what == 1:
            lines[at:at] = lines[: rng.randrange(1, 6)] * rng.randrange(1, 20)
        elif what == 2:
            lines.insert(at, rng.choice(HOSTILE))
        elif what == 3:
            lines[at:at] = [" " * rng.randrange(5) + line for line in lines[at : at + 3]]
        else:
            lines.insert(at, "".join(chr(rng.randrange(1, 0x2100)) for _ in range(12)))
        lines = lines or [""]
    text = "\n".join(lines)
    return text[: rng.randrange(len(text) + 1)] if rng.randrange(4) == 0 else text


def fuzz(dialect: str, seconds: float, seed: int) -> int:
    """Judge broken texts for so many seconds of CPU; returns how many."""
    rng, texts, count = random.Random(seed), seeds(dialect), 0
    ends = time.process_time() + seconds
    while time.process_time() < ends:
        text = broken(rng, texts)
        began = time.process_time()
        findings, tree = ENGINE.audit(text, dialect, is_whole=bool(rng.randrange(2)))
        assert time.process_time() - began < LONGEST, (dialect, text)
        check_whole(tree, max(1, text.count("\n") + 1))
        if tree.fault or tree.coverage < engine.MINIMUM_COVERAGE:
            assert Verdict.PASS not in {one.verdict for one in findings}, (dialect, text)
        count += 1
    return count


@pytest.mark.parametrize("dialect", parsing.names())
def test_a_broken_text_is_bounded_and_never_passed_unread(dialect: str) -> None:
    assert fuzz(dialect, 0.2, 7) > 0


@pytest.mark.soak
@pytest.mark.parametrize("dialect", parsing.names())
def test_broken_texts_for_a_minute_a_dialect(dialect: str) -> None:
    assert fuzz(dialect, SECONDS, int(time.time())) > 0
