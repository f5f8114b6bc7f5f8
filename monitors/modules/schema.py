"""The form of a module file; an unknown key or a malformed OID is an error at start."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from inventory.platforms.schema import LinearPattern, linear
from monitors.modules.expressions import parse_sum, parse_text
from monitors.modules.indexes import IndexPart
from monitors.modules.vocabulary import UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Set

_OID: Final = re.compile(r"[0-2](\.\d+){2,}")


def _check_oid(text: str) -> str:
    if not _OID.fullmatch(text):
        raise ValueError("is no numeric OID without a leading dot")
    return text


def _check_sum(text: str) -> str:
    parse_sum(text)
    return text


def _check_text(text: str) -> str:
    parse_text(text)
    return text


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Oid = Annotated[str, AfterValidator(_check_oid)]
Name = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]
Every = Annotated[int, Field(ge=1, le=10_000)]
Expression = Annotated[str, AfterValidator(_check_sum)]
Values = Annotated[list[Expression], BeforeValidator(_listed)]
Texts = Annotated[list[Annotated[str, AfterValidator(_check_text)]], BeforeValidator(_listed)]
Key = int | str
Judgement = Literal["good", "degraded", "bad", "unknown"]
_ENTERPRISES: Final = "1.3.6.1.4.1"
LABELS_EVERY: Final = 10
"""In how many periods texts that label rows are read again, where a file says nothing."""


class Part(BaseModel):
    """A piece of a module file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Column(Part):
    """A column that is read but is no metric by itself: a label or a fact.

    It is read once in `every` periods and carried between; `otherwise` is the column that is
    asked for in rows which lack this one (the 32-bit counter behind the 64-bit one).
    """

    name: Name
    oid: Oid
    every: Every | None = None
    otherwise: Oid | None = None


class Metric(Column):
    """An object that becomes a time series under its own name.

    `text` is none, `info` is one with the text as label, `stateset` one for each of `states`
    (1 for the present one), `date` is DateAndTime as Unix time.
    """

    type: Literal["counter", "gauge", "text", "info", "stateset", "date"]
    help: Annotated[str, Field(min_length=1)]
    states: dict[int, Name] = {}

    @model_validator(mode="after")
    def _names_states(self) -> Metric:
        if (self.type == "stateset") != bool(self.states):
            raise ValueError("a stateset, and nothing else, names its states")
        return self


class Where(Part):
    """A condition on a row: what stands at `of` is one of `in_`, is none of `out`, or matches."""

    of: Expression
    in_: Annotated[list[Key], Field(alias="in")] = []
    out: list[Key] = []
    matches: LinearPattern | None = None

    @model_validator(mode="after")
    def _asks_one_thing(self) -> Where:
        if sum((bool(self.in_), bool(self.out), self.matches is not None)) != 1:
            raise ValueError("needs exactly one of `in`, `out` and `matches`")
        return self


class Choice(Part):
    """A word that a value decides; a row whose value `map` lacks is passed over."""

    of: Expression
    map: dict[Key, str]


class Scale(Part):
    """A factor that a value decides; a row whose value `map` lacks is passed over."""

    of: Expression
    map: dict[Key, float | int]


class Give(Part):
    """A series of the vocabulary that is the same for every vendor; see docs/monitoring.md.

    The first of `value` that is there counts, times `scale`, by ten to the `precision`, plus
    `offset`; `absent` are raw values that mean none. `memory` and `storage` want two of `used`,
    `free` and `total` in `units` of so many octets, or the used percent as `value`, of a `total`
    where that is known.
    """

    kind: Literal["cpu", "memory", "storage", "sensor", "state", "sessions", "ha", "speed"]
    name: Texts = []
    what: str | Choice = ""
    value: Values = []
    used: Values = []
    free: Values = []
    total: Values = []
    units: float | int | Expression = 1
    scale: float | int | Scale = 1
    precision: Expression | None = None
    offset: float | int = 0
    absent: list[float | int] = []
    where: list[Where] = []
    states: dict[Key, Judgement] = {}
    names: dict[Key, Name] = {}

    @model_validator(mode="after")
    def _is_whole(self) -> Give:
        amounts = sum(map(bool, (self.used, self.free, self.total)))
        if amounts < (1 if self.value else 2) and (amounts or not self.value):
            raise ValueError("needs a `value`, or two of `used`, `free` and `total`")
        if (self.kind == "state") != bool(self.states) or (self.kind == "ha") != bool(self.names):
            raise ValueError("`states` belong to the kind state and `names` to the kind ha")
        if self.kind in {"sensor", "state", "sessions"} and not self.what:
            raise ValueError("needs `what` is measured")
        classes = self.what.map.values() if isinstance(self.what, Choice) else [self.what]
        if self.kind == "sensor" and not set(classes) <= UNITS.keys():
            raise ValueError(f"measures {sorted(set(classes) - UNITS.keys())}, which has no unit")
        return self


