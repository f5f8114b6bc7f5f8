"""The modules that come with hatang, read from their files and checked against each other."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import ValidationError

from hatang.errors import InvalidInputError, Problem
from monitors.modules import crossing
from monitors.modules.schema import Module

DIRECTORY: Final = Path(__file__).parent
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read(path: Path) -> Module:
    """Return the module in the file `path`.

    Raises:
        InvalidInputError: the file has problems; all of them are listed.
    """
    try:
        text = path.read_text("utf-8")
        return Module.model_validate(yaml.load(text, Loader=_LOADER))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise InvalidInputError(
            [Problem(path.name, "", "", f"is no YAML: {error}", "Mend the syntax.")]
        ) from error
    except ValidationError as error:
        raise InvalidInputError(
            [
                Problem(
                    where=path.name,
                    field=".".join(str(part) for part in detail["loc"]),
                    value=str(detail["input"])[:80],
                    message=detail["msg"],
                    fix="Give it the form that monitors/modules/schema.py describes.",
                )
                for detail in error.errors()
            ]
        ) from error


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
