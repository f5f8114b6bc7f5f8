"""Who acts: a person or a process, with roles and the scopes they reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from hatang.auth.roles import APPROVING, Permission, Role, permissions_of
from hatang.errors import DeniedError


@dataclass(frozen=True, slots=True)
class Grant:
    """One role in one scope and all below it; None is the whole province."""

    role: Role
    scope_id: int | None


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever a service function acts for.

    `scope_ids` are the scopes that *every* held role reaches (None: the whole province), so
    that code which filters by them alone never gives too much; `acting` widens it to what one
    permission reaches.
    """

    id: int | None
    name: str
    roles: frozenset[Role]
    scope_ids: frozenset[int] | None
    grants: frozenset[Grant] = field(default=frozenset(), compare=False)
    is_system: bool = False

    @classmethod
    def system(cls, name: str) -> Self:
        """Return a process of hatang itself: it may do all but approve."""
        return cls(None, name, frozenset(), None, is_system=True)

    def may(self, permission: Permission) -> bool:
        """Tell whether some role of the actor carries `permission`, in whichever scope."""
        if self.is_system:
            return permission not in APPROVING
        return permission in permissions_of(self.roles)

    def acting(self, permission: Permission) -> Actor:
        """Return the actor narrowed to the roles and scopes that carry `permission`.

        Raises:
            DeniedError: no role carries it.
        """
        require(self, permission)
        if self.is_system or not self.grants:
            return self
        carrying = frozenset(
            grant for grant in self.grants if permission in permissions_of(frozenset({grant.role}))
        )
        scopes = {grant.scope_id for grant in carrying}
        reach = None if None in scopes else frozenset(s for s in scopes if s is not None)
        roles = frozenset(grant.role for grant in carrying)
        return Actor(self.id, self.name, roles, reach, carrying)


def require(actor: Actor, permission: Permission) -> None:
    """Return when `actor` may do `permission`; raise DeniedError otherwise.

    This looks at roles alone. Rows are filtered by `scope.visible(actor, column)`, and a single
    object is checked by `scope.reaches`.
    """
    if not actor.may(permission):
        raise DeniedError(
            f"{actor.name} may not {permission}",
            fix="Ask an administrator for a role that carries this permission.",
        )
