"""Checks the templates in labels and annotations as Prometheus does when it loads a rule.

Go's text/template with Prometheus' functions: delimiters, blocks, functions and variables are
checked; what a template would say is not. Source: pkg.go.dev/text/template and Prometheus'
template/template.go.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

FUNCTIONS: Final = frozenset(
    # Go's own, then Prometheus'.
    [
        "and",
        "call",
        "eq",
        "ge",
        "gt",
        "html",
        "index",
        "js",
        "le",
        "len",
        "lt",
        "ne",
        "not",
        "or",
        "print",
        "printf",
        "println",
        "slice",
        "urlquery",
        "args",
        "externalURL",
        "first",
        "graphLink",
        "humanize",
        "humanize1024",
        "humanizeDuration",
        "humanizePercentage",
        "humanizeTimestamp",
        "label",
        "match",
        "parseDuration",
        "pathPrefix",
        "query",
        "reReplaceAll",
        "safeHtml",
        "sortByLabel",
        "stripDomain",
        "stripPort",
        "strvalue",
        "tableLink",
        "title",
        "toLower",
        "toTime",
        "toUpper",
        "value",
    ]
)
VARIABLES: Final = ("$", "$labels", "$externalLabels", "$externalURL", "$value")
MAX_NESTING: Final = 100

_ESCAPE: Final = r"\\(?:[abfnrtv\\\"']|x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{3})"
_TEXT: Final = rf'"(?:[^"\\\n]|{_ESCAPE})*"|`[^`]*`|\'(?:[^\'\\\n]|{_ESCAPE})\''
_NUMBER: Final = re.compile(
    r"[-+]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]*|[1-9][\d_]*"
    r"|\d+\.\d*(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)i?"
)
_TOKEN: Final = re.compile(
    rf"(?P<space>\s+)|(?P<text>{_TEXT})|(?P<number>[-+]?\d[\w.]*(?:(?<=[eE])[-+]\d+)?)|(?P<declare>:=|=)"
    r"|(?P<variable>\$\w*)|(?P<field>\.\w+)|(?P<dot>\.)|(?P<word>[^\W\d]\w*)|(?P<mark>[|(),])"
)
_ACTION: Final = re.compile(rf"(?:{_TEXT}|[^\"`'])*?(?=\s-?\}}\}}|\}}\}})", re.DOTALL)
_OPENS: Final = frozenset({"if", "range", "with", "block", "define"})
_CONSTANTS: Final = frozenset({"true", "false", "nil"})


class _BadError(ValueError):
    pass


@dataclass
class _Block:
    word: str
    variables: list[str]
    has_else: bool = False


@dataclass
class _Checker:
    variables: list[str] = field(default_factory=lambda: list(VARIABLES))
    blocks: list[_Block] = field(default_factory=list)

    def action(self, text: str) -> None:
        tokens = _tokens(text)
        if not tokens:
            raise _BadError("has an empty {{ }}")
        kind, word = tokens[0]
        if kind == "word" and word in _OPENS:
            self._open(word, tokens[1:])
        elif kind == "word" and word == "else":
            self._else(tokens[1:])
        elif kind == "word" and word == "end":
            self._end(tokens[1:])
        elif kind == "word" and word in {"break", "continue"}:
            if len(tokens) > 1 or not any(each.word == "range" for each in self.blocks):
                raise _BadError(f"has {word} outside a range")
        elif kind == "word" and word == "template":
            if tokens[1:2] == [] or tokens[1][0] != "text":
                raise _BadError("has template without a name in quotes")
            self._pipeline(tokens[2:], may_be_empty=True)
        else:
            self._pipeline(tokens)

    def _open(self, word: str, tokens: list[tuple[str, str]]) -> None:
        if len(self.blocks) >= MAX_NESTING:
            raise _BadError(f"nests deeper than {MAX_NESTING}")
        held = [*self.variables]
        if word == "define":
            if self.blocks or [kind for kind, _ in tokens] != ["text"]:
                raise _BadError("has define that is not at the top, or without a name in quotes")
        else:
            if word == "block":
                if tokens[:1] == [] or tokens[0][0] != "text":
                    raise _BadError("has block without a name in quotes")
                tokens = tokens[1:]
            self._pipeline(tokens, is_range=word == "range")
        self.blocks.append(_Block(word, held))
        if word in {"define", "block"}:  # A template of its own, which sees no variable of ours.
            self.variables = ["$"]

    def _else(self, tokens: list[tuple[str, str]]) -> None:
        block = self.blocks[-1] if self.blocks else None
        if block is None or block.word not in {"if", "range", "with"} or block.has_else:
            raise _BadError("has else without an if, range or with before it")
        if not tokens:
            block.has_else = True
        elif block.word == "if" and tokens[0] == ("word", "if"):
            self._pipeline(tokens[1:])
        else:
            raise _BadError("has more after else than an if")

    def _end(self, tokens: list[tuple[str, str]]) -> None:
        if tokens or not self.blocks:
            raise _BadError("has end without a block before it")
        self.variables = self.blocks.pop().variables

    def _pipeline(
        self,
        tokens: list[tuple[str, str]],
        *,
        is_range: bool = False,
        may_be_empty: bool = False,
    ) -> None:
        tokens = self._declaration(tokens, is_range=is_range)
        if not tokens:
            if may_be_empty:
                return
            raise _BadError("misses a value")
        _Pipeline(tokens, self.variables).read()

    def _declaration(
        self, tokens: list[tuple[str, str]], *, is_range: bool
    ) -> list[tuple[str, str]]:
        kinds = [kind for kind, _ in tokens]
        if kinds[:2] == ["variable", "declare"]:
            names, rest = [tokens[0][1]], tokens[2:]
        elif is_range and kinds[:4] == ["variable", "mark", "variable", "declare"]:
            names, rest = [tokens[0][1], tokens[2][1]], tokens[4:]
        else:
            return tokens
        self.variables += names  # Go's parser takes `=` for a declaration too.
        return rest


@dataclass
class _Pipeline:
    """Commands joined by bars; `spot` is where reading stands."""

    tokens: list[tuple[str, str]]
    variables: list[str]
    spot: int = 0
    depth: int = 0

    def read(self) -> None:
        self._commands()
        if self.spot < len(self.tokens):
            raise _BadError(f"has an unexpected {self.tokens[self.spot][1]}")

    def _commands(self) -> None:
        is_first = True
        while True:
            self._command(is_first=is_first)
            is_first = False
            if self._peek() != ("mark", "|"):
                return
            self.spot += 1
            if self._peek() in {("", ""), ("mark", ")")}:
                return  # Go's parser takes a bar at the end.

    def _command(self, *, is_first: bool) -> None:
        start = self.spot
        while self._operand():
            pass
        if self.spot == start:
            raise _BadError("misses a value")
        kind, text = self.tokens[start]
        is_fixed = kind in {"text", "number", "dot"} or text in _CONSTANTS
        if is_fixed and not is_first:
            raise _BadError(f"pipes into {text}, which is no function")

    def _operand(self) -> bool:
        kind, text = self._peek()
        if kind == "mark" and text == "(":
            self._parenthesis()
        elif kind in {"text", "number", "dot", "field", "variable", "word"}:
            self._check(kind, text)
            self.spot += 1
        else:
            return False
        # A field follows at once: `$labels.instance`, `(query "up").Value`.
        while self._peek()[0] == "joined":
            if kind in {"text", "number"} or text in _CONSTANTS:
                raise _BadError(f"has an unexpected {self._peek()[1]}")
            self.spot += 1
        return True

    def _parenthesis(self) -> None:
        self.depth += 1
        if self.depth > MAX_NESTING:
            raise _BadError(f"nests deeper than {MAX_NESTING}")
        self.spot += 1
        self._commands()
        if self._peek() != ("mark", ")"):
            raise _BadError("has an open parenthesis")
        self.spot += 1
        self.depth -= 1

    def _check(self, kind: str, text: str) -> None:
        if kind == "variable" and text not in self.variables:
            raise _BadError(f"has the unknown variable {text}")
        if kind == "word" and text not in _CONSTANTS and text not in FUNCTIONS:
            raise _BadError(f"calls the unknown function {text}")

    def _peek(self) -> tuple[str, str]:
        return self.tokens[self.spot] if self.spot < len(self.tokens) else ("", "")


def problem(text: str) -> str | None:
    """Return what is wrong with a template, None when Prometheus would take it."""
    checker = _Checker()
    try:
        for action in _actions(text):
            checker.action(action)
    except _BadError as error:
        return str(error)
    return f"does not end its {checker.blocks[-1].word}" if checker.blocks else None


def labels(text: str) -> frozenset[str]:
    """Return the labels of the alert that a template shows (`$labels.NAME`)."""
    return frozenset(re.findall(r"\$labels\.(\w+)", text))


def _actions(text: str) -> list[str]:
    found = []
    spot = 0
    while (start := text.find("{{", spot)) >= 0:
        inner = start + 2
        if text.startswith("-", inner) and text[inner + 1 : inner + 2].isspace():
            inner += 2
        if text.startswith("/*", inner):
            end = text.find("*/", inner)
            closing = re.compile(r"(?:\s-)?\}\}").match(text, end + 2) if end >= 0 else None
            if closing is None:
                raise _BadError("has a comment that does not end")
            spot = closing.end()
            continue
        matched = _ACTION.match(text, inner)
        if matched is None:
            raise _BadError("has an action that does not end")
        found.append(matched.group())
        spot = text.index("}}", matched.end()) + 2
    return found


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    spot, is_apart = 0, True
    while spot < len(text):
        matched = _TOKEN.match(text, spot)
        if matched is None:
            raise _BadError(f"has an unexpected {text[spot]}")
        kind, value = str(matched.lastgroup), matched.group()
        spot = matched.end()
        if kind == "number" and not _NUMBER.fullmatch(value):
            raise _BadError(f"has the malformed number {value}")
        if kind == "space":
            is_apart = True
            continue
        is_joined = not is_apart and found and found[-1][1] not in ("(", "|", ",")
        if is_joined and (kind in {"text", "number", "word", "variable", "dot"} or value == "("):
            raise _BadError(f"has {value} right after {found[-1][1]}")
        found.append(("joined" if is_joined and kind == "field" else kind, value))
        is_apart = kind == "mark" and value != ")"
    return found
