"""What the HTTP doors are made of."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from api.context import ApiContext
from cli.wiring.jobs import JOB_MODULES
from hatang.jobs.dbos_engine import DbosClient

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cli.wiring import App

__all__ = ["JOB_MODULES", "api_context"]


@contextmanager
def api_context(app: App) -> Iterator[ApiContext]:
    """Yield what the api works with; it asks for jobs, the worker runs them."""
    client = DbosClient(app.db, app.settings)
    try:
        yield ApiContext(app.settings, app.db, client, app.host_keys, app.monitor)
    finally:
        client.close()
