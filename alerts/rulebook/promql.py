"""Checks expressions as Prometheus does, and tells which metrics they read.

The grammar and types are promql-parser's, which follows a later Prometheus than Debian's 2.42
(the oldest we load rules into): what only later ones know is refused here. Source: the functions
and the lexer of Prometheus 2.42, `promql/parser`.
"""

from __future__ import annotations

import re
from typing import Final

import promql_parser
from promql_parser import Call, Expr, Function, MatrixSelector, ValueType, VectorSelector

LATER: Final = frozenset(
    {
        "double_exponential_smoothing",
        "first_over_time",
        "histogram_avg",
        "histogram_quantiles",
        "histogram_stddev",
        "histogram_stdvar",
        "info",
        "mad_over_time",
        "sort_by_label",
        "sort_by_label_desc",
        "ts_of_first_over_time",
        "ts_of_last_over_time",
        "ts_of_max_over_time",
        "ts_of_min_over_time",
    }
)
"""Functions that came after Prometheus 2.42."""
_LATER_AGGREGATIONS: Final = frozenset({"limitk", "limit_ratio"})
MAX_EXPRESSION: Final = 65_536
MAX_NESTING: Final = 200
"""Parentheses within each other; the parser is recursive and written in a compiled language."""

_TEXT: Final = r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|`[^`]*`'
_TOKEN: Final = re.compile(
    rf"#[^\n]*|{_TEXT}|:(?![a-zA-Z_:])|[a-zA-Z_:][\w:]*|[\d.][\w.]*|\s+|.", re.DOTALL
)
_DURATION: Final = re.compile(r"(\d+(?:ms|[smhdwy]))+")
_SIGNS: Final = frozenset("-+")
# Prometheus 3 renamed it; the parser knows the new name only.
promql_parser.register_extra_functions(
    [
        Function(
            "holt_winters",
            [ValueType.Matrix, ValueType.Scalar, ValueType.Scalar],
            ValueType.Vector,
        )
    ]
)


def problem(text: str) -> str | None:
    """Return what is wrong with an expression, None when Prometheus would take it."""
    if not text.strip():
        return "is empty"
    if len(text) > MAX_EXPRESSION:
        return f"has {len(text)} characters; {MAX_EXPRESSION} are read at most"
    tokens = [each for each in _TOKEN.findall(text) if each[0] != "#" and not each.isspace()]
    if _depth(tokens) > MAX_NESTING:
        return f"nests deeper than {MAX_NESTING}"
    try:
        found = promql_parser.parse(text)
    except (ValueError, OverflowError) as error:
        return " ".join(str(error).split())
    return _too_new(tokens) or _unknown_function(found)


def metrics(text: str) -> frozenset[str]:
    """Return the names of the series that a valid expression reads.

    A selector without a name (`{job="x"}`) counts as the empty name.
    """
    found: set[str] = set()

    def visit(node: Expr) -> None:
        selector = node.vector_selector if isinstance(node, MatrixSelector) else node
        if isinstance(selector, VectorSelector):
            named = [m.value for m in selector.matchers.matchers if m.name == "__name__"]
            found.add(selector.name or next(iter(named), ""))

    promql_parser.walk(promql_parser.parse(text), visit)
    return frozenset(found)


def _depth(tokens: list[str]) -> int:
    """Return how deep parentheses and signs, which nest as well, stand within each other."""
    deepest = depth = signs = 0
    for part in tokens:
        depth += (part == "(") - (part == ")")
        signs = signs + 1 if part in _SIGNS else 0
        deepest = max(deepest, depth, signs)
    return deepest


def _too_new(tokens: list[str]) -> str | None:
    """Return what of the form only Prometheus 3 reads: quoted names, durations as numbers."""
    is_range = is_offset = False
    inside = 0
    for before, part, after in zip(["", *tokens], tokens, [*tokens[1:], ""], strict=False):
        inside += (part == "{") - (part == "}")
        is_range = (is_range or part == "[") and part != "]"
        is_offset = before.lower() == "offset" or (is_offset and before in _SIGNS)
        if part.lower() in _LATER_AGGREGATIONS and after.lower() in {"(", "by", "without"}:
            return f"calls {part}, which Prometheus 2.42 does not know"
        if inside and part[0] in "\"'`" and before in {"{", ","} and after != "":
            return f"names {part} in quotes, which Prometheus 2 does not read"
        if not part[0].isdigit():
            continue
        is_wanted = (is_range and before in {"[", ":"}) or is_offset
        is_duration = _DURATION.fullmatch(part) is not None
        if is_wanted and not is_duration:
            return f"gives the range or offset {part} no unit"
        if is_duration and not is_wanted:
            return f"has the duration {part} where a number belongs"
    return None


def _unknown_function(found: Expr) -> str | None:
    unknown: list[str] = []

    def visit(node: Expr) -> None:
        if isinstance(node, Call) and node.func.name in LATER:
            unknown.append(node.func.name)

    promql_parser.walk(found, visit)
    return f"calls {unknown[0]}, which Prometheus 2.42 does not know" if unknown else None
