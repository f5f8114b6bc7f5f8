"""The text of an intended configuration: its template and parameters, kept sealed in one blob."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from hatang import blobs, scope
from hatang.errors import NotFoundError
from playbooks.models import IntendedConfiguration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Select

    from hatang.auth import Actor
    from hatang.db import AnySession, WriteSession


@dataclass(frozen=True, slots=True, repr=False)
class Content:
    """A template with its own parameters; both may hold secrets."""

    template: str
    parameters: Mapping[str, Any]


def put(session: WriteSession, content: Content) -> str:
    """Keep `content` and return its blob's address."""
    plain = {"template": content.template, "parameters": dict(content.parameters)}
    return blobs.put(session, json.dumps(plain, sort_keys=True).encode())


def read(session: AnySession, row: IntendedConfiguration) -> Content:
    """Return what was set; raises TamperedError when its file is gone or another."""
    return Content(**json.loads(blobs.get(session, row.content)))


def in_force(acting: Actor) -> Select[IntendedConfiguration]:
    """Return the statement of the intended configurations that reach where `acting` looks."""
    return select(IntendedConfiguration).where(
        IntendedConfiguration.removed_at.is_(None),
        scope.visible(acting, IntendedConfiguration.scope_id)
        | IntendedConfiguration.scope_id.is_(None),
    )


def named(session: AnySession, acting: Actor, name: str) -> IntendedConfiguration:
    """Return the intended configuration `name`; raises NotFoundError."""
    row = session.scalar(in_force(acting).where(IntendedConfiguration.name == name))
    if row is None:
        raise NotFoundError(
            f"there is no intended configuration {name}", fix="See hatang drift intended list."
        )
    return row
