"""The record of a rule: data, never code. Unknown keys are errors."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from baselines.choices import Relation, Severity
from hatang.gates import Verdict

WhenNone = Literal["pass", "fail", "not_applicable", "unknown"]
# A number, or the name of a parameter of the rule as `$name`.
Bound = int | str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Strict):
    """A text in both languages."""

    en: str = Field(min_length=1)
    vi: str = Field(min_length=1)


class Present(_Strict):
    """At least `at_least` statements match `pattern` (RE2, on a statement without its indent)."""

    pattern: str
    at_least: Bound = 1


class Absent(_Strict):
    """No statement matches `pattern`."""

    pattern: str


class Each(_Strict):
    """Every statement matching `lines` also matches `must`; `when_none` says what none means."""

    lines: str
    must: str
    when_none: WhenNone


class PerBlock(_Strict):
    """Inside every block whose first line matches `parent`, `test` holds.

    In a dialect of whole paths (Junos) a block is all statements beginning with the same match.
    """

    parent: str
    test: Test
    when_none: WhenNone


class Count(_Strict):
    """So many different statements match `pattern`: different by the group `key`, if it has one."""

    pattern: str
    at_least: Bound = 0
    at_most: Bound | None = None


class Number(_Strict):
    """The group `value` of every statement matching `lines` lies within the bounds."""

    lines: str
    at_least: Bound | None = None
    at_most: Bound | None = None
    when_none: WhenNone


class RefExists(_Strict):
    """What the group `name` of each line matching `lines` names is defined somewhere in the text.

    `defined` matches definitions and has a group `name` too; `test`, if given, holds within them.
    `via` matches lines by which `name` takes what `target` has, as a neighbour does of its peer
    group. A line whose group `other` equals the group `own` of the block around it, or says
    `internal`, is passed over.
    """

    lines: str
    defined: str
    via: str | None = None
    test: Test | None = None
    when_none: WhenNone


class Fact(_Strict):
    """A fact beside the text, such as `backup.age_hours`; without it the verdict is unknown."""

    path: str
    op: Literal["==", "!=", "<=", ">=", "in", "contains"]
    value: Any


class When(_Strict):
    """Where `condition` passes, `then` holds; elsewhere the rule does not apply."""

    condition: Test
    then: Test


class Test(_Strict):
    """Exactly one form of test."""

    present: Present | None = None
    absent: Absent | None = None
    each: Each | None = None
    per_block: PerBlock | None = None
    count: Count | None = None
    number: Number | None = None
    ref_exists: RefExists | None = None
    fact: Fact | None = None
    when: When | None = None
    all: tuple[Test, ...] | None = None
    any: tuple[Test, ...] | None = None
    none: tuple[Test, ...] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Test:
        given = [name for name in type(self).model_fields if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a test has exactly one form, not {given or 'none'}")
        return self

    @cached_property
    def form(self) -> tuple[str, Any]:
        """The name of the one form given, and what is given."""
        return next(
            (name, getattr(self, name))
            for name in type(self).model_fields
            if getattr(self, name) is not None
        )


class Reference(_Strict):
    """A clause of a framework and how this rule stands to it; `confidence` is the source's.

    A declined mapping says why, for instance because our bound is laxer than the clause's.
    """

    framework: str
    edition: str
    clause: str
    relation: Relation
    confidence: Literal["A", "B", "C"]
    reason: str = ""

    @model_validator(mode="after")
    def _reasoned(self) -> Reference:
        if self.relation is Relation.DECLINED and not self.reason:
            raise ValueError("a declined mapping says why")
        return self


class Fixture(_Strict):
    """A configuration text and facts with the verdict they must get, and the lines it must cite."""

    text: str
    verdict: Verdict
    lines: tuple[int, ...] | None = None
    facts: dict[str, Any] = {}


class Fix(_Strict):
    """What puts it right: text in the dialect, its impact, and whether it can lock people out.

    One that is `by_hand` is told in words, and no change set can be made of it.
    """

    text: str
    by_hand: bool = False
    impact: Literal["low", "high"] = "low"
    may_lock_out: bool = False
    rollback: str = ""


class Dialect(_Strict):
    """The rule in one dialect: its test, its fix, and the fixtures that prove the test."""

    test: Test
    fix: Fix
    fixtures: tuple[Fixture, ...] = Field(min_length=3)

    @model_validator(mode="before")
    @classmethod
    def _plain_fix(cls, given: Any) -> Any:
        if isinstance(given, dict) and isinstance(given.get("fix"), str):
            return given | {"fix": {"text": given["fix"]}}
        return given

    @model_validator(mode="after")
    def _proven(self) -> Dialect:
        shown = {fixture.verdict for fixture in self.fixtures}
        missing = {Verdict.PASS, Verdict.FAIL, Verdict.UNKNOWN} - shown
        if missing:
            raise ValueError(f"has no fixture for {', '.join(sorted(missing))}")
        return self


class Parameter(_Strict):
    """A number or a list of words a rule leaves open; a unit may set it within the bounds."""

    default: int | tuple[str, ...]
    minimum: int | None = None
    maximum: int | None = None
    says: Text


class Applies(_Strict):
    """Where a rule is meant: roles of devices (empty: all) and the lowest level of the system."""

    roles: tuple[str, ...] = ()
    level: int = Field(default=1, ge=1, le=5)


class Rule(_Strict):
    """One rule of a pack.

    `kind` is its class of checkability: C1 by the text alone, C2 needs defaults, C3 an operational
    command, C4 another source, C5 a person. `not_applicable` names the dialects in which the fault
    cannot exist, with why; a dialect named nowhere is not judged yet and stays unknown.
    `criterion` says in words exactly what is looked for.
    """

    id: str = Field(pattern=r"^[A-Z0-9]{2,4}-\d{2}$")
    version: int = Field(ge=1)
    severity: Severity
    kind: Literal["C1", "C2", "C3", "C4", "C5"]
    title: Text
    rationale: Text
    criterion: Text
    applies: Applies = Applies()
    parameters: dict[str, Parameter] = {}
    dialects: dict[str, Dialect]
    not_applicable: dict[str, Text] = {}
    references: tuple[Reference, ...] = ()


class Question(_Strict):
    """What no machine can check: a person answers it and encloses the evidence it asks for.

    `about` says for what one answer stands, `months` after how many months it has to be given anew.
    """

    id: str = Field(pattern=r"^[A-Z0-9]{2,4}-\d{2}$")
    version: int = Field(ge=1)
    severity: Severity
    kind: Literal["manual"]
    title: Text
    rationale: Text
    asks: Text
    evidence: Text
    about: Literal["owner", "unit", "system"]
    months: int = Field(ge=1, le=36)
    applies: Applies = Applies()
    references: tuple[Reference, ...] = Field(min_length=1)


for _part in (PerBlock, RefExists, When, Test):
    _part.model_rebuild()
