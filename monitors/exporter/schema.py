"""The form of snmp_exporter's configuration (snmp.yml), as its 0.21 and later read it.

What says how to log in, and how patiently to wait, is passed over: a device is asked by its own
credential and in hatang's own way.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, RootModel

from inventory.platforms.schema import linear
from monitors.forms import read_form

BUILT_IN: Final = Path(__file__).with_name("if_mib.yaml")
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _check_extract(text: str) -> str:
    linear(anchored(text))
    return text


def anchored(pattern: str) -> str:
    """Return a pattern that must match a whole text, as snmp_exporter means it."""
    return f"^(?:{pattern})$"


def _dotless(text: Any) -> Any:
    return text.strip(".") if isinstance(text, str) else text


Oid = Annotated[str, BeforeValidator(_dotless), Field(pattern=r"^\d+(\.\d+)*$")]
Label = Annotated[str, Field(pattern=r"^[a-zA-Z_][a-zA-Z0-9_]*$")]


class Part(BaseModel):
    """A piece of the file; keys that only a generator or a later version reads are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Index(Part):
    """A part of a row's index, which becomes a label."""

    labelname: Label
    type: str
    fixed_size: int = Field(default=0, ge=0)
    implied: bool = False
    enum_values: dict[int, str] = {}


class Lookup(Part):
    """A label from another column of the row that `labels` name; without `labels`, one to drop."""

    labels: list[Label] = []
    labelname: Label
    oid: Annotated[str, BeforeValidator(_dotless)] = ""
    type: str = ""


class Extract(Part):
    """A number taken out of a text: `value` may name the pattern's groups as `$1`."""

    regex: Annotated[str, AfterValidator(_check_extract)]
    value: str = "$1"


class Metric(Part):
    """An object, and how its values become samples."""

    name: Annotated[str, Field(pattern=r"^[a-zA-Z_:][a-zA-Z0-9_:]*$")]
    oid: Oid
    type: str
    help: str = ""
    indexes: list[Index] = []
    lookups: list[Lookup] = []
    regex_extracts: dict[str, list[Extract]] = {}
    enum_values: dict[int, str] = {}


class Definition(Part):
    """What one `module` of snmp_exporter reads (`walk`, `get`) and shows (`metrics`)."""

    walk: list[Oid] = []
    get: list[Oid] = []
    metrics: list[Metric] = []


class Definitions(RootModel[dict[str, Definition]]):
    """A file of definitions by the name of the module."""


def read_definitions(path: Path | None) -> dict[str, Definition]:
    """Return the definitions of hatang and, before them, those of the snmp.yml at `path`.

    Raises:
        InvalidInputError: the file has problems; all of them are listed.
        OSError: it cannot be read.
    """
    found = _built_in()
    return found if path is None else {**found, **_read(path)}


@cache
def _built_in() -> dict[str, Definition]:
    return _read(BUILT_IN)


def _read(path: Path) -> dict[str, Definition]:
    return read_form(path, _modules, Definitions, "monitors/exporter/schema.py").root


def _modules(text: str) -> Any:
    """Return the modules of a file; since 0.23 they stand below `modules`, beside `auths`."""
    given = yaml.load(text, _LOADER)  # noqa: S506 - a safe loader, written in C where there is one
    below = given.get("modules") if isinstance(given, dict) else None
    return below if isinstance(below, dict) and "metrics" not in below else given
