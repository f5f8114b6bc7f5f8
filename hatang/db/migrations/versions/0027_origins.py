"""Mask what was filled in of templates: a secret among it stood in the clear.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

REDACTED = "<redacted>"


def upgrade() -> None:
    """Keep the names of parameters; the lines they went into are sealed and stay."""
    connection = op.get_bind()
    changes = sa.table(
        "playbooks_change", sa.column("id", sa.Integer), sa.column("origin", sa.Text)
    )
    rows = connection.execute(sa.select(changes.c.id, changes.c.origin)).all()
    for number, text in rows:
        origin = json.loads(text or "{}")
        parameters = origin.get("parameters")
        if not isinstance(parameters, dict) or set(parameters.values()) <= {REDACTED}:
            continue
        origin["parameters"] = dict.fromkeys(parameters, REDACTED)
        masked = changes.update().where(changes.c.id == number)
        connection.execute(masked.values(origin=json.dumps(origin)))
