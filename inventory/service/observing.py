"""What devices say beside what is intended: recorded, compared, never written over intent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import insert, select, update

from hatang import clock, scope
from hatang.errors import NotFoundError
from inventory import elements as elements_of
from inventory import writing
from inventory.inbox.recording import note_fields
from inventory.kinds.registry import KINDS
from inventory.models import Field
from inventory.paths import Paths
from inventory.repository import Listing, fetch
from inventory.rows import FIRST_PAGE, DeviationRow, FactRow, Page, Query
from inventory.service.reading import READ, get_element

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from inventory.choices import ElementKind

# What a device says of itself is kept up to this many characters a field.
MAX_TEXT: Final = 4096
_AT_ONCE: Final = 500
_SECRET: Final = frozenset({"credentials", "host_keys", "ports"})

_DEVIATIONS: Final = Listing(
    DeviationRow,
    select(
        Field.kind,
        Field.element_id,
        Field.field,
        Field.intended,
        Field.observed,
        Field.source,
        Field.observed_at,
    ).where(
        Field.intended.is_not(None),
        Field.observed.is_not(None),
        Field.intended != Field.observed,
    ),
    Field.scope_id,
    Field.id,
    {"kind": Field.kind, "field": Field.field, "source": Field.source, "at": Field.observed_at},
)


def record_observation(
    session: WriteSession,
    kind: ElementKind,
    element_id: int,
    facts: Mapping[str, Any],
    source: str,
) -> None:
    """Record what `source` (snmp, ssh, lldp …) saw of one element, by field; intent stays.

    A field observed as None was looked for and not found: it is unknown, and no deviation.

    Raises:
        NotFoundError: there is no such element.
    """
    if session.get(writing.model_of(kind), element_id) is None:
        raise NotFoundError(f"the inventory has no {kind} {element_id}")
    record_observations(session, kind, {element_id: facts}, source)


def record_observations(
    session: WriteSession,
    kind: ElementKind,
    seen: Mapping[int, Mapping[str, Any]],
    source: str,
) -> None:
    """Record as `record_observation` what was seen of many elements, by id.

    As many statements for 500 elements as for one; an element that is gone is passed over.
    """
    ids = sorted(seen)
    for start in range(0, len(ids), _AT_ONCE):
        some = {one: seen[one] for one in ids[start : start + _AT_ONCE]}
        _record(session, kind, some, source)


def _record(
    session: WriteSession,
    kind: ElementKind,
    seen: Mapping[int, Mapping[str, Any]],
    source: str,
) -> None:
    names = sorted({name for facts in seen.values() for name in facts})
    elements = _intended(session, kind, list(seen), names)
    statement = select(Field.id, Field.element_id, Field.field, Field.observed, Field.intended)
    mine = (Field.kind == kind.value, Field.element_id.in_(seen), Field.field.in_(names))
    held = {(row.element_id, row.field): row for row in session.execute(statement.where(*mine))}
    now, same = clock.now(), list[int]()
    fresh, changed = list[dict[str, Any]](), list[dict[str, Any]]()
    for element_id, element in elements.items():
        for name, value in seen[element_id].items():
            intended = element.fields.get(name)
            observed = value[:MAX_TEXT] if isinstance(value, str) else value
            told = {
                "intended": intended,
                "observed": observed,
                "source": source,
                "observed_at": now,
            }
            row = held.get((element_id, name))
            if row is None:
                own = {"kind": kind.value, "element_id": element_id, "field": name}
                fresh.append({**own, **told, "scope_id": element.scope_id})
            elif (row.observed, row.intended) == (observed, intended):
                same.append(row.id)
            else:
                changed.append({"id": row.id, **told})
    if fresh:
        session.execute(insert(Field).execution_options(render_nulls=True), fresh)
    if changed:
        session.execute(update(Field), changed)
    if same:
        renewed = update(Field).where(Field.id.in_(same))
        session.execute(renewed.values(observed_at=now, source=source))
    session.expire_all()
    note_fields(session, mine, {one: element.title for one, element in elements.items()})


class _Element(NamedTuple):
    """What is intended of an element, by field, and whose it is."""

    scope_id: int
    title: str
    fields: dict[str, Any]


def _intended(
    session: WriteSession, word: ElementKind, ids: list[int], names: list[str]
) -> dict[int, _Element]:
    """Return the elements with what is intended of `names`; a reference by the key it names."""
    kind, paths = KINDS[word], Paths(KINDS[word])
    columns, widths = [paths.column("id"), paths.column("scope_id")], dict[str, int]()
    own = paths.keys("")
    for name in names:
        if name in kind.references:
            found = paths.keys(name)
        elif name in {*kind.plain, kind.single_key}:
            found = [paths.column(name)]
        else:
            continue  # nothing is intended of it, such as a system's description
        columns, widths[name] = columns + found, len(found)
    statement = paths.select([*own, *columns]).where(paths.column("id").in_(ids))
    elements = {}
    for values in session.execute(statement):
        title, rest = elements_of.spelt(kind, iter(values[: len(own)])), iter(values[len(own) :])
        element_id, scope_id = next(rest), next(rest)
        fields = {}
        for name, width in widths.items():
            parts = iter([next(rest) for _ in range(width)])
            if name in kind.references:
                fields[name] = elements_of.spelt(KINDS[kind.references[name]], parts)
            else:
                fields[name] = writing.stated(next(parts))
        elements[element_id] = _Element(scope_id, title or "", fields)
    return elements


def deviations(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[DeviationRow]:
    """Return the fields where observed is not intended; filters: kind, field, source."""
    return fetch(session, actor.acting(READ), _DEVIATIONS, query)


def list_facts(
    session: AnySession, actor: Actor, kind: ElementKind, key: str
) -> tuple[FactRow, ...]:
    """Return each field of an element of which something is intended or was observed.

    How to log in is left out.

    Raises:
        NotFoundError: no such element within the actor's scope.
    """
    element = get_element(session, actor, kind, key)
    key_field = KINDS[kind].single_key
    fields = {**({key_field: element.key} if key_field else {}), **element.fields}
    intended = {name: writing.stated(value) for name, value in fields.items()}
    visible = scope.visible(actor.acting(READ), Field.scope_id)
    mine = (Field.kind == kind.value, Field.element_id == element.id, visible)
    observed = {row.field: row for row in session.scalars(select(Field).where(*mine))}
    names = [name for name, value in intended.items() if value is not None]
    return tuple(
        _fact(name, intended.get(name), observed.get(name))
        for name in dict.fromkeys([*names, *sorted(observed)])
        if name not in _SECRET
    )


def _fact(name: str, intended: Any, seen: Field | None) -> FactRow:  # noqa: ANN401 RUF100 - any JSON
    if seen is None:
        return FactRow(name, intended, None, None, None, "unobserved")
    verdict = "same" if intended == seen.observed else "differs"
    if intended is None:
        verdict = "unwritten"
    if seen.observed is None:
        verdict = "untold"
    return FactRow(name, intended, seen.observed, seen.source, seen.observed_at, verdict)
