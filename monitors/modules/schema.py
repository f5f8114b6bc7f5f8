"""The form of a module file; an unknown key or a malformed OID is an error at start."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from hatang.errors import InvalidInputError, Problem

DIRECTORY: Final = Path(__file__).parent
_OID: Final = re.compile(r"[0-2](\.\d+){2,}")


def _check_oid(text: str) -> str:
    if not _OID.fullmatch(text):
        raise ValueError("is no numeric OID without a leading dot")
    return text


Oid = Annotated[str, AfterValidator(_check_oid)]
Name = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]


class Part(BaseModel):
    """A piece of a module file."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Column(Part):
    """A column that is read but is no metric by itself: a label or a fact."""

    name: Name
    oid: Oid


class Metric(Column):
    """An object that becomes a time series; `text` objects are facts and never one."""

    type: Literal["counter", "gauge", "text"]
    help: Annotated[str, Field(min_length=1)]


class IndexPart(Part):
    """A part of a row's index: one number, or the four of an IPv4 address."""

    name: Name
    kind: Literal["integer", "ipv4"]

    @property
    def size(self) -> int:
        """Return how many numbers of the OID belong to this part."""
        return 4 if self.kind == "ipv4" else 1


class Table(Part):
    """A conceptual table: labels change rarely, metrics always, facts are no series.

    The rows of a `stable` table are asked for by name between walks, which costs a third; a
    `dynamic` table, whose rows come and go, is walked each time.
    """

    name: Name
    rows: Literal["stable", "dynamic"] = "stable"
    index: Annotated[list[IndexPart], Field(min_length=1)]
    labels: list[Column] = []
    metrics: list[Metric] = []
    facts: list[Column] = []


class Module(Part):
    """One module: `source` names the MIB, `every` polls it once in so many periods.

    A device has it when its platform lists it and its role is among `roles` (`*` is any).
    """

    name: Name
    source: Annotated[str, Field(min_length=1)]
    roles: Annotated[list[str], Field(min_length=1)]
    every: Annotated[int, Field(ge=1, le=1000)] = 1
    scalars: list[Metric] = []
    tables: list[Table] = []


def read(path: Path) -> Module:
    """Return the module in the file `path`.

    Raises:
        InvalidInputError: the file has problems; all of them are listed.
    """
    try:
        return Module.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except yaml.YAMLError as error:
        raise InvalidInputError(
            [Problem(path.name, "", "", f"is no YAML: {error}", "Mend the syntax.")]
        ) from error
    except ValidationError as error:
        raise InvalidInputError(
            [
                Problem(
                    where=path.name,
                    field=".".join(str(part) for part in detail["loc"]),
                    value=str(detail["input"])[:80],
                    message=detail["msg"],
                    fix="Give it the form that monitors/modules/schema.py describes.",
                )
                for detail in error.errors()
            ]
        ) from error


@cache
def built_in() -> tuple[Module, ...]:
    """Return the modules that come with hatang, in a fixed order."""
    return tuple(read(path) for path in sorted(DIRECTORY.glob("*.yaml")))
