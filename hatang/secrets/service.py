"""Keeps credentials sealed and hands them to drivers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang import events
from hatang.audit import record
from hatang.auth import Permission, require
from hatang.clock import now
from hatang.db.equipment import equipment
from hatang.errors import InvalidInputError, NotFoundError, SettingsError, TamperedError
from hatang.sealing import MasterKey, declare, place
from hatang.secrets.checks import problems_of
from hatang.secrets.credential import WEAK, Credential
from hatang.secrets.models import CredentialRow

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession

CHANGED: Final = "credential.changed"

declare(CredentialRow, "id", "fields")


@dataclass(frozen=True, slots=True)
class CredentialSummary:
    """What may be shown of a credential.

    `weak` are the weak algorithms it uses, `unknown` where a field does not open.
    """

    name: str
    kind: str
    username: str
    fields: tuple[str, ...]
    weak: tuple[str, ...]
    updated_at: datetime
    updated_by: str


def put(
    session: WriteSession, actor: Actor, name: str, kind: str, fields: Mapping[str, str]
) -> None:
    """Create or replace the credential `name`.

    Raises:
        DeniedError: the actor may not write credentials.
        InvalidInputError: unknown kind or fields, or a needed field is missing; all at once.
    """
    require(actor, Permission.CREDENTIAL_WRITE)
    problems = problems_of(name, kind, fields, where="credential")
    if problems:
        raise InvalidInputError(problems)
    row = session.scalar(select(CredentialRow).where(CredentialRow.name == name))
    verb = "create" if row is None else "replace"
    if row is None:
        row = CredentialRow(name=name, fields={}, created_at=now())
        session.add(row)
    row.kind, row.username = kind, fields.get("username", "")
    row.updated_at, row.updated_by = now(), actor.name
    session.flush()
    key = equipment(session, MasterKey)
    row.fields = {
        field: key.seal(value.encode(), place("credential", row.id, field))
        for field, value in fields.items()
    }
    session.flush()
    detail = {"kind": kind, "fields": sorted(fields)}
    record(session, actor, f"credential.{verb}", f"credential/{name}", detail)
    events.publish(session, CHANGED, name, {"kind": kind})


def get(session: AnySession, name: str) -> Credential:
    """Return the credential `name` for a driver to use.

    Raises:
        NotFoundError: there is none.
        TamperedError: a field was changed in the database, or moved from another row.
    """
    row = _row(session, name)
    key = equipment(session, MasterKey)
    fields = {
        field: key.unseal(sealed, place("credential", row.id, field)).decode()
        for field, sealed in row.fields.items()
    }
    return Credential(row.name, row.kind, fields)


def list_all(session: AnySession) -> list[CredentialSummary]:
    """Return all credentials by name, without any value that is secret."""
    key = equipment(session, MasterKey)
    rows = session.scalars(select(CredentialRow).order_by(CredentialRow.name))
    return [
        CredentialSummary(
            row.name,
            row.kind,
            row.username,
            tuple(sorted(row.fields)),
            _weak(row, key),
            row.updated_at,
            row.updated_by,
        )
        for row in rows
    ]


def delete(session: WriteSession, actor: Actor, name: str) -> None:
    """Delete the credential `name`; raises DeniedError or NotFoundError."""
    require(actor, Permission.CREDENTIAL_WRITE)
    session.delete(_row(session, name))
    session.flush()
    record(session, actor, "credential.delete", f"credential/{name}")
    events.publish(session, CHANGED, name, {"deleted": True})


def _weak(row: CredentialRow, key: MasterKey) -> tuple[str, ...]:
    used = [field for field in WEAK if field in row.fields]
    try:
        opened = {
            field: key.unseal(row.fields[field], place("credential", row.id, field)).decode()
            for field in used
        }
    except (SettingsError, TamperedError):
        return ("unknown",)
    return tuple(value for field, value in opened.items() if value in WEAK[field])


def _row(session: AnySession, name: str) -> CredentialRow:
    row = session.scalar(select(CredentialRow).where(CredentialRow.name == name))
    if row is None:
        raise NotFoundError(
            f"there is no credential {name}", fix="Load it with `hatang credential import FILE`."
        )
    return row