class Source(Part):
    """Where a fact stands: the first row whose text `pattern` is found in.

    `form` puts the fact together from the groups of the pattern: `{1} ({2})`. Where there are
    `names`, the fact is what they call it, and what they do not know is none.
    """

    of: Texts
    pattern: LinearPattern | None = None
    form: str = "{1}"
    names: dict[str, str] = {}
    where: list[Where] = []

    @model_validator(mode="after")
    def _has_its_groups(self) -> Source:
        if self.pattern is not None:
            groups = linear(self.pattern).groups
            try:
                self.form.format(*[""] * (groups + 1))
            except (LookupError, ValueError) as error:
                raise ValueError(f"has a form for more groups than {groups}") from error
        return self

    def read(self, text: str) -> str:
        """Return the fact in `text`, empty where there is none."""
        found = self._found(text)
        return self.names.get(found, "") if self.names else found

    def _found(self, text: str) -> str:
        if self.pattern is None:
            return text.strip()
        found = linear(self.pattern).search(text)
        if found is None:
            return ""
        return self.form.format("", *(group or "" for group in found.groups())).strip()


class Identity(Part):
    """What a device is; the first source that says something counts."""

    version: list[Source] = []
    hardware: list[Source] = []
    serial: list[Source] = []


class Table(Part):
    """A conceptual table: labels change rarely, metrics always, facts are no series.

    What is due is walked, with `key` the column that tells which rows there are (the first metric
    or fact); of a `sparse` table every column does. A `stable` table without rows is looked at
    seldom, a `dynamic` one, whose rows come and go, as often as its key. `borrowed` are labels
    from elsewhere.
    """

    name: Name
    rows: Literal["stable", "dynamic"] = "stable"
    every: Every | None = None
    limit: Annotated[int, Field(ge=1, le=20_000)] = 5000
    index: Annotated[list[IndexPart], Field(min_length=1)]
    key: Name | None = None
    sparse: bool = False
    labels: list[Column] = []
    metrics: list[Metric] = []
    facts: list[Column] = []
    borrowed: dict[Name, Texts] = {}
    where: list[Where] = []
    gives: list[Give] = []

    @property
    def columns(self) -> tuple[Column, ...]:
        """Return every column that is read."""
        return (*self.labels, *self.metrics, *self.facts)


class Rule(Part):
    """Devices a module is for: all that is given must hold. `any` is every agent."""

    any: Literal[True] | None = None
    platform: str | None = None
    sys_object_id: Oid | None = None
    sys_descr: LinearPattern | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Rule:
        if not any(value is not None for _, value in self):
            raise ValueError("a rule without condition chooses nothing")
        return self

    def holds(self, platform: str, sys_object_id: str, sys_descr: str) -> bool:
        """Return whether a device of this description is meant."""
        if self.platform is not None and self.platform != platform:
            return False
        prefix = self.sys_object_id
        if prefix is not None and not f"{sys_object_id}.".startswith(f"{prefix}."):
            return False
        return self.sys_descr is None or bool(linear(self.sys_descr).search(sys_descr))

    @property
    def is_general(self) -> bool:
        """Return whether the rule says nothing of the vendor."""
        return self.any is not None


class Module(Part):
    """One module: `source` names the MIB, `every` polls it once in so many periods.

    A device has it when its platform lists it or one of the rules `when` holds, its role is
    among `roles`, and, where it has a `probe`, one of these objects is there: a scalar, or a
    column that has a row.
    """

    name: Name
    source: Annotated[str, Field(min_length=1)]
    roles: Annotated[list[str], Field(min_length=1)] = ["*"]
    when: list[Rule] = []
    probe: list[Oid] = []
    every: Every = 1
    scalars: list[Metric] = []
    tables: list[Table] = []
    gives: list[Give] = []
    identity: Identity = Identity()

    @property
    def columns(self) -> Iterator[Column]:
        """Yield every object that is read."""
        yield from self.scalars
        for table in self.tables:
            yield from table.columns

    def is_there(self, present: Set[str]) -> bool:
        """Return whether an agent has the module; `present` are the probes it answers."""
        return not self.probe or any(oid in present for oid in self.probe)

    @property
    def is_general(self) -> bool:
        """Return whether the module is for agents of any vendor: by its rules and its probe."""
        is_own = any(oid.startswith(f"{_ENTERPRISES}.") for oid in self.probe)
        return any(rule.is_general for rule in self.when) and not is_own
