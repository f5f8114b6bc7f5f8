"""NetBox's device-type library: YAML files, one a type, in a directory or a zip; read and written.

A file is kept as it is (its "definition"): what a later version of the library adds survives, and
an export is the library's own form again. Everything that comes in is bounded.
"""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import yaml

from hatang.errors import InvalidInputError, Problem
from inventory import yamlfile
from inventory.choices import ElementKind
from inventory.devicetypechecks import check
from inventory.text import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from inventory.records import Fields

MAX_FILES: Final = 50_000
MAX_FILE_BYTES: Final = 1024 * 1024
MAX_TOTAL_BYTES: Final = 256 * 1024 * 1024
SUFFIXES: Final = frozenset({".yaml", ".yml"})
# The library sorts its files into these; what lies in neither is taken for a device type.
MODULES: Final = "module-types"
_SECTIONS: Final = {
    ElementKind.DEVICE_TYPE: "device_types",
    ElementKind.MODULE_TYPE: "module_types",
}
_NO_FOLDER: Final = re.compile(r"[/\\:]+")
_NO_SLUG: Final = re.compile(r"[^a-z0-9_]+")
_DUMPER: Final = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass(frozen=True, slots=True)
class Definition:
    """One type as its file says it; `where` names the file."""

    kind: ElementKind
    fields: Fields
    where: str


@dataclass(slots=True)
class Library:
    """All types that were read; `notes` counts what is kept though unknown, and files left out.

    The library itself holds a few types twice: the first file in the order of names counts.
    """

    definitions: list[Definition] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    def rows(self) -> dict[str, list[Fields]]:
        """Return the rows of an inventory file that says the same, by section."""
        found: dict[str, list[Fields]] = {}
        for one in self.definitions:
            names = {name: one.fields[name] for name in ("manufacturer", "model")}
            row = {**names, "definition": one.fields}
            found.setdefault(_SECTIONS[one.kind], []).append(row)
        return found


def read(source: Path) -> Library:
    """Return the types in a directory or a zip file.

    Raises:
        InvalidInputError: with every problem of every file, or a limit that was passed.
    """
    library, problems = Library(), list[Problem]()
    seen: dict[tuple[ElementKind, str, str], str] = {}
    total = 0
    for number, (where, content) in enumerate(_files(source), 1):
        total += len(content)
        if number > MAX_FILES or total > MAX_TOTAL_BYTES:
            raise _too_much(source.name)
        kind = _kind(source, where)
        fields = _read_one(where, content, problems)
        if fields is None:
            continue
        library.notes.update(check(where, kind, fields, problems))
        key = (kind, str(fields.get("manufacturer")), str(fields.get("model")))
        if seen.setdefault(key, where) != where:
            library.notes[f"{where}: left out, {seen[key]} is the same type"] += 1
            continue
        library.definitions.append(Definition(kind, fields, where))
    if not library.definitions and not problems:
        message, fix = "holds no YAML file", "Give the library's directory, or a zip of it."
        problems.append(Problem(source.name, "file", "", message, fix))
    if problems:
        raise InvalidInputError(problems)
    return library


def export(kind: ElementKind, fields: Fields) -> tuple[str, str]:
    """Return path and text of a type's file in the library's form.

    A device type without a slug gets the one that its manufacturer and model make.
    """
    content = dict(fields)
    name = slug(content["model"])
    if kind is ElementKind.DEVICE_TYPE and not content.get("slug"):
        content["slug"] = slug(f"{content['manufacturer']}-{content['model']}")
    folder = MODULES if kind is ElementKind.MODULE_TYPE else "device-types"
    # A name of dots or with a slash must not lead out of the folder it is unpacked into.
    maker = _NO_FOLDER.sub("-", content["manufacturer"]).strip(". ") or "x"
    text = yaml.dump(content, Dumper=_DUMPER, allow_unicode=True, sort_keys=False, width=1000)
    return f"{folder}/{maker}/{name}.yaml", f"---\n{text}"


def slug(text: str) -> str:
    """Return `text` as the library writes slugs: small letters, digits and hyphens."""
    return _NO_SLUG.sub("-", fold(text).replace("+", "-plus")).strip("-") or "x"


def _kind(source: Path, where: str) -> ElementKind:
    parts = {*source.resolve().parts, *PurePosixPath(where).parts}
    return ElementKind.MODULE_TYPE if MODULES in parts else ElementKind.DEVICE_TYPE


def _read_one(where: str, content: bytes, problems: list[Problem]) -> Fields | None:
    try:
        root: Any = yamlfile.read(content.decode("utf-8-sig"), where).root
    except UnicodeDecodeError:
        problems.append(Problem(where, "file", "", "is no UTF-8 text", "Save it as UTF-8."))
        return None
    except InvalidInputError as error:
        problems += error.problems
        return None
    if not isinstance(root, dict):
        problems.append(Problem(where, "file", "", "is no mapping", "Give one type a file.", 1))
        return None
    found: Fields = _plain(root)
    return found


def _plain(value: Any) -> Any:
    """Return `value` with days as the text they were: the library knows texts and numbers only."""
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every YAML file, in a lasting order."""
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.suffix.lower() in SUFFIXES and path.is_file() and not path.is_symlink():
                where = path.relative_to(source).as_posix()
                if path.stat().st_size > MAX_FILE_BYTES:
                    raise _too_much(where)
                yield where, path.read_bytes()
        return
    try:
        with zipfile.ZipFile(source) as archive:
            yield from _members(archive)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError) as error:
        message = f"is neither a directory nor a readable zip: {error}"
        fix = "Give the library's directory, or a zip of it."
        raise InvalidInputError([Problem(source.name, "file", "", message, fix)]) from error


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    members = [
        one for one in archive.infolist() if PurePosixPath(one.filename).suffix.lower() in SUFFIXES
    ]
    if len(members) > MAX_FILES or sum(one.file_size for one in members) > MAX_TOTAL_BYTES:
        raise _too_much("the zip file")
    for member in sorted(members, key=lambda one: one.filename):
        if member.flag_bits & 1:
            message, fix = "is encrypted", "Give a zip file without a password."
            raise InvalidInputError([Problem(member.filename, "file", "", message, fix)])
        with archive.open(member) as stream:
            content = stream.read(MAX_FILE_BYTES + 1)  # what the directory says may be a lie
        if len(content) > MAX_FILE_BYTES:
            raise _too_much(member.filename)
        yield member.filename, content


def _too_much(where: str) -> InvalidInputError:
    fix = (
        f"At most {MAX_FILES} files, {MAX_FILE_BYTES // 1024} KiB each, "
        f"{MAX_TOTAL_BYTES // 1024 // 1024} MiB together are read."
    )
    return InvalidInputError([Problem(where, "file", "", "is too much", fix)])
