"""The one Alembic history of all packages."""
