"""Configuration text as a tree that keeps line numbers, for the dialects that nest by indentation.

IOS, EOS and FRR write one statement a line, children indented under their parent; `!` separates.
Free text (banners) and key material (certificate bodies) are one statement each, because a line of
a banner that looks like a command is not one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_REFUSALS: Final = ("% Invalid", "% Incomplete", "% Ambiguous", "% Unknown command", "% Command")
_CLOSERS: Final = frozenset({"exit", "end", "exit-address-family", "exit-vrf", "quit"})
_BANNER: Final = re.compile(r"^banner (?!motd (?:line|file|default)\b)\S+(?: (\^C|\S))?")
_KEY_BODY: Final = re.compile(r"^\s*certificate \S+")
_PREAMBLE: Final = re.compile(r"^(Building configuration|Current configuration|Using \d+ out of)")


@dataclass(slots=True)
class Statement:
    """One configuration statement; `line` counts from 1, `end` is its last line."""

    line: int
    text: str
    indent: int
    children: list[Statement] = field(default_factory=list)
    end: int = 0

    def walk(self) -> Iterator[Statement]:
        """Yield this statement and everything under it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed configuration.

    `statements` are the top-level ones, `line_count` the lines that carry something, and
    `not_understood` the numbers of lines that no rule may lean on.
    """

    statements: tuple[Statement, ...]
    line_count: int
    not_understood: tuple[int, ...]

    @property
    def coverage(self) -> float:
        """Share of lines understood, 0 to 1; 0 when there is no line at all."""
        if self.line_count == 0:
            return 0.0
        return 1 - len(self.not_understood) / self.line_count

    def walk(self) -> Iterator[Statement]:
        """Yield every statement in the order of the text."""
        for statement in self.statements:
            yield from statement.walk()


def parse(text: str) -> Tree:
    """Parse an indented configuration; never raises, whatever the text is."""
    lines = text.splitlines()
    top: list[Statement] = []
    stack: list[Statement] = []
    odd: list[int] = []
    counted = 0
    number = 0
    while number < len(lines):
        raw = lines[number].rstrip()
        number += 1
        if _is_silent(raw):
            continue
        counted += 1
        if raw.lstrip().startswith(_REFUSALS):
            odd.append(number)
            continue
        statement = Statement(number, raw.strip(), len(raw) - len(raw.lstrip()), end=number)
        body_end = _body_end(lines, number, raw)
        counted += body_end - number
        number = statement.end = body_end
        _attach(statement, top, stack, odd)
    return Tree(tuple(top), counted, tuple(odd))


def _is_silent(raw: str) -> bool:
    stripped = raw.strip()
    return (
        not stripped
        or stripped.startswith("!")
        or stripped in _CLOSERS
        or _PREAMBLE.match(stripped) is not None
    )


def _attach(
    statement: Statement, top: list[Statement], stack: list[Statement], odd: list[int]
) -> None:
    while stack and stack[-1].indent >= statement.indent:
        stack.pop()
    if stack:
        stack[-1].children.append(statement)
    else:
        if statement.indent and top:
            odd.append(statement.line)
        top.append(statement)
    stack.append(statement)


def _body_end(lines: list[str], number: int, raw: str) -> int:
    """Return the number of the last line of the statement that starts on line `number`."""
    banner = _BANNER.match(raw)
    if banner:
        return _banner_end(lines, number, raw, banner)
    if _KEY_BODY.match(raw):
        return _key_end(lines, number)
    return number


def _banner_end(lines: list[str], number: int, raw: str, banner: re.Match[str]) -> int:
    mark = banner.group(1) or "EOF"
    if banner.group(1) and mark in raw[banner.end() :]:
        return number
    for later in range(number, len(lines)):
        line = lines[later]
        if line.strip() == mark if mark == "EOF" else mark in line:
            return later + 1
    return number


def _key_end(lines: list[str], number: int) -> int:
    for later in range(number, len(lines)):
        if lines[later].strip() == "quit":
            return later + 1
        if not re.fullmatch(r"\s*[0-9A-Fa-f ]+", lines[later]):
            break
    return number
