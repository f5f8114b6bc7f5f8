"""The record of a rule: data, never code. Unknown keys are errors."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from baselines.choices import Relation, Severity
from hatang.gates import Verdict


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Strict):
    """A text in both languages."""

    en: str
    vi: str


class Present(_Strict):
    """At least `at_least` lines match `pattern` (RE2, on the statement without its indent)."""

    pattern: str
    at_least: int = 1


class Absent(_Strict):
    """No line matches `pattern`."""

    pattern: str


class Each(_Strict):
    """Every line matching `lines` also matches `must`; `when_none` says what no line means."""

    lines: str
    must: str
    when_none: Literal["pass", "fail", "not_applicable"]


class PerBlock(_Strict):
    """Inside every block whose first line matches `parent`, `test` holds."""

    parent: str
    test: Test
    when_none: Literal["pass", "fail", "not_applicable"]


class Test(_Strict):
    """Exactly one form of test."""

    present: Present | None = None
    absent: Absent | None = None
    each: Each | None = None
    per_block: PerBlock | None = None
    all: tuple[Test, ...] | None = None
    any: tuple[Test, ...] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Test:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a test has exactly one form, not {given or 'none'}")
        return self


class Reference(_Strict):
    """A clause of a framework and how this rule stands to it; `confidence` is the source's."""

    framework: str
    edition: str
    clause: str
    relation: Relation
    confidence: Literal["A", "B", "C"]
    reason: str = ""


class Fixture(_Strict):
    """Configuration texts with the verdict they must get."""

    text: str
    verdict: Verdict


class Dialect(_Strict):
    """The rule in one dialect: its test, its fix, and the fixtures that prove the test."""

    test: Test
    fix: str
    fixtures: tuple[Fixture, ...] = Field(min_length=2)


class Rule(_Strict):
    """One rule of a pack.

    `not_applicable` names the dialects in which the fault cannot exist, with why; a dialect that
    is named nowhere is simply not judged yet, and stays unknown.
    """

    id: str = Field(pattern=r"^[A-Z0-9]{2,4}-\d{2}$")
    version: int = Field(ge=1)
    severity: Severity
    title: Text
    rationale: Text
    dialects: dict[str, Dialect]
    not_applicable: dict[str, Text] = {}
    references: tuple[Reference, ...] = ()


Test.model_rebuild()
PerBlock.model_rebuild()
