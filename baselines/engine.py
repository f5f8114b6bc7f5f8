"""Judges a parsed configuration by a rule: the same text, facts and pack give the same bytes.

A configuration that is cut off, a bomb, or of which too little is understood gets `unknown`: an
audit that says "pass" over lines it could not read has said nothing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from baselines import evaluation, preparing
from baselines.parsing import Fault, Tree, parse
from baselines.parsing.reading import split
from baselines.views import Patterns, View
from hatang.gates import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from baselines.schemas import Rule, Test

ENGINE: Final = "tree/2"
MINIMUM_COVERAGE: Final = 0.9
MOST_LINES: Final = 200  # so many lines prove it; more prove no more


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one configuration; `lines` are the line numbers that prove it."""

    rule_id: str
    rule_version: int
    verdict: Verdict
    lines: tuple[int, ...]
    reason: str


class Engine:
    """The rules of a pack made ready: patterns are compiled once for each dialect.

    `overrides` are parameters set locally, by rule and name.
    """

    def __init__(
        self, rules: Sequence[Rule], overrides: Mapping[str, Mapping[str, Any]] | None = None
    ) -> None:
        self.rules = tuple(rules)
        self._given = overrides or {}
        self._ready: dict[str, tuple[dict[str, Test], Patterns]] = {}

    def audit(
        self,
        text: str,
        dialect: str,
        facts: Mapping[str, Any] | None = None,
        *,
        is_whole: bool = False,
    ) -> tuple[tuple[Finding, ...], Tree]:
        """Judge `text` by every rule, in the order of the pack; also returns what was parsed."""
        tree = parse(text, dialect, is_whole=is_whole)
        return self.judge(tree, dialect, facts), tree

    def judge(
        self, tree: Tree, dialect: str, facts: Mapping[str, Any] | None = None
    ) -> tuple[Finding, ...]:
        """Judge one parsed configuration by every rule."""
        fault = tree.fault
        if fault is None and tree.coverage < MINIMUM_COVERAGE:
            fault = Fault.NOT_UNDERSTOOD
        ready, patterns = self._for(dialect)
        view = None if fault else View(tree, patterns)
        return tuple(
            self._finding(rule, dialect, ready.get(rule.id), (view, fault, facts or {}))
            for rule in self.rules
        )

    def _finding(
        self,
        rule: Rule,
        dialect: str,
        test: Test | None,
        seen: tuple[View | None, Fault | None, Mapping[str, Any]],
    ) -> Finding:
        view, fault, facts = seen
        if dialect in rule.not_applicable:
            return Finding(rule.id, rule.version, Verdict.NOT_APPLICABLE, (), "cannot_exist_here")
        if test is None:
            return Finding(rule.id, rule.version, Verdict.UNKNOWN, (), "dialect_not_covered")
        if view is None:
            return Finding(rule.id, rule.version, Verdict.UNKNOWN, (), fault or "")
        result = evaluation.evaluate(test, view, facts)
        lines = tuple(sorted(set(result.lines)))[:MOST_LINES]
        return Finding(rule.id, rule.version, result.verdict, lines, result.reason or "tested")

    def _for(self, dialect: str) -> tuple[dict[str, Test], Patterns]:
        found = self._ready.get(dialect)
        if found is None:
            ready = {
                rule.id: preparing.ready(
                    rule.dialects[dialect].test, rule.parameters, self._given.get(rule.id, {})
                )
                for rule in self.rules
                if dialect in rule.dialects
            }
            used = {pattern for test in ready.values() for pattern in preparing.patterns(test)}
            found = self._ready[dialect] = ready, Patterns(used)
        return found


def audit(
    text: str, dialect: str, rules: Sequence[Rule], facts: Mapping[str, Any] | None = None
) -> tuple[Finding, ...]:
    """Judge the configuration `text` by every rule, in the order given."""
    return Engine(rules).audit(text, dialect, facts)[0]


def as_bytes(findings: Sequence[Finding]) -> bytes:
    """Return findings in the one form whose bytes are compared and hashed."""
    told = [asdict(finding) for finding in findings]
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def excerpt(text: str, lines: Sequence[int]) -> list[tuple[int, str]]:
    """Return the cited lines of `text` with their numbers; numbers beyond it are left out."""
    found = split(text)
    return [(number, found[number - 1]) for number in lines if 0 < number <= len(found)]
