"""Work that goes on in the worker."""

from __future__ import annotations

from typing import Annotated

import typer

from cli import exits
from cli.command import noun, verb
from cli.door import door
from cli.output import show
from cli.waiting import until_ended
from hatang.auth import Permission, require
from hatang.jobs import JobState, runs

job: typer.Typer = noun("job", "Work that goes on in the worker.")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(job)


@verb(job, "show")
def show_(key: str) -> None:
    """Show where a job stands.

    Example: hatang job show change/3/push/12 --as lan
    """
    with door().read() as (session, actor):
        require(actor, Permission.JOB_READ)
        show(runs.status(session, key))


@verb(job, "wait")
def wait(
    key: str,
    *,
    timeout: Annotated[int, typer.Option(min=0, help="Seconds.")] = 900,
) -> None:
    """Wait until a job ended; exit status 1 unless it succeeded.

    Example: hatang job wait run/4 --timeout 60 --as lan
    """
    opened = door()
    with opened.read() as (_session, actor):
        require(actor, Permission.JOB_READ)
    (found,) = until_ended(opened.app.db, [key], timeout)
    show(found)
    if found.state is not JobState.SUCCEEDED:
        raise typer.Exit(exits.FAILED)
