"""The modules that come with hatang, read from their files and checked against each other."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import Final

import yaml

from hatang.errors import InvalidInputError
from monitors.forms import read_form
from monitors.modules import crossing
from monitors.modules.schema import Module

DIRECTORY: Final = Path(__file__).parent
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Module:
    """Return the module in the file `path`.

    Raises:
        InvalidInputError: the file has problems; all of them are listed.
    """
    return read_form(path, partial(yaml.load, Loader=_LOADER), Module, "monitors/modules/schema.py")


@cache
def built_in() -> tuple[Module, ...]:
    """Return the modules that come with hatang, in a fixed order.

    Raises:
        InvalidInputError: one is malformed, or names an object that no module reads.
    """
    modules = tuple(read(path) for path in sorted(DIRECTORY.glob("*.yaml")))
    problems = crossing.problems(modules)
    if problems:
        raise InvalidInputError(problems)
    return modules
