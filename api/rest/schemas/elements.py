"""Elements of any kind as they leave, and what a list of them is asked by: from the registry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_origin

from pydantic import BaseModel, ConfigDict, Field, create_model

from api.rest.paging import MAX_LIMIT, Schema
from hatang.db import JSONText
from inventory import showing
from inventory.kinds.registry import KINDS
from inventory.sheets.words import vocabulary

if TYPE_CHECKING:
    from inventory.kinds.kind import Kind


class Asked(BaseModel):
    """Which part of a list; every field of a kind that one column holds filters it too."""

    model_config = ConfigDict(extra="forbid")
    limit: int = Field(100, ge=1, le=MAX_LIMIT, description="Rows in the answer.")
    offset: int = Field(0, ge=0, le=10_000_000, description="Rows to skip.")
    search: str = Field("", max_length=200, description="Free text; “hue” finds “Huế”.")
    sort: str = Field("", max_length=60, description="A column; `-name` sorts downwards.")

    def filters(self) -> dict[str, str]:
        """Return the filters that were given."""
        given = self.model_dump(exclude=set(Asked.model_fields), exclude_none=True)
        return {name: str(value) for name, value in given.items()}


def schema_of(section: str) -> type[Schema]:
    """Return how an element of a section leaves: `key`, and each told field with its type."""
    kind = showing.kind_of(section)
    fields: dict[str, Any] = {
        name: (_type(kind, name), Field(description=_about(kind, name)))
        for name in showing.told(section)
    }
    return create_model(
        f"{_word(section)}Element",
        __base__=Schema,
        __doc__=kind.row.__doc__,
        key=(str, ...),
        **fields,
    )


def asked_of(section: str) -> type[Asked]:
    """Return what a list of a section is asked by."""
    kind = showing.kind_of(section)
    fields: dict[str, Any] = {
        name: (str | None, Field(None, max_length=255, description=_about(kind, name)))
        for name in showing.columns(section)
    }
    return create_model(f"{_word(section)}Asked", __base__=Asked, **fields)


def _word(section: str) -> str:
    return "".join(part.capitalize() for part in section.split("_"))


def _type(kind: Kind, name: str) -> Any:  # noqa: ANN401 RUF100 - a type, or a union of two
    if name in kind.many:
        return list[str]
    column = kind.model.__table__.c[kind.column(name)]
    if name in kind.references:
        return str | None if column.nullable else str
    if isinstance(column.type, JSONText):
        is_list = get_origin(kind.row.model_fields[name].annotation) is list
        return list[str] if is_list else dict[str, Any] | None
    found = column.type.python_type
    return found | None if column.nullable else found


def _about(kind: Kind, name: str) -> str:
    """Return what a field means, and in which words it speaks or what it names."""
    words = vocabulary().sections[kind.section].fields.get(name)
    header = words.en if words else name.replace("_", " ").capitalize()
    if name in kind.many or name in kind.references:
        target = KINDS[kind.target(name)].section
        return f"{header}: the key of one of {target}" + ("; several" if name in kind.many else "")
    choices = f": {', '.join(words.words)}" if words and words.words else ""
    return (words.about.get("en") or "" if words else "") or header + choices


SCHEMAS: Final = {kind.section: schema_of(kind.section) for kind in KINDS.values()}
