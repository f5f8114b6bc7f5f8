"""What a field's cells may hold, read off the kinds' own row models."""

from __future__ import annotations

import types
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from inventory.kinds.form import Address
from inventory.kinds.registry import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.kinds.kind import Kind


class Shape(StrEnum):
    """What kind of value a cell of a field becomes."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    DATE = "date"
    LOGICAL = "logical"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class Form:
    """A column a section may have; `path` is the field, or field and part (`ports.ssh`)."""

    path: str
    shape: Shape
    choices: tuple[str, ...] = ()
    required: bool = False
    is_phone: bool = False
    is_address: bool = False
    is_code: bool = False

    @property
    def field(self) -> str:
        """The row's field."""
        return self.path.partition(".")[0]


@cache
def sections() -> Mapping[str, Kind]:
    """Return all kinds by the section of a file they stand in."""
    return {kind.section: kind for kind in KINDS.values()}


@cache
def forms(section: str) -> Mapping[str, Form]:
    """Return the columns of a section by their path, in the order of its row's fields."""
    kind = sections()[section]
    found: dict[str, Form] = {}
    for name, field in kind.row.model_fields.items():
        if name in kind.nested:
            continue
        bare = _bare(field.annotation)
        if get_origin(bare) is dict:
            parts, value = get_args(bare)
            for part in get_args(_bare(parts)):
                form = _form(f"{name}.{part}", _bare(value), ())
                found[form.path] = form
            continue
        form = _form(name, bare, tuple(_metadata(field.annotation, field.metadata)))
        found[name] = Form(
            name, form.shape, form.choices, field.is_required(),
            form.is_phone, form.is_address, form.is_code,
        )  # fmt: skip
    return found


def _form(path: str, bare: Any, metadata: tuple[Any, ...]) -> Form:  # noqa: ANN401 RUF100
    if isinstance(bare, type) and issubclass(bare, Enum):
        return Form(path, Shape.TEXT, tuple(str(one.value) for one in bare))
    if get_origin(bare) is Literal:
        return Form(path, Shape.TEXT, tuple(map(str, get_args(bare))))
    if get_origin(bare) is list:
        return Form(path, Shape.LIST)
    shapes = {bool: Shape.LOGICAL, int: Shape.INTEGER, float: Shape.NUMBER, date: Shape.DATE}
    patterns = [getattr(one, "pattern", None) for one in metadata]
    return Form(
        path,
        shapes.get(bare, Shape.TEXT),
        is_phone=any(word in path for word in ("phone", "mobile", "hotline")),
        is_address=get_args(Address)[1] in metadata,
        is_code=any(isinstance(one, str) and one.startswith("^[A-Za-z0-9]") for one in patterns),
    )


def _bare(annotation: Any) -> Any:  # noqa: ANN401 RUF100 - an annotation is anything
    """Return `annotation` without `| None` and without its constraints."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _bare(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        rest = [one for one in get_args(annotation) if one is not type(None)]
        return _bare(rest[0])
    return annotation


def _metadata(annotation: Any, outer: list[Any]) -> list[Any]:  # noqa: ANN401 RUF100 - as above
    found = list(outer)
    origin = get_origin(annotation)
    if origin is Annotated:
        found += get_args(annotation)[1:]
    elif origin in {Union, types.UnionType}:
        for one in get_args(annotation):
            found += _metadata(one, [])
    return found
