"""Data files that come with the monitors: read, held to their form, every fault told at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from hatang.errors import InvalidInputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

Form = TypeVar("Form", bound=BaseModel)


def read_form(
    path: Path,
    load: Callable[[str], Any],
    form: type[Form],
    described: str,
    *,
    strict: bool | None = None,
) -> Form:
    """Return the file `path` as `form`; `load` is a safe reader of YAML.

    `described` is the file that says how such files look, for whoever has to mend one. `strict`
    False takes what YAML writes for a tuple or a word of a closed set; None is as the form says.

    Raises:
        InvalidInputError: the file has problems; all of them are listed.
    """
    try:
        return form.model_validate(load(path.read_text("utf-8")), strict=strict)
    except yaml.YAMLError as error:
        problem = Problem(path.name, "", "", f"is no YAML: {error}", "Mend the syntax.")
        raise InvalidInputError([problem]) from error
    except ValidationError as error:
        raise InvalidInputError(
            [
                Problem(
                    where=path.name,
                    field=".".join(str(part) for part in detail["loc"]),
                    value=str(detail["input"])[:80],
                    message=detail["msg"],
                    fix=f"Give it the form that {described} describes.",
                )
                for detail in error.errors()
            ]
        ) from error
