"""What is declared of a kind of element; everything else about it is derived from this."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hatang.db import Base
    from inventory.choices import ElementKind
    from inventory.kinds.form import Row

Fields = dict[str, Any]


class Many(NamedTuple):
    """A list of references: the table that joins, its owner's column and the other's."""

    model: type[Base]
    owner: str
    column: str


class Composite(NamedTuple):
    """A reference that a file spells with several fields, which are the target's key."""

    target: ElementKind
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind: its row in a file, its table, and how the one's fields are kept in the other.

    A field is kept in the column of its name, a reference in `NAME_id`, unless `columns` says
    otherwise; a list of references in the table of `many`. `virtual` fields are kept elsewhere.
    `implied` references are elements that a row brings along. `scope` names the references
    through which an element belongs to a unit: the first that is set, or, when `joins`, the one
    deeper in the tree. `nested` sections of a row hold rows of other kinds. `within` says by which
    field a reference may be shortened: its target's key begins with that field's value.
    """

    row: type[Row]
    model: type[Base]
    section: str
    columns: Mapping[str, str] = field(default_factory=dict)
    many: Mapping[str, Many] = field(default_factory=dict)
    implied: Mapping[str, ElementKind] = field(default_factory=dict)
    composites: Mapping[str, Composite] = field(default_factory=dict)
    nested: Mapping[str, ElementKind] = field(default_factory=dict)
    within: Mapping[str, str] = field(default_factory=dict)
    nested_in: ElementKind | None = None
    virtual: tuple[str, ...] = ()
    scope: tuple[str, ...] = ()
    joins: bool = False
    searched: tuple[str, ...] = ()
    separator: str = "/"
    generated: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    shape: Callable[[Fields], None] | None = None

    @property
    def kind(self) -> ElementKind:
        """Its word."""
        return self.row.kind_of_row

    @cached_property
    def single_key(self) -> str | None:
        """The field that alone is the key; it is not repeated among the fields."""
        return self.row.key_fields[0] if len(self.row.key_fields) == 1 else None

    @cached_property
    def references(self) -> dict[str, ElementKind]:
        """Fields that name one other element, by what they name."""
        one = {name: to for name, to in self.row.references.items() if name not in self.many}
        return {**one, **{name: to.target for name, to in self.composites.items()}, **self.implied}

    @cached_property
    def plain(self) -> tuple[str, ...]:
        """Fields kept as they are."""
        spelt = {name for composite in self.composites.values() for name in composite.names}
        elsewhere = {*self.references, *self.many, *self.nested, *self.virtual, *spelt}
        return tuple(
            name
            for name in self.row.model_fields
            if name not in elsewhere and name != self.single_key
        )

    @cached_property
    def defaults(self) -> Fields:
        """What a plain field holds when nobody said."""
        fields = self.row.model_fields
        found = {
            name: fields[name].get_default(call_default_factory=True)
            for name in self.plain
            if not fields[name].is_required()
        }
        return {name: one.value if isinstance(one, Enum) else one for name, one in found.items()}

    @cached_property
    def is_scoped(self) -> bool:
        """Whether its elements belong to somebody; the others are common to all."""
        return "scope_id" in self.model.__table__.c

    def column(self, name: str) -> str:
        """Return the column that keeps the field `name`."""
        return self.columns.get(name, f"{name}_id" if name in self.references else name)

    def target(self, name: str) -> ElementKind:
        """Return what the elements are that the field `name` names."""
        return self.references.get(name) or self.row.references[name]

    def key_of(self, fields: Mapping[str, Any]) -> str:
        """Return the natural key of the element with these fields."""
        parts = [fields.get(name) for name in self.row.key_fields]
        return self.separator.join([str(part) for part in parts if part is not None])
