"""What may stand in the two files of the catalogue; unknown keys are errors."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=32)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Per(StrEnum):
    """Of what there is one each."""

    PROVINCE = "province"
    DEPARTMENT = "department"
    COMMUNE = "commune"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Entry):
    """The same in both languages."""

    en: Sentence
    vi: Sentence


class Owner(_Entry):
    """Who answers for a system; an external one is reached by ticket, not by the province."""

    en: Sentence
    vi: Sentence
    external: bool


class ProbeTemplate(_Entry):
    """A way to measure: `probe` names one of the monitors', `not_yet` what none measures today.

    `options` are given to the probe as they stand; the probe itself says which it knows.
    """

    name: Word
    probe: Word
    asks: Text
    good: Text
    period_seconds: Annotated[int, Field(ge=10, le=86_400)]
    options: dict[str, Any] = Field(default_factory=dict)
    not_yet: Text | None = None


class System(_Entry):
    """One row of the mission; `where` may hold {domain} and {unit}."""

    code: Word
    name: Text
    kind: Word
    per: Per = Per.PROVINCE
    owner: Word
    probes: Annotated[tuple[Word, ...], Field(min_length=1)]
    where: Sentence | None = None
    level: Annotated[int, Field(ge=1, le=5)] | None = None
    depends_on: tuple[Word, ...] = ()


class SystemsFile(_Entry):
    """The file `systems.yaml`."""

    owners: dict[Word, Owner]
    systems: tuple[System, ...]
