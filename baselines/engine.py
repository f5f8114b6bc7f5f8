"""Judges a parsed configuration by a rule: the same text and pack give the same bytes.

A configuration of which too little is understood gets `unknown`: an audit that says "pass" over
lines it could not read has said nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import re2

from hatang.gates import Verdict
from playbooks.configuration import Statement, Tree, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from baselines.schemas import Absent, Each, PerBlock, Present, Rule, Test

MINIMUM_COVERAGE: Final = 0.9


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one configuration; `lines` are the line numbers that prove it."""

    rule_id: str
    rule_version: int
    verdict: Verdict
    lines: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Result:
    verdict: Verdict
    lines: tuple[int, ...] = ()


def audit(text: str, dialect: str, rules: Sequence[Rule]) -> tuple[Finding, ...]:
    """Judge the configuration `text` by every rule, in the order given."""
    tree = parse(text)
    return tuple(judge(tree, dialect, rule) for rule in rules)


def judge(tree: Tree, dialect: str, rule: Rule) -> Finding:
    """Judge one parsed configuration by one rule."""
    spoken = rule.dialects.get(dialect)
    if dialect in rule.not_applicable:
        return Finding(rule.id, rule.version, Verdict.NOT_APPLICABLE, (), "cannot_exist_here")
    if spoken is None:
        return Finding(rule.id, rule.version, Verdict.UNKNOWN, (), "dialect_not_covered")
    if tree.line_count == 0:
        return Finding(rule.id, rule.version, Verdict.UNKNOWN, (), "nothing_collected")
    if tree.coverage < MINIMUM_COVERAGE:
        return Finding(
            rule.id, rule.version, Verdict.UNKNOWN, tree.not_understood, "not_understood"
        )
    result = _evaluate(spoken.test, tree.statements)
    return Finding(rule.id, rule.version, result.verdict, result.lines, "tested")


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> Any:
    return re2.compile(pattern)


def _matching(pattern: str, statements: Iterable[Statement]) -> list[Statement]:
    search = _compiled(pattern).search
    return [found for top in statements for found in top.walk() if search(found.text)]


def _evaluate(test: Test, statements: Sequence[Statement]) -> _Result:
    if test.present is not None:
        return _present(test.present, statements)
    if test.absent is not None:
        return _absent(test.absent, statements)
    if test.each is not None:
        return _each(test.each, statements)
    if test.per_block is not None:
        return _per_block(test.per_block, statements)
    if test.all is not None:
        return _every([_evaluate(part, statements) for part in test.all])
    return _some([_evaluate(part, statements) for part in test.any or ()])


def _present(test: Present, statements: Sequence[Statement]) -> _Result:
    found = _matching(test.pattern, statements)
    verdict = Verdict.PASS if len(found) >= test.at_least else Verdict.FAIL
    return _Result(verdict, _lines(found))


def _absent(test: Absent, statements: Sequence[Statement]) -> _Result:
    found = _matching(test.pattern, statements)
    return _Result(Verdict.FAIL if found else Verdict.PASS, _lines(found))


def _each(test: Each, statements: Sequence[Statement]) -> _Result:
    found = _matching(test.lines, statements)
    if not found:
        return _Result(Verdict(test.when_none))
    must = _compiled(test.must)
    wrong = [statement for statement in found if not must.search(statement.text)]
    return _Result(Verdict.FAIL if wrong else Verdict.PASS, _lines(wrong or found))


def _per_block(test: PerBlock, statements: Sequence[Statement]) -> _Result:
    blocks = _matching(test.parent, statements)
    if not blocks:
        return _Result(Verdict(test.when_none))
    results = [(block, _evaluate(test.test, block.children)) for block in blocks]
    wrong = [(block, result) for block, result in results if result.verdict is Verdict.FAIL]
    cited = wrong or results
    lines = tuple(sorted({n for block, result in cited for n in (block.line, *result.lines)}))
    if all(result.verdict is Verdict.NOT_APPLICABLE for _block, result in results):
        return _Result(Verdict.NOT_APPLICABLE, lines)
    return _Result(Verdict.FAIL if wrong else Verdict.PASS, lines)


def _every(parts: list[_Result]) -> _Result:
    wrong = [part for part in parts if part.verdict is Verdict.FAIL]
    applicable = [part for part in parts if part.verdict is not Verdict.NOT_APPLICABLE]
    if not applicable:
        return _Result(Verdict.NOT_APPLICABLE)
    return _Result(Verdict.FAIL if wrong else Verdict.PASS, _joined(wrong or applicable))


def _some(parts: list[_Result]) -> _Result:
    right = [part for part in parts if part.verdict is Verdict.PASS]
    if all(part.verdict is Verdict.NOT_APPLICABLE for part in parts):
        return _Result(Verdict.NOT_APPLICABLE)
    return _Result(Verdict.PASS if right else Verdict.FAIL, _joined(right or parts))


def _lines(statements: Iterable[Statement]) -> tuple[int, ...]:
    return tuple(sorted({statement.line for statement in statements}))


def _joined(results: Iterable[_Result]) -> tuple[int, ...]:
    return tuple(sorted({line for result in results for line in result.lines}))
