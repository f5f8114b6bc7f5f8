"""As much of JSON Schema as NetBox's device-type library uses; another keyword is an error.

Numbers are decimal: 0.29 is a multiple of 0.01, which binary fractions deny.
"""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

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
        self._checks: dict[str, Callable[[Any, Any, Any, str], Iterator[str]]] = {
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
