"""Matchers as Alertmanager's users write them: `name="value"`, with =, !=, =~ or !~."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import re2

from alerts.validation import MAX_PATTERN
from hatang.errors import InvalidInputError, Problem

Matcher = dict[str, Any]
# As Alertmanager parses them: name, one of = != =~ !~, and a value that may be quoted.
_MATCHER: Final = re.compile(
    r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|[^"]*?)\s*'
)
_LONGEST: Final = MAX_PATTERN + 256


def parse(text: str, where: str = "query", field: str = "filter") -> Matcher:
    """Return the matcher that `text` writes, in the API's own form.

    Raises:
        InvalidInputError: it is no matcher, or its pattern is none of RE2's.
    """
    match = _MATCHER.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        fix = 'Write it as name="value", with =, !=, =~ or !~.'
        raise InvalidInputError([Problem(where, field, text[:80], "is no matcher", fix)])
    name, sign, quoted = match.groups()
    value = _unquoted(quoted)
    if "~" in sign:
        _check(value, Problem(where, field, text[:80], "is no RE2 pattern", "Mend it."))
    return {
        "name": name,
        "value": value,
        "isRegex": "~" in sign,
        "isEqual": not sign.startswith("!"),
    }


def parse_all(texts: list[str]) -> list[Matcher]:
    """Return the matchers of a request's `filter` parameters; every wrong one is named."""
    problems: list[Problem] = []
    found = []
    for text in texts:
        try:
            found.append(parse(text))
        except InvalidInputError as error:
            problems += error.problems
    if problems:
        raise InvalidInputError(problems)
    return found


def _check(pattern: str, problem: Problem) -> None:
    try:
        re2.compile(pattern)
    except re2.error as error:
        raise InvalidInputError([problem]) from error


def _unquoted(value: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        text: str = json.loads(value)
    except ValueError:
        return value[1:-1]
    return text
