"""What devices said unasked: traps and log lines."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.command import noun, verb
from cli.door import door
from cli.options import LimitOption, OffsetOption
from cli.output import say, show_rows
from monitors.hints import service
from monitors.hints.schema import HintKind

hint: typer.Typer = noun("hint", "What devices said unasked: traps and log lines.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(hint)


@verb(hint, "list")
def list_hints(
    *,
    device: Annotated[str | None, typer.Option(help="Of this device alone.")] = None,
    kind: Annotated[HintKind | None, typer.Option(help="Of this kind alone.")] = None,
    limit: LimitOption = 100,
    offset: OffsetOption = 0,
) -> None:
    """List what devices said, newest first; each made the monitor look, none changed a state.

    Example: hatang hint list --device core-1 --format json
    """
    with door().read() as (session, actor):
        found = service.list_hints(
            session, actor, device=device, kind=kind, limit=limit, offset=offset
        )
    text = f"text_{door().settings.language}"
    show_rows(found.hints, "last_at", "device", "element", "kind", "count", "is_verified", text)
    if found.total > len(found.hints):
        say(f"{len(found.hints)} of {found.total} shown")
