"""Elements of any kind as rows: one list for all, derived from what the registry declares."""

from __future__ import annotations

import re
from functools import cache
from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import String, and_, cast, false, func, literal, or_, select

from hatang import scope
from inventory import repository
from inventory.kinds.registry import KINDS
from inventory.paths import Paths
from inventory.repository import Listing
from inventory.rows import EVERYTHING, ElementRow, Page

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.choices import ElementKind
    from inventory.kinds.kind import Kind
    from inventory.rows import Query

# Up to this many rows a list is asked for by id; beyond, its references are read whole.
_NAMED_IDS: Final = 1000
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
# A key of more parts than this is nobody's.
_MAX_PARTS: Final = 16


class _Shape(NamedTuple):
    """A kind, its list, the tables it joins, and its fields with the columns that make each."""

    kind: Kind
    listing: Listing[tuple[Any, ...]]
    paths: Paths
    fields: tuple[tuple[str, int], ...]


def fetch(session: AnySession, actor: Actor, word: ElementKind, query: Query) -> Page[ElementRow]:
    """Return the page of elements of kind `word`; a statement more for each list of references."""
    shape = _shape(word)
    page = repository.fetch(session, actor, shape.listing, query)
    items = _elements(session, actor, shape, page.items)
    return Page(items, page.total, page.limit, page.offset)


def fetch_each(
    session: AnySession, actor: Actor, words: Iterable[ElementKind], query: Query
) -> dict[ElementKind, Page[ElementRow]]:
    """Return the page of each of these kinds that has such elements, as `fetch` does."""
    shapes = {word: _shape(word) for word in words}
    listings = {word.value: shape.listing for word, shape in shapes.items()}
    found = repository.fetch_each(session, actor, listings, query)
    return {
        word: Page(
            _elements(session, actor, shape, found[word].items),
            found[word].total,
            query.limit,
            query.offset,
        )
        for word, shape in shapes.items()
        if word in found
    }


def fetch_one(session: AnySession, actor: Actor, word: ElementKind, key: str) -> ElementRow | None:
    """Return the element of kind `word` with this natural key, None when not there for `actor`."""
    shape = _shape(word)
    condition = _named(shape.paths, KINDS[word], "", key)
    found = repository.fetch_one(session, actor, shape.listing, condition)
    return None if found is None else _elements(session, actor, shape, [found])[0]


def members(
    session: AnySession, actor: Actor, word: ElementKind, name: str, ids: Sequence[int]
) -> dict[int, tuple[str, ...]]:
    """Return the sorted keys in the list `name` of the elements with these ids, by id.

    What lies beyond the actor's reach is left out: seeing a service is not seeing its machines.
    """
    kind = KINDS[word]
    many, target = kind.many[name], KINDS[kind.target(name)]
    paths = Paths(target)
    columns = paths.keys("")
    owner = getattr(many.model, many.owner)
    statement = paths.select([owner, *columns]).join(
        many.model, getattr(many.model, many.column) == paths.column("id")
    )
    if target.is_scoped:
        statement = statement.where(scope.visible(actor, paths.column("scope_id")))
    if len(ids) <= _NAMED_IDS:
        statement = statement.where(owner.in_(ids))
    found: dict[int, list[str]] = {}
    for element_id, *parts in session.execute(statement):
        found.setdefault(element_id, []).append(spelt(target, iter(parts)) or "")
    return {element_id: tuple(sorted(keys)) for element_id, keys in found.items()}


def fetch_holding(
    session: AnySession, actor: Actor, word: ElementKind, name: str, element_id: int
) -> tuple[ElementRow, ...]:
    """Return the elements of kind `word` whose list `name` names the element with this id."""
    shape = _shape(word)
    many = shape.kind.many[name]
    owners = select(getattr(many.model, many.owner)).where(
        getattr(many.model, many.column) == element_id
    )
    held = shape.paths.column("id").in_(owners)
    found = repository.fetch(session, actor, shape.listing, EVERYTHING, held)
    return _elements(session, actor, shape, found.items)


