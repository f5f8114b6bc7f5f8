"""Runbooks, in both languages; a checkout reads them from docs/, a wheel carries them along."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hatang.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

_PLACES: Final = (
    Path(__file__).parent / "runbook_texts",
    Path(__file__).parents[1] / "docs" / "runbooks",
)


@cache
def _texts() -> Mapping[tuple[str, str], Path]:
    found = next((place for place in _PLACES if place.is_dir()), None)
    files = [] if found is None else sorted(found.glob("*.*.md"))
    return {(path.name.split(".")[0], path.name.split(".")[1]): path for path in files}


def names() -> tuple[str, ...]:
    """Return the alerts that have a runbook."""
    return tuple(sorted({name for name, _language in _texts()}))


def read(name: str, language: str) -> str:
    """Return the runbook of alert `name` as Markdown; raises NotFoundError."""
    path = _texts().get((name, language))
    if path is None:
        raise NotFoundError(f"there is no runbook {name}")
    return path.read_text(encoding="utf-8")
