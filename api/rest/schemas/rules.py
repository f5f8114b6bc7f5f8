"""Rules that alerts are raised by."""

from typing import Literal

from api.rest.paging import Schema


class Rule(Schema):
    """A rule; `topic` is `own` for those that users wrote, `waits` how long it must hold.

    `threshold` are the comparisons in its expression. `state` is unknown where Prometheus does not
    tell us, or the asker does not reach the whole province.
    """

    topic: str
    name: str
    file: str
    group: str
    line: int
    severity: str
    expr: str
    threshold: str
    waits: str
    summary_vi: str
    summary_en: str
    has_runbook: bool
    state: Literal["firing", "quiet", "unknown"]
    firing: int


class RuleProblem(Schema):
    """One thing wrong with a file of rules."""

    where: str
    field: str
    value: str
    message: str
    fix: str
    line: int | None


class RefusedFile(Schema):
    """A file that is not loaded."""

    file: str
    problems: list[RuleProblem]


class RuleBook(Schema):
    """Every rule by topic, and users' files that are not loaded."""

    rules: list[Rule]
    refused: list[RefusedFile]
