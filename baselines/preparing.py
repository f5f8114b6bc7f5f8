"""Tests of rules made ready: parameters put in, and the patterns they use listed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from baselines.schemas import Test

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from baselines.schemas import Parameter

_PARAMETER: Final = re.compile(r"\$\((\w+)\)")
_PATTERNS: Final = ("pattern", "lines", "must", "parent", "defined", "via")


def ready(test: Test, parameters: Mapping[str, Parameter], given: Mapping[str, Any]) -> Test:
    """Return `test` with parameters put in: `$name` for a number, `$(name)` within a pattern.

    Raises:
        ValueError: a parameter is named that the rule does not have.
    """
    values = {name: given.get(name, one.default) for name, one in parameters.items()}
    return Test.model_validate(_filled(test.model_dump(exclude_none=True), values))


def _filled(part: Any, values: Mapping[str, Any]) -> Any:
    if isinstance(part, dict):
        return {key: _filled(value, values) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_filled(value, values) for value in part]
    if not isinstance(part, str):
        return part
    if re.fullmatch(r"\$\w+", part):
        return _value(part[1:], values)
    return _PARAMETER.sub(lambda found: _words(_value(found[1], values)), part)


def _value(name: str, values: Mapping[str, Any]) -> Any:
    if name not in values:
        raise ValueError(f"the rule has no parameter {name}")
    return values[name]


def _words(value: Any) -> str:
    words = value if isinstance(value, list | tuple) else (value,)
    return "(?:" + "|".join(re.escape(str(word)) for word in words) + ")"


def patterns(test: Test) -> Iterator[str]:
    """Yield every pattern that `test` and the tests within it use."""
    for name in Test.model_fields:
        form = getattr(test, name)
        if form is None:
            continue
        if isinstance(form, tuple):
            for one in form:
                yield from patterns(one)
            continue
        for field in type(form).model_fields:
            value = getattr(form, field)
            if isinstance(value, Test):
                yield from patterns(value)
            elif field in _PATTERNS and isinstance(value, str):
                yield value
