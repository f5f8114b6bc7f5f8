"""Credentials as the doors handle them: added, rotated, removed where nothing logs in by them.

The secrets are the kernel's; what uses which stands in the inventory.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang import secrets
from hatang.auth import Permission
from hatang.errors import ConflictError, DeniedError, InvalidInputError, NotFoundError, Problem
from inventory.models import Bridge, Device, Endpoint, Registrar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession
    from hatang.secrets import CredentialSummary


@dataclass(frozen=True, slots=True)
class HeldCredential:
    """What may be shown of a credential, and how many elements name it."""

    summary: CredentialSummary
    used_by: int


def list_credentials(session: AnySession, actor: Actor) -> list[HeldCredential]:
    """Return all credentials by name, without any value that is secret.

    Raises:
        DeniedError: the actor may not write credentials of the whole province.
    """
    _require(actor)
    used = _used(session)
    return [HeldCredential(one, used[one.name]) for one in secrets.list_all(session)]


def add_credential(
    session: WriteSession, actor: Actor, name: str, kind: str, fields: Mapping[str, str]
) -> None:
    """Keep a new credential.

    Raises:
        DeniedError: the actor may not write credentials of the whole province.
        ConflictError: there is one of this name.
        InvalidInputError: everything wrong with name, kind and fields at once.
    """
    _require(actor)
    if name in _names(session):
        fix = "Rotate it, or choose another name."
        raise ConflictError(f"there is a credential {name} already", fix=fix)
    secrets.put(session, actor, name, kind, fields)


def rotate_credential(
    session: WriteSession, actor: Actor, name: str, fields: Mapping[str, str]
) -> None:
    """Give a credential new values; what `fields` leaves out stays, what is empty is taken away.

    Raises:
        DeniedError: the actor may not write credentials of the whole province.
        NotFoundError: there is none of this name.
        InvalidInputError: everything wrong with the fields at once.
    """
    _require(actor)
    if name not in _names(session):
        raise NotFoundError(f"there is no credential {name}", fix="Add it first.")
    if not fields:
        fix = "Give at least one new value."
        raise InvalidInputError([Problem("credential", f"{name}.fields", "", "is missing", fix)])
    held = secrets.get(session, name)
    known = secrets.FIELDS[held.kind]
    values = {field: held.reveal(field) for field in known if held.has(field)} | dict(fields)
    secrets.put(
        session, actor, name, held.kind, {field: value for field, value in values.items() if value}
    )


def remove_credential(session: WriteSession, actor: Actor, name: str) -> None:
    """Forget a credential that nothing names any more.

    Raises:
        DeniedError: the actor may not write credentials of the whole province.
        NotFoundError: there is none of this name.
        ConflictError: elements of the inventory still log in by it.
    """
    _require(actor)
    users = _used(session)[name]
    if users:
        fix = "Name another credential there first: hatang inventory import FILE."
        raise ConflictError(f"{users} elements of the inventory log in by {name}", fix=fix)
    secrets.delete(session, actor, name)


def _require(actor: Actor) -> None:
    # A credential opens devices of any unit.
    if actor.acting(Permission.CREDENTIAL_WRITE).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} may not handle credentials of the whole province",
            fix="Ask somebody whose role reaches the whole province.",
        )


def _names(session: AnySession) -> set[str]:
    return set(session.scalars(select(secrets.CredentialRow.name)))


def _used(session: AnySession) -> Counter[str]:
    """Return how many elements of the inventory name each credential."""
    used: Counter[str] = Counter()
    for given in session.scalars(select(Device.credentials)):
        used.update(set(given.values()))
    for model in (Endpoint, Bridge, Registrar):
        named = select(model.credential).where(model.credential.is_not(None))
        used.update(name for name in session.scalars(named) if name)
    return used
