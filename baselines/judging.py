"""Judges one configuration at a bench: a text that breaks the engine breaks nothing else."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Self

from baselines import packs, parsing
from baselines.engine import Engine, Finding, as_bytes
from hatang.gates import Verdict
from hatang.operations import observe
from hatang.workshop import Bench, Limits, SpoiltError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from baselines.packs import Pack

TASK: Final = "baselines.judging:judge"
LEGACY_RULE: Final = "MGT-03"
"""SSH uses modern algorithms."""
LIMITS: Final = Limits(seconds=60, cpu_seconds=30, memory_bytes=1024 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be judged; `is_whole` says that the text claims to be all of a configuration."""

    text: str
    dialect: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    overrides: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings of a pack about one text; `coverage` None and `fault` when nothing came of it.

    `coverage` is the share of lines understood, 0 to 1; `sha256` the hash of the findings' bytes.
    """

    findings: tuple[Finding, ...]
    coverage: float | None
    fault: str = ""

    @property
    def sha256(self) -> str:
        """Hash of the findings: equal for equal text, facts, overrides, engine and pack."""
        return hashlib.sha256(as_bytes(self.findings)).hexdigest()


@lru_cache(maxsize=4)
def _engine(pack: str, overrides: str) -> Engine:
    return Engine(packs.load(pack).rules, json.loads(overrides))


def judge(given: bytes) -> bytes:
    """Do the work of the bench: JSON of pack, dialect and text to JSON of coverage and findings."""
    order = json.loads(given)
    if order["dialect"] not in parsing.names():
        return json.dumps({"coverage": None, "findings": None}).encode()
    engine = _engine(order["pack"], json.dumps(order["overrides"], sort_keys=True))
    findings, tree = engine.audit(
        order["text"], order["dialect"], order["facts"], is_whole=order["is_whole"]
    )
    answer = {"coverage": tree.coverage, "findings": [asdict(finding) for finding in findings]}
    return json.dumps(answer).encode()


def _met(finding: Finding) -> Finding:
    """Return what is found once the login itself was over SHA-1."""
    if finding.rule_id != LEGACY_RULE:
        return finding
    return replace(finding, verdict=Verdict.FAIL, reason="session_over_sha1")


class Judge:
    """Judges one text after the other by `pack`, in a process of its own."""

    def __init__(self, pack: Pack, limits: Limits = LIMITS, task: str = TASK) -> None:
        self.pack = pack
        self._bench = Bench(task, limits)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._bench.close()

    def judge(self, order: Order) -> Judgement:
        """Return what every rule says; each one is an error when the text broke the engine.

        A login that was over SHA-1 fails its rule, whatever the text says or nobody understands.
        """
        said = self._judged(order)
        if not order.facts.get("session", {}).get("legacy_ssh"):
            return said
        return replace(said, findings=tuple(_met(finding) for finding in said.findings))

    def _judged(self, order: Order) -> Judgement:
        try:
            with observe("job", "audit"):
                work = json.dumps({"pack": self.pack.name, **asdict(order)}).encode()
                answer = json.loads(self._bench.work(work))
        except SpoiltError as error:
            return self._every(Verdict.ERROR, error.fault, f"{error.fault}: {error.message}")
        if answer["findings"] is None:
            return self._every(Verdict.UNKNOWN, "dialect_not_covered", "")
        findings = tuple(_finding(told) for told in answer["findings"])
        return Judgement(findings, answer["coverage"])

    def _every(self, verdict: Verdict, reason: str, fault: str) -> Judgement:
        rules = self.pack.rules
        said = tuple(Finding(rule.id, rule.version, verdict, (), reason) for rule in rules)
        return Judgement(said, None, fault)


def _finding(told: Mapping[str, Any]) -> Finding:
    return Finding(
        rule_id=told["rule_id"],
        rule_version=told["rule_version"],
        verdict=Verdict(told["verdict"]),
        lines=tuple(told["lines"]),
        reason=told["reason"],
    )
