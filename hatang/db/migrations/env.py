"""Alembic's entry: runs on the connection the runner hands over."""

from __future__ import annotations

from alembic import context

from hatang.db.types import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
