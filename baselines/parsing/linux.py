"""What was collected from a Linux server: files and commands, each under a line that names it.

`# file: /etc/ssh/sshd_config` or `# command: sshd -T` opens a section; its lines stand under a
statement of the same words. A text without sections is one file, told by its words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from baselines.parsing.dialects import Dialect
    from baselines.parsing.tree import Tree

_SECTION: Final = re.compile(r"^# (file|command): (\S.*)$")
_SYSCTL: Final = re.compile(r"^-?(?:[a-z_0-9]+[./])+[\w./*-]+ *= *\S*")


def parse(lines: list[str], known: Dialect, tree: Tree) -> None:
    """Fill `tree`: sections, `Match` blocks of sshd and braces of nftables nest."""
    section, inner, braces = -1, -1, 0
    kind = _kind_of("", lines, known)
    for number, raw in enumerate(lines, 1):
        text = raw.strip()
        opened = _SECTION.match(text)
        if opened:
            _close(tree, inner, section)
            section, inner, braces = tree.add(f"{opened[1]}: {opened[2]}", number), -1, 0
            tree.line_count += 1
            kind = _kind_of(opened[2], lines[number : number + 200], known)
            continue
        if not text or text.startswith(("#", ";")):
            continue
        tree.line_count += 1
        statement = tree.add(_plain(text, kind), number)
        if not _is_understood(text, kind, known):
            tree.odd.add(number)
        if kind == "sshd" and text.lower().startswith("match "):
            _close(tree, inner)
            inner = statement
        elif kind == "nft":
            inner, braces = _nft(tree, text, (inner, statement), braces)
    _close(tree, inner, section)


def _nft(tree: Tree, text: str, who: tuple[int, int], braces: int) -> tuple[int, int]:
    """Chains are blocks; the table around them is not needed to judge one."""
    inner, statement = who
    if text.startswith("chain "):
        _close(tree, inner)
        return statement, 1
    if inner >= 0:
        braces += text.count("{") - text.count("}")
        if braces <= 0:
            _close(tree, inner)
            return -1, 0
    return inner, braces


def _close(tree: Tree, *numbers: int) -> None:
    for number in numbers:
        if number >= 0:
            tree.ends[number] = len(tree.texts)


def _kind_of(name: str, lines: list[str], known: Dialect) -> str:
    if name:
        return next((kind for kind in ("sshd", "sysctl", "nft") if kind in name), "other")
    told = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")][
        :50
    ]
    if told and sum(1 for line in told if _SYSCTL.match(line)) * 2 > len(told):
        return "sysctl"
    if any(line.startswith("table ") for line in told):
        return "nft"
    if any(line.split()[0].lower() in known.words for line in told):
        return "sshd"
    return ""


def _plain(text: str, kind: str) -> str:
    """Sshd's words have no case and may be followed by `=`; sysctl's may be cut by `/`."""
    if kind == "sshd":
        word, _, rest = text.replace("=", " ", 1).replace("\t", " ").partition(" ")
        return f"{word.lower()} {rest.strip()}".strip()
    if kind == "sysctl":
        key, _, value = text.removeprefix("-").partition("=")
        return f"{key.strip().replace('/', '.')} = {value.strip()}"
    return text


def _is_understood(text: str, kind: str, known: Dialect) -> bool:
    if kind == "sshd":
        return text.replace("=", " ").split()[0].lower() in known.words
    if kind == "sysctl":
        return _SYSCTL.match(text) is not None
    return kind in ("nft", "other")
