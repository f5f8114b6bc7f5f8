"""What of an element of any kind is told outside: its section's word, and which of its fields."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from hatang.errors import NotFoundError
from inventory.kinds.registry import KINDS
from inventory.records import suggestion

if TYPE_CHECKING:
    from inventory.kinds.kind import Kind
    from inventory.rows import ElementRow

# How to log in is nobody's to read, not even by the name it is stored under.
UNTOLD: Final = frozenset({"credentials", "credential"})
_BY_SECTION: Final = {kind.section: kind for kind in KINDS.values()}


def kind_of(section: str) -> Kind:
    """Return the kind whose elements a file lists in `section`.

    Raises:
        NotFoundError: there is none; the fix names one that looks alike, or all.
    """
    if section not in _BY_SECTION:
        fix = suggestion(section, _BY_SECTION) or f"There are: {', '.join(_BY_SECTION)}."
        raise NotFoundError(f"the inventory has no kind {section}", fix=fix)
    return _BY_SECTION[section]


@cache
def told(section: str) -> tuple[str, ...]:
    """Return the fields of a kind that are told, in the order in which its row has them."""
    kind = kind_of(section)
    own = [kind.single_key] if kind.single_key else []
    named = [*own, *kind.row.model_fields, *kind.implied, *kind.composites, *kind.many]
    kept = {*own, *kind.plain, *kind.references, *kind.many}
    return tuple(name for name in dict.fromkeys(named) if name in kept and name not in UNTOLD)


@cache
def columns(section: str) -> tuple[str, ...]:
    """Return the told fields that one column holds: a list is filtered and sorted by these."""
    kind = kind_of(section)
    targets = {name: KINDS[to] for name, to in kind.references.items()}
    one = {name for name, to in targets.items() if to.single_key is not None}
    plain = {*kind.plain, kind.single_key}
    return tuple(name for name in told(section) if name in one | plain)


def plain(row: ElementRow) -> dict[str, Any]:
    """Return an element as programs read it: its key, and every told field."""
    kind = KINDS[row.kind]
    fields = {name: row.fields.get(name) for name in told(kind.section)}
    if kind.single_key is not None:
        fields[kind.single_key] = row.key
    return {"key": row.key, **fields}
