"""Typing configuration lines into a tree, as a person or a file does, line by line."""

import re
from dataclasses import dataclass, field

from lab.simulators.grammar import Fault, Grammar, Match, match
from lab.simulators.tree import Tree, as_shown, logical_lines, node

_NEGATION = re.compile(r"(no|default)\s+(\S.*)")


@dataclass
class Editor:
    """A position in a tree under a grammar. `fixed` sections can be emptied, never removed."""

    grammar: Grammar
    tree: Tree
    fixed: frozenset[str] = frozenset()
    path: list[tuple[str, str]] = field(default_factory=list)

    @property
    def mode(self) -> str:
        """Name of the mode the next line is read in."""
        return self.path[-1][0] if self.path else "config"

    @property
    def prompt(self) -> str:
        """The words between the parentheses of the prompt."""
        return self.grammar[self.mode].prompt

    def leave(self) -> bool:
        """Go up one level; False at the top."""
        if not self.path:
            return False
        self.path.pop()
        return True

    def enter(self, line: str) -> Fault | None:
        """Take one logical line; None when it was accepted."""
        text = line.strip()
        if not text or text.startswith("!"):
            return None
        if text in ("exit", "exit-address-family"):
            self.leave()
            return None
        if text == "end":
            self.path.clear()
            return None
        if text.startswith("banner "):
            return self._banner(text)
        return self._command(text)

    def load(self, text: str) -> list[Fault]:
        """Take a whole text; every refused line, the others applied."""
        faults = [self.enter(line) for line in logical_lines(text)]
        self.path.clear()
        return [fault for fault in faults if fault]

    def _banner(self, text: str) -> Fault | None:
        self.path.clear()
        head = " ".join(text.split()[:2])
        for key in [key for key in self.tree if " ".join(key.split()[:2]) == head]:
            del self.tree[key]
        self.tree[as_shown(text)] = {}
        return None

    def _command(self, text: str) -> Fault | None:
        """Read the line in the innermost mode that knows it, as the real parsers do."""
        negation = _NEGATION.fullmatch(text)
        body = negation[2] if negation else text
        first = Fault("invalid", -1, 0, text)
        for depth in range(len(self.path), -1, -1):
            mode = self.path[depth - 1][0] if depth else "config"
            found = match(self.grammar[mode], body, negated=bool(negation))
            if isinstance(found, Match):
                del self.path[depth:]
                return self._apply(found, negation[1] if negation else "", text)
            first = _further(first, found)
        shift = len(text) - len(body)
        return Fault(first.kind, first.word + bool(negation), first.column + shift, text)

    def _apply(self, found: Match, negation: str, text: str) -> Fault | None:
        section = node(self.tree, tuple(key for _, key in self.path))
        if negation:
            return self._remove(section, found, negation, text)
        _drop(section, f"no {found.line}")
        if found.rule.single and found.line not in section:
            self._vacate(section, found)
        section.setdefault(found.line, {})
        if found.rule.opens:
            self.path.append((found.rule.opens, found.line))
        return None

    def _vacate(self, section: Tree, found: Match) -> None:
        rules = self.grammar[self.mode]
        for key in list(section):
            other = match(rules, key)
            if isinstance(other, Match) and other.slot == found.slot:
                del section[key]

    def _remove(self, section: Tree, found: Match, negation: str, text: str) -> Fault | None:
        if found.line in self.fixed:
            if negation == "default":
                section[found.line] = {}
                return None
            return Fault("physical", 0, 0, text)
        if found.rule.single and len(found.words) >= len(found.rule.tokens):
            self._vacate(section, found)
        for key in [
            key for key in section if key == found.line or key.startswith(found.line + " ")
        ]:
            del section[key]
        if found.rule.sticky and negation == "no":
            section[f"no {found.line}"] = {}
        else:
            _drop(section, f"no {found.line}")
        return None


def _drop(section: Tree, key: str) -> None:
    section.pop(key, None)


def _further(first: Fault, other: Fault) -> Fault:
    return other if other.word > first.word else first
