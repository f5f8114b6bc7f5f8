"""As much of JSON Schema as NetBox's device-type library uses; another keyword is an error.

Numbers are decimal: 0.29 is a multiple of 0.01, which binary fractions deny.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Check = Callable[[Any, Any, Any, str], Iterator[str]]

RFC_3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, Decimal),
    "boolean": (bool,),
}


def load(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


class Schema:
    """A folder of schemas that name each other."""

    def __init__(self, folder: Path) -> None:
        self.files = {path.name: load(path.read_text("utf-8")) for path in folder.glob("*.json")}
        self._checks = self._keywords()

    def _keywords(self) -> dict[str, Check]:
        return {
            "type": self._type,
            "enum": self._enum,
            "pattern": self._pattern,
            "minimum": self._minimum,
            "multipleOf": self._multiple,
            "required": self._required,
            "properties": self._properties,
            "additionalProperties": self._additional,
            "items": self._items,
            "definitions": lambda *_: iter(()),
        }

    def errors(self, name: str, value: Any) -> list[str]:
        """Return what is wrong with `value` under the file `name`."""
        return list(self._validate(value, self.files[name], name))

    def _validate(self, value: Any, schema: Any, where: str) -> Iterator[str]:
        if "$ref" in schema:
            file, _, pointer = schema["$ref"].partition("#/")
            found = self.files[file]
            for part in pointer.split("/"):
                found = found[part]
            schema = found
        for keyword, wanted in schema.items():
            yield from self._checks[keyword](value, wanted, schema, where)

    def _type(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        good = isinstance(value, TYPES[wanted])
        if not good or (isinstance(value, bool) and wanted != "boolean"):
            yield f"{where}: {value!r} is no {wanted}"

    def _enum(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        if value not in wanted:
            yield f"{where}: {value!r} is not one of {len(wanted)}"

    def _pattern(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        if isinstance(value, str) and not re.search(wanted, value):
            yield f"{where}: {value!r} is not {wanted}"

    def _minimum(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        if isinstance(value, int | Decimal) and value < wanted:
            yield f"{where}: {value} is less than {wanted}"

    def _multiple(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        if isinstance(value, int | Decimal) and Decimal(value) % Decimal(wanted):
            yield f"{where}: {value} is no multiple of {wanted}"

    def _required(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (f"{where}: {name} is missing" for name in wanted if name not in value)

    def _properties(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        for name in wanted.keys() & (value.keys() if isinstance(value, dict) else set()):
            yield from self._validate(value[name], wanted[name], f"{where}.{name}")

    def _additional(self, value: Any, wanted: Any, schema: Any, where: str) -> Iterator[str]:
        assert wanted is False
        if isinstance(value, dict):
            unknown = value.keys() - schema.get("properties", {}).keys()
            yield from (f"{where}: {name} is unknown" for name in unknown)

    def _items(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        for index, one in enumerate(value if isinstance(value, list) else []):
            yield from self._validate(one, wanted, f"{where}[{index}]")


class Swagger(Schema):
    """The answers of a Swagger 2 description, as much of it as Alertmanager's uses."""

    def __init__(self, file: Path) -> None:
        self._document = yaml.safe_load(file.read_text("utf-8"))
        self.files = {"": self._document}
        more = {"allOf": self._all_of, "format": self._format, "minItems": self._least}
        self._checks = {**self._keywords(), **more, "additionalProperties": self._values}
        self._checks |= {"default": _says_nothing, "description": _says_nothing}

    def refused(self, path: str, method: str, status: int, value: Any) -> list[str]:
        """Return what is wrong with an answer of `path` as it stands in the description."""
        answer = self._document["paths"][path][method]["responses"][str(status)]
        if "$ref" in answer:
            answer = self._document["responses"][answer["$ref"].rpartition("/")[2]]
        return list(self._validate(value, answer.get("schema", {}), f"{method} {path}"))

    def _all_of(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        for part in wanted:
            yield from self._validate(value, part, where)

    def _format(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        patterns = {"date-time": RFC_3339, "uri": r"\w+://\S+", "uuid": r"[0-9a-f-]{36}"}
        if not re.fullmatch(patterns[wanted], value):
            yield f"{where}: {value!r} is no {wanted}"

    def _least(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        if len(value) < wanted:
            yield f"{where}: has {len(value)} items, not {wanted}"

    def _values(self, value: Any, wanted: Any, _schema: Any, where: str) -> Iterator[str]:
        for name, one in value.items():
            yield from self._validate(one, wanted, f"{where}.{name}")


def _says_nothing(*_: Any) -> Iterator[str]:
    return iter(())
