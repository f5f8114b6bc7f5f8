from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from hatang import scope
from hatang.auth import Actor, Role
from hatang.errors import ConflictError, NotFoundError
from hatang.scope import Scope, ScopeClosure

if TYPE_CHECKING:
    from hatang.db import Database, WriteSession

OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["add", "add", "move", "remove"]), st.integers(0, 9), st.integers(0, 9)
    ),
    min_size=3,
    max_size=14,
)


def chains(parents: dict[int, int | None]) -> set[tuple[int, int, int]]:
    pairs = set()
    for node in parents:
        above: int | None = node
        depth = 0
        while above is not None:
            pairs.add((above, node, depth))
            above, depth = parents[above], depth + 1
    return pairs


def below(parents: dict[int, int | None], node: int) -> set[int]:
    return {low for high, low, _ in chains(parents) if high == node}


def apply(
    session: WriteSession, parents: dict[int, int | None], operation: tuple[str, int, int]
) -> None:
    verb, first, second = operation
    nodes: list[int | None] = [None, *parents]
    node, parent = nodes[first % len(nodes)], nodes[second % len(nodes)]
    if verb == "add":
        parents[scope.add(session, parent)] = parent
    elif node is None:
        return
    elif verb == "move" and parent not in below(parents, node):
        scope.move(session, node, parent)
        parents[node] = parent
    elif verb == "move":
        with pytest.raises(ConflictError):
            scope.move(session, node, parent)
    elif below(parents, node) == {node}:
        scope.remove(session, node)
        del parents[node]
    else:
        with pytest.raises(ConflictError):
            scope.remove(session, node)


@pytest.mark.slow
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(operations=OPERATIONS)
def test_the_closure_is_the_tree_whatever_was_done_to_it(
    database: Database, operations: list[tuple[str, int, int]]
) -> None:
    parents: dict[int, int | None] = {}
    with database.write() as session:
        session.execute(delete(ScopeClosure))
        session.execute(delete(Scope))
        for seed in (("add", 0, 0), ("add", 0, 1), ("add", 0, 2), ("add", 0, 1)):
            apply(session, parents, seed)
        for operation in operations:
            apply(session, parents, operation)
    with database.read() as reading:
        pairs = reading.scalars(select(ScopeClosure))
        stored = {(pair.ancestor_id, pair.descendant_id, pair.depth) for pair in pairs}
        rows = {node.id: node.parent_id for node in reading.scalars(select(Scope))}
    assert rows == parents
    assert stored == chains(parents)


def test_a_moved_scope_leaves_its_old_ancestors_and_takes_all_below_along(
    database: Database,
) -> None:
    with database.write() as session:
        old, new = scope.add(session), scope.add(session)
        moved = scope.add(session, old)
        leaf = scope.add(session, moved)
        scope.move(session, moved, new)
        assert scope.ancestors(session, leaf) == [leaf, moved, new]
        assert scope.descendants(session, old) == {old}


def person(*scope_ids: int) -> Actor:
    return Actor(1, "an", frozenset({Role.VIEWER}), frozenset(scope_ids))


def test_a_person_sees_his_scopes_and_all_below_and_nothing_else(database: Database) -> None:
    with database.write() as session:
        root = scope.add(session)
        left, right = scope.add(session, root), scope.add(session, root)
        leaf = scope.add(session, left)
        seen = select(Scope.id).where(scope.visible(person(left), Scope.id))
        assert set(session.scalars(seen)) == {left, leaf}
        assert scope.reaches(session, person(left), leaf)
        assert not scope.reaches(session, person(left), right)


def test_no_scope_is_nothing_and_the_whole_province_is_all(sqlite_database: Database) -> None:
    everywhere = Actor(1, "an", frozenset(), None)
    with sqlite_database.write() as session:
        root = scope.add(session)
        for actor, expected in ((person(), set()), (everywhere, {root})):
            seen = set(session.scalars(select(Scope.id).where(scope.visible(actor, Scope.id))))
            assert seen == expected
        assert not scope.reaches(session, person(root), None)
        assert scope.reaches(session, everywhere, None)


def test_a_missing_parent_is_refused(sqlite_database: Database) -> None:
    with sqlite_database.write() as session, pytest.raises(NotFoundError):
        scope.add(session, 99)
