from __future__ import annotations

import pytest

from hatang.auth import Actor, Grant, Permission, Role, conflicts, permissions_of, require
from hatang.auth.roles import APPROVING, PERMISSIONS
from hatang.errors import DeniedError


def test_every_role_has_a_row_and_every_permission_somebody() -> None:
    assert set(PERMISSIONS) == set(Role)
    assert permissions_of(frozenset(Role)) == set(Permission)


def test_an_administrator_approves_nothing() -> None:
    assert not APPROVING & PERMISSIONS[Role.ADMIN]


@pytest.mark.parametrize(
    ("first", "second"),
    [(Role.ADMIN, Role.AUDITOR), (Role.AUDITOR, Role.ENGINEER), (Role.ADMIN, Role.APPROVER)],
)
def test_conflicting_roles_are_named(first: Role, second: Role) -> None:
    assert conflicts(frozenset({first, second, Role.VIEWER})) == [(first, second)]


def test_a_missing_permission_is_denied() -> None:
    viewer = Actor(1, "an", frozenset({Role.VIEWER}), None)
    require(viewer, Permission.INVENTORY_READ)
    with pytest.raises(DeniedError, match="inventory:write"):
        require(viewer, Permission.INVENTORY_WRITE)


def test_a_process_does_all_but_approve() -> None:
    worker = Actor.system("worker")
    assert {p for p in Permission if not worker.may(p)} == APPROVING


def test_acting_reaches_only_where_the_permission_was_granted() -> None:
    grants = frozenset({Grant(Role.VIEWER, None), Grant(Role.OPERATOR, 5)})
    actor = Actor(1, "an", frozenset({Role.VIEWER, Role.OPERATOR}), frozenset({5}), grants)
    assert actor.acting(Permission.INVENTORY_READ).scope_ids is None
    assert actor.acting(Permission.CHANGE_REQUEST).scope_ids == frozenset({5})
    with pytest.raises(DeniedError):
        actor.acting(Permission.CHANGE_APPROVE)
