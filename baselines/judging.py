"""Judges one configuration at a bench: a text that breaks the engine breaks nothing else."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Self

from baselines import engine, packs
from baselines.engine import Finding
from hatang.gates import Verdict
from hatang.operations import observe
from hatang.workshop import Bench, Limits, SpoiltError
from playbooks.configuration import parse

if TYPE_CHECKING:
    from types import TracebackType

    from baselines.packs import Pack

TASK: Final = "baselines.judging:judge"
LIMITS: Final = Limits(seconds=60, cpu_seconds=30, memory_bytes=1024 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Judgement:
    """All findings of a pack about one text; `coverage` None and `fault` when nothing came of it.

    `coverage` is the share of lines understood, 0 to 1.
    """

    findings: tuple[Finding, ...]
    coverage: float | None
    fault: str = ""


def judge(given: bytes) -> bytes:
    """Do the work of the bench: JSON of pack, dialect and text to JSON of coverage and findings."""
    order = json.loads(given)
    tree = parse(order["text"])
    rules = packs.load(order["pack"]).rules
    findings = [engine.judge(tree, order["dialect"], rule) for rule in rules]
    answer = {"coverage": tree.coverage, "findings": [asdict(finding) for finding in findings]}
    return json.dumps(answer).encode()


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

    def judge(self, text: str, dialect: str) -> Judgement:
        """Return what every rule says; each one is an error when the text broke the engine."""
        order = {"pack": self.pack.name, "dialect": dialect, "text": text}
        try:
            with observe("job", "audit"):
                answer = json.loads(self._bench.work(json.dumps(order).encode()))
        except SpoiltError as error:
            broken = tuple(
                Finding(rule.id, rule.version, Verdict.ERROR, (), error.fault)
                for rule in self.pack.rules
            )
            return Judgement(broken, None, f"{error.fault}: {error.message}")
        findings = tuple(_finding(told) for told in answer["findings"])
        return Judgement(findings, answer["coverage"])


def _finding(told: dict[str, object]) -> Finding:
    lines = told["lines"]
    return Finding(
        rule_id=str(told["rule_id"]),
        rule_version=int(str(told["rule_version"])),
        verdict=Verdict(str(told["verdict"])),
        lines=tuple(int(line) for line in lines) if isinstance(lines, list) else (),
        reason=str(told["reason"]),
    )
