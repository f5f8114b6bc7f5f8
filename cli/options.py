"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hatang.errors import InvalidInputError, Problem

LimitOption = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Rows to show.")]
OffsetOption = Annotated[int, typer.Option("--offset", min=0, help="Rows to skip.")]
SortOption = Annotated[str, typer.Option("--sort", help="A column; -column sorts downwards.")]
OutOption = Annotated[Path, typer.Option("--out", help="Write this file: .pdf or .xlsx.")]
LanguageOption = Annotated[str, typer.Option("--language", help="Of what is written: vi or en.")]
PlanOption = Annotated[str, typer.Option("--plan", help="The hash of the plan you have read.")]

SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="A parameter as name=value; again for more.")
]


def assigned(words: list[str]) -> dict[str, str]:
    """Return `name=value` words as a mapping; raises InvalidInputError for all that are none."""
    fix = "Write --set name=value, each name once."
    problems, given = [], {}
    for word in words:
        name, sign, value = word.partition("=")
        if not sign or name in given:
            problems.append(Problem("--set", name[:100], "", "is no new name=value", fix))
        given[name] = value
    if problems:
        raise InvalidInputError(problems)
    return given


def several(text: str) -> list[str]:
    """Return the names of an option that takes several, with commas between."""
    return [each.strip() for each in text.split(",") if each.strip()]
