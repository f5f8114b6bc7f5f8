"""Where commands and processes begin: before anything is loaded that might not be installed.

Imports the standard library and `cli.exits` only, so that a package missing from the environment
is told in one sentence and never in a traceback.
"""

from __future__ import annotations

import gc
import sys
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING

from cli import exits

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHOUT_CHECKOUT = (
    "hatang-lab: the province in a box is not part of an installation; "
    "run it from a checkout of hatang, after `make env`."
)


def main() -> None:
    """Run `hatang`."""
    try:
        with _keeping_what_is_made():
            command = import_module("cli.main")
            command.load(sys.argv[1:])
    except ModuleNotFoundError as error:
        _refuse("hatang", error)
    command.main()


def lab() -> None:
    """Run `hatang-lab`, which lives beside the packages and not in the wheel."""
    try:
        with _keeping_what_is_made():
            command = import_module("lab.main")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "lab":
            sys.stderr.write(f"{WITHOUT_CHECKOUT}\n")
            sys.exit(exits.USAGE)
        _refuse("hatang-lab", error)
    command.main()


def role(name: str) -> None:
    """Be the process that plays the role `name`: a module of `cli.roles`."""
    try:
        with _keeping_what_is_made():
            module = import_module(f"cli.roles.{name}")
    except ModuleNotFoundError as error:
        _refuse("hatang", error)
    import_module("cli.roles").play(module.run)


@contextmanager
def _keeping_what_is_made() -> Iterator[None]:
    """Look for no garbage: what is imported stays, and looking took an eighth of a start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _refuse(name: str, error: ModuleNotFoundError) -> None:
    sys.stderr.write(f"{name}: {exits.explain(error)}\n")
    sys.exit(exits.status_of(error))


if __name__ == "__main__":
    role(sys.argv[1])