@cache
def _shape(word: ElementKind) -> _Shape:
    kind, paths = KINDS[word], Paths(KINDS[word])
    scope = paths.column("scope_id") if kind.is_scoped else None
    columns = [paths.column("id"), literal(None) if scope is None else scope]
    asked: dict[str, Any] = {}
    counted: list[tuple[str, int]] = []
    single = [] if kind.single_key is None else [kind.single_key]
    for name in [*single, *kind.plain, *kind.references]:
        own = paths.keys(name) if name in kind.references else [paths.column(name)]
        if len(own) == 1:
            asked[name] = own[0]
        counted.append((name, len(own)))
        columns += own
    key = columns[0] if kind.single_key is None else asked[kind.single_key]
    search = paths.column("search_text") if kind.searched else _code(kind, asked)
    listing = Listing(_as_tuple, paths.select(columns), scope, key, asked, search, paths)
    return _Shape(kind, listing, paths, tuple(counted))


def _code(kind: Kind, asked: dict[str, Any]) -> Any:
    """Return the words of its own in a kind's key: codes and addresses, which carry no marks."""
    own = [name for name in kind.row.key_fields if name in asked and name not in kind.references]
    words = [func.lower(cast(asked[name], String)) for name in own]
    return sum(words[1:], words[0]) if words else None


def _as_tuple(*values: Any) -> tuple[Any, ...]:
    return values


def _elements(
    session: AnySession, actor: Actor, shape: _Shape, rows: Sequence[tuple[Any, ...]]
) -> tuple[ElementRow, ...]:
    if not rows:
        return ()
    kind = shape.kind
    ids = [row[0] for row in rows]
    lists = {name: members(session, actor, kind.kind, name, ids) for name in kind.many}
    found = []
    for element_id, scope_id, *values in rows:
        rest = iter(values)
        fields = {name: _field(kind, name, rest, size) for name, size in shape.fields}
        key = str(fields[kind.single_key]) if kind.single_key else kind.key_of(fields)
        fields |= {name: keys.get(element_id, ()) for name, keys in lists.items()}
        found.append(ElementRow(element_id, scope_id, kind.kind, key, fields))
    return tuple(found)


def _field(kind: Kind, name: str, values: Iterator[Any], size: int) -> Any:
    if name not in kind.references:
        return next(values)
    parts = iter([next(values) for _ in range(size)])
    return spelt(KINDS[kind.references[name]], parts) or None


def spelt(kind: Kind, parts: Iterator[Any]) -> str | None:
    """Return the key whose `parts` are those that `Paths.keys` gives; None where there is none."""
    fields = {
        name: spelt(KINDS[kind.references[name]], parts) if name in kind.references else next(parts)
        for name in kind.row.key_fields
    }
    return kind.key_of(fields) or None


def _named(paths: Paths, kind: Kind, path: str, key: str) -> ColumnElement[bool]:
    """Return the condition that the element at `path` has this key, however it may be split."""
    optional = [one for one in kind.row.key_fields if not kind.row.model_fields[one].is_required()]
    found: list[ColumnElement[bool]] = []
    for absent in ([], *([one] for one in optional)):
        names = [name for name in kind.row.key_fields if name not in absent]
        unset = [paths.own(f"{path}.{name}" if path else name).is_(None) for name in absent]
        for parts in _splits(key, kind.separator, len(names)):
            pairs = zip(names, parts, strict=True)
            given = [_has(paths, kind, (path, name), part) for name, part in pairs]
            found.append(and_(*unset, *given))
    return or_(*found) if found else false()


def _has(paths: Paths, kind: Kind, field: tuple[str, str], value: str) -> ColumnElement[bool]:
    path, name = field
    inner = f"{path}.{name}" if path else name
    if name in kind.references:
        return _named(paths, KINDS[kind.references[name]], inner, value)
    column = paths.column(inner)
    if column.type.python_type is not int:
        return and_(column == value)
    return and_(column == int(value)) if _NUMBER.fullmatch(value) else false()


def _splits(key: str, separator: str, count: int) -> Iterator[tuple[str, ...]]:
    if count == 1:
        yield (key,)
        return
    pieces = key.split(separator)
    if len(pieces) > _MAX_PARTS:
        return
    for cuts in combinations(range(1, len(pieces)), count - 1):
        edges = (0, *cuts, len(pieces))
        yield tuple(separator.join(pieces[a:b]) for a, b in pairwise(edges))
