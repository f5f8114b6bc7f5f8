"""The pages people read, and the parts of them that tests look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(!?)\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_INLINE = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT))

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def prose(self) -> str:
        return _FENCE.sub("", self.text)

    def blocks(self, language: str = "") -> list[str]:
        return [body for word, body in _FENCE.findall(self.text) if word == language]

    def links(self) -> list[str]:
        return [target for mark, target in _LINK.findall(self.prose) if not mark]

    def images(self) -> list[str]:
        return [target for mark, target in _LINK.findall(self.prose) if mark]

    def inline(self) -> list[str]:
        return _INLINE.findall(self.prose)

    @cached_property
    def headings(self) -> list[str]:
        return _HEADING.findall(self.prose)

    def anchors(self) -> set[str]:
        return {slug(heading) for heading in self.headings}


def slug(heading: str) -> str:
    """Return the anchor that GitHub and GitLab give a heading."""
    bare = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return bare.replace(" ", "-")


def pages() -> list[Page]:
    """Return every page of the repository."""
    return [Page(path) for path in sorted(_paths())]


def page(name: str) -> Page:
    """Return a page of docs/."""
    return Page(ROOT / "docs" / name)


def _paths() -> Iterator[Path]:
    yield from ROOT.glob("*.md")
    yield from (ROOT / "docs").rglob("*.md")
