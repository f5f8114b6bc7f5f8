"""The command `hatang-lab`: the province in a box."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from lab import state
from lab.address import DEFAULT_PREFIX
from lab.down import sweep
from lab.errors import LabError
from lab.tree import cache_directory
from lab.up import Order
from lab.up import up as bring_up

EXIT_REFUSED = 2
DEFAULT_SEED = 20250701

app = typer.Typer(
    help="A province in a box: real routers, services and rooms in namespaces of this machine.",
    no_args_is_help=True,
    add_completion=False,
)
StateOption = Annotated[Path | None, typer.Option("--state", help="Where the lab keeps its state.")]


def say(line: str) -> None:
    """Print a progress line."""
    typer.echo(line)


@app.command()
def up(
    *,
    prefix: Annotated[str, typer.Option(help="A free /16.")] = DEFAULT_PREFIX,
    seed: Annotated[int, typer.Option(help="The same seed draws the same lab.")] = DEFAULT_SEED,
    only: Annotated[str, typer.Option(help="`small`: two hubs, four communes.")] = "full",
    directory: StateOption = None,
    cache: Annotated[Path | None, typer.Option(help="Where the Debian tree is kept.")] = None,
) -> None:
    """Start the province and wait until everything answers.

    Example: hatang-lab up --prefix 10.77.0.0/16 --only small
    """
    place = (directory or state.DEFAULT_STATE).resolve()
    say(f"seed {seed}, prefix {prefix}, state in {place}")
    with state.locked():
        bring_up(Order(prefix, seed, only, place, cache_directory(cache)), say)


@app.command()
def down(
    *,
    directory: StateOption = None,
    purge: Annotated[bool, typer.Option("--purge", help="Forget passwords and keys too.")] = False,
) -> None:
    """Take everything away; harmless when nothing runs.

    Example: hatang-lab down --purge
    """
    with state.locked():
        count = sweep(state.locate(directory), purge=purge)
    say(f"down: {count} namespaces removed" if count else "nothing was up")


def main() -> None:
    """Run the command; a refusal is one sentence and exit status 2."""
    try:
        app()
    except LabError as error:
        typer.echo(f"hatang-lab: {error}", err=True)
        sys.exit(EXIT_REFUSED)
