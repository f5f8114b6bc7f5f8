"""What each dialect looks like, as data: its form, its first words, how a whole text ends."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import BaseModel, ConfigDict

from hatang.errors import NotFoundError

DIRECTORY: Final = Path(__file__).parents[1] / "dialects"


class Dialect(BaseModel):
    """One dialect.

    `words` are the first words its top level may have (negations left out), `ends_with` the last
    line that the command printing the whole configuration always prints, `foreign` first words
    that prove a text to be of another vendor. `is_proven` says whether
    configurations of real devices of this dialect were read when its rules were written.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    platforms: tuple[str, ...] = ()
    form: Literal["indented", "junos", "fortios", "routeros", "linux"]
    comment: str = "!"
    negations: tuple[str, ...] = ("no", "default")
    closers: tuple[str, ...] = ()
    ends_with: str = ""
    is_proven: bool = False
    words: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()


@cache
def names() -> tuple[str, ...]:
    """Return the names of all dialects, sorted."""
    return tuple(sorted(path.stem for path in DIRECTORY.glob("*.yaml")))


@cache
def dialect(name: str) -> Dialect:
    """Return one dialect; raises NotFoundError."""
    if name not in names():
        raise NotFoundError(f"there is no dialect {name}", fix=f"Use one of {', '.join(names())}.")
    text = (DIRECTORY / f"{name}.yaml").read_text(encoding="utf-8")
    content = yaml.load(text, yaml.CSafeLoader)
    for field in ("words", "foreign"):
        content[field] = frozenset(content.get(field, "").split())
    return Dialect.model_validate(content)


@cache
def of_platform(platform: str) -> str:
    """Return the dialect a platform's configuration is written in, empty where none is known."""
    for name in names():
        if platform in dialect(name).platforms:
            return name
    return ""
