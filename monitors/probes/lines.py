"""The province's own lines of probes: one line measures every service it selects.

They stand in files `probes/*.yaml` of the data directory, a list each. A bad line is told with
file, line, field and cure, and keeps no other line from being used.
"""

from __future__ import annotations

from contextlib import suppress
from fnmatch import fnmatchcase
from string import Formatter
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from hatang.errors import InvalidInputError, Problem
from inventory import catalogue, yamlfile
from monitors.probes.registry import PROBES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from inventory.yamlfile import Tree
    from monitors.probes.result import Options

PLACEHOLDERS: Final = frozenset({"code", "unit", "url", "host", "address", "device"})
"""What an address may hold in braces; the last two make one probe a device it runs on."""

Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=32)]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class Selector(BaseModel):
    """Which services; each field given must match, `code` and `unit` with `*` and `?`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: Glob | None = None
    kind: Glob | None = None
    unit: Glob | None = None

    def matches(self, code: str, kind: str, unit: str) -> bool:
        """Return whether a service is selected."""
        pairs = ((self.code, code), (self.kind, kind), (self.unit, unit))
        return all(glob is None or fnmatchcase(value, glob) for glob, value in pairs)


class Line(BaseModel):
    """One line: a template of the catalogue, or a probe, for every service selected.

    `where` is the file and line it stands on.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Word
    template: Word | None = None
    probe: Word | None = None
    services: Selector
    url: Annotated[str, Field(max_length=2000)] | None = None
    period_seconds: Annotated[int, Field(ge=1, le=86_400)] | None = None
    options: dict[str, Any] = Field(default_factory=dict)
    where: str = ""

    @property
    def kind(self) -> str:
        """Return the name of the probe."""
        if self.template is not None:
            return catalogue.probe_templates()[self.template].probe
        return self.probe or ""

    @property
    def period(self) -> float | None:
        """Return the seconds from one probe to the next; None for the monitor's own."""
        if self.period_seconds is None and self.template is not None:
            return float(catalogue.probe_templates()[self.template].period_seconds)
        return self.period_seconds

    def told(self) -> Options:
        """Return the options, those of the template included; raises ValidationError."""
        template = catalogue.probe_templates().get(self.template or "")
        given = {**(template.options if template else {}), **self.options}
        return PROBES[self.kind].options.model_validate(given)

    def fields_of_url(self) -> frozenset[str]:
        """Return the placeholders in the address; raises ValueError for a malformed one."""
        parts = Formatter().parse(self.url or "")
        return frozenset(name for _, name, _, _ in parts if name is not None)


def read(directory: Path) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """Return the lines of all files in `directory`, and everything wrong with them."""
    lines: list[Line] = []
    problems: list[Problem] = []
    for path in sorted(directory.glob("*.yaml")):
        where = path.name
        try:
            tree = yamlfile.read(path.read_text(encoding="utf-8"), where)
        except InvalidInputError as error:
            problems += error.problems
        except (OSError, UnicodeDecodeError) as error:
            problems.append(Problem(where, "file", "", f"cannot be read: {error}", "Mend it."))
        else:
            lines += _lines(tree, where, problems)
    return tuple(_unique(lines, problems)), tuple(problems)


def stamp(directory: Path) -> tuple[tuple[str, int, int], ...]:
    """Return what tells that a file came, went or was written: name, time in ns, and size."""
    found = []
    for path in sorted(directory.glob("*.yaml")):
        with suppress(OSError):
            status = path.stat()
            found.append((path.name, status.st_mtime_ns, status.st_size))
    return tuple(found)


def _lines(tree: Tree, where: str, problems: list[Problem]) -> Iterator[Line]:
    if not isinstance(tree.root, list):
        fix = "Write a list: each line begins with `- name:`."
        problems.append(Problem(where, "file", "", "is no list of probes", fix))
        return
    places = tree.entries(tree.root)
    for number, row in enumerate(tree.root):
        found = list(_row_problems(row, where, places.get(number)))
        problems += found
        if not found:
            yield Line.model_validate({**row, "where": f"{where}:{places.get(number)}"})


def _row_problems(row: object, where: str, line: int | None) -> Iterator[Problem]:
    try:
        found = Line.model_validate(row)
    except ValidationError as error:
        yield from _told(error, "", where, line)
        return
    if "where" in found.model_fields_set:
        yield Problem(where, "where", "", "is unknown", "Remove it.", line)
    yield from _references(found, where, line)


def _references(found: Line, where: str, line: int | None) -> Iterator[Problem]:
    templates = catalogue.probe_templates()
    if (found.template is None) == (found.probe is None):
        message = "needs a template or a probe, and not both"
        yield Problem(where, "probe", "", message, f"Probes: {_known(PROBES)}.", line)
    elif found.template is not None and found.template not in templates:
        fix = f"Templates: {_known(templates)}."
        yield Problem(where, "template", found.template, "is no template", fix, line)
    elif found.kind not in PROBES:
        fix = f"Probes: {_known(PROBES)}."
        yield Problem(where, "probe", found.kind, "is no probe", fix, line)
    else:
        try:
            found.told()
        except ValidationError as error:
            yield from _told(error, "options.", where, line)
    if not found.services.model_fields_set:
        fix = "Give code, kind or unit; code: '*' is every service."
        yield Problem(where, "services", "", "selects nothing", fix, line)
    try:
        unknown = found.fields_of_url() - PLACEHOLDERS
    except ValueError:
        unknown = frozenset({found.url or ""})
    if unknown:
        fix = f"Use {', '.join(f'{{{name}}}' for name in sorted(PLACEHOLDERS))}."
        yield Problem(where, "url", found.url or "", "holds an unknown placeholder", fix, line)


def _told(error: ValidationError, prefix: str, where: str, line: int | None) -> Iterator[Problem]:
    for one in error.errors(include_url=False):
        field = prefix + ".".join(map(str, one["loc"])) if one["loc"] else prefix or "line"
        yield Problem(where, field, "", one["msg"].lower(), "Correct or remove it.", line)


def _unique(lines: list[Line], problems: list[Problem]) -> Iterator[Line]:
    first: dict[str, str] = {}
    for line in lines:
        if line.name in first:
            where, _, number = line.where.rpartition(":")
            message = f"is given twice, first in {first[line.name]}"
            fix = "Give each line a name of its own."
            problems.append(Problem(where, "name", line.name, message, fix, int(number)))
        else:
            first[line.name] = line.where
            yield line


def _known(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names))
