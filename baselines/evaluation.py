"""Evaluates one test over a view. Unknown is never good: it wins over a pass, never over a fail."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from baselines.patterns import compiled
from baselines.views import View
from hatang.gates import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from baselines.schemas import (
        Absent,
        Count,
        Each,
        Fact,
        Number,
        PerBlock,
        Present,
        RefExists,
        Test,
        When,
    )

_BIGGEST: Final = 18  # digits; a longer number in a configuration is none


class Result(NamedTuple):
    """A verdict, the lines that prove it, and why where it is not simply `tested`."""

    verdict: Verdict
    lines: tuple[int, ...] = ()
    reason: str = ""


class _Place(NamedTuple):
    """Which statements a test looks at, which lines lead there, and the facts beside them."""

    view: View
    low: int
    high: int
    facts: Mapping[str, Any]
    own: str = ""

    def find(self, pattern: str) -> list[int]:
        return self.view.find(pattern, self.low, self.high)

    def lines(self, numbers: Sequence[int]) -> tuple[int, ...]:
        if not numbers:
            return ()
        lines = self.view.lines
        return tuple([lines[number] for number in numbers])


def evaluate(test: Test, view: View, facts: Mapping[str, Any]) -> Result:
    """Return what `test` says of everything in `view`."""
    return _evaluate(test, _Place(view, 0, len(view.texts), facts))


def _evaluate(test: Test, place: _Place) -> Result:
    name, given = test.form
    return _FORMS[name](given, place)


def _judged(is_right: bool) -> Verdict:  # noqa: FBT001 - the one thing it says
    return Verdict.PASS if is_right else Verdict.FAIL


def _present(test: Present, place: _Place) -> Result:
    found = place.find(test.pattern)
    return Result(_judged(len(found) >= cast("int", test.at_least)), place.lines(found))


def _absent(test: Absent, place: _Place) -> Result:
    found = place.find(test.pattern)
    return Result(_judged(not found), place.lines(found))


def _each(test: Each, place: _Place) -> Result:
    found = place.find(test.lines)
    if not found:
        return Result(Verdict(test.when_none))
    right = set(place.find(test.must))
    wrong = [number for number in found if number not in right]
    return Result(_judged(not wrong), place.lines(wrong or found))


def _count(test: Count, place: _Place) -> Result:
    found = place.find(test.pattern)
    search = compiled(test.pattern)
    keys = set()
    for number in found:
        match = search.search(place.view.texts[number])
        keys.add(match.group("key") if match and "key" in search.groupindex else number)
    most = test.at_most
    is_right = len(keys) >= cast("int", test.at_least) and (
        most is None or len(keys) <= cast("int", most)
    )
    return Result(_judged(is_right), place.lines(found))


def _number(test: Number, place: _Place) -> Result:
    found = place.find(test.lines)
    if not found:
        return Result(Verdict(test.when_none))
    search = compiled(test.lines)
    wrong = [
        number
        for number in found
        if not _is_within(test, search.search(place.view.texts[number]).group("value"))
    ]
    return Result(_judged(not wrong), place.lines(wrong or found))


def _is_within(test: Number, digits: str) -> bool:
    if not digits.isascii() or not digits.isdigit() or len(digits) > _BIGGEST:
        return False
    value, least, most = int(digits), test.at_least, test.at_most
    return (least is None or value >= cast("int", least)) and (
        most is None or value <= cast("int", most)
    )


def _per_block(test: PerBlock, place: _Place) -> Result:
    blocks = place.find(test.parent)
    if not blocks:
        return Result(Verdict(test.when_none))
    if place.view.tree.is_flat:
        return _joined_blocks(_flat_blocks(test, place, blocks))
    ends, view = place.view.tree.ends, place.view
    gates = [view.find(pattern, place.low, place.high) for pattern in _gates(test.test)]
    results = []
    for block in blocks:
        if not all(_has_any(found, block + 1, ends[block]) for found in gates):
            continue  # does not apply here
        own = _group(test.parent, view.texts[block], "own") or place.own
        inside = _Place(view, block + 1, ends[block], place.facts, own)
        results.append((place.lines([block]), _evaluate(test.test, inside)))
    return _joined_blocks(results)


def _gates(test: Test) -> tuple[str, ...]:
    """Return patterns without which `test` does not apply: looked for first, as most have none."""
    if test.when is None:
        return ()
    condition = test.when.condition
    needed = (condition,) if condition.all is None else condition.all
    return tuple(one.present.pattern for one in needed if one.present and one.present.at_least == 1)


def _has_any(found: Sequence[int], low: int, high: int) -> bool:
    at = bisect_left(found, low)
    return at < len(found) and found[at] < high


def _group(pattern: str, text: str, name: str) -> str:
    if not _has_group(pattern, name):
        return ""
    return compiled(pattern).search(text).group(name) or ""


@lru_cache(maxsize=4096)
def _has_group(pattern: str, name: str) -> bool:
    return name in compiled(pattern).groupindex


def _flat_blocks(
    test: PerBlock, place: _Place, blocks: Sequence[int]
) -> list[tuple[tuple[int, ...], Result]]:
    search = compiled(test.parent)
    grouped: dict[str, tuple[list[int], list[int]]] = {}
    for number in blocks:
        match = search.search(place.view.texts[number])
        numbers, cuts = grouped.setdefault(match.group(0).strip(), ([], []))
        numbers.append(number)
        cuts.append(match.end())
    results = []
    for numbers, cuts in grouped.values():
        view = place.view.part(numbers, cuts)
        inside = _Place(view, 0, len(view.texts), place.facts)
        results.append((place.lines(numbers[:1]), _evaluate(test.test, inside)))
    return results


def _joined_blocks(results: list[tuple[tuple[int, ...], Result]]) -> Result:
    """A block that fails cites its lines, and its own first one where nothing in it is wrong."""
    joined = _every([result for _own, result in results])
    cited = [one for one in results if one[1].verdict is joined.verdict]
    lines = tuple(line for own, result in cited for line in (*own, *result.lines))
    return Result(joined.verdict, lines, joined.reason)


def _ref_exists(test: RefExists, place: _Place) -> Result:
    found = place.find(test.lines)
    if not found:
        return Result(Verdict(test.when_none))
    whole = _whole(place.view)
    defined = _named(test.defined, whole)
    targets = _targets(test.via, whole) if test.via else {}
    parts = []
    for number in found:
        text = place.view.texts[number]
        if _group(test.lines, text, "other") in (place.own or None, "internal"):
            continue
        name = _group(test.lines, text, "name").strip('"')
        where = defined.get(name) or defined.get(targets.get(name, ""), [])
        own = place.lines([number])
        if not where or test.test is None:
            parts.append(Result(_judged(bool(where)), own))
            continue
        result = _within(test.test, place, where)
        parts.append(Result(result.verdict, own + result.lines, result.reason))
    return _every(parts)


def _within(test: Test, place: _Place, where: Sequence[int]) -> Result:
    tree = place.view.tree
    numbers = sorted({n for start in where for n in range(start, tree.ends[start])})
    view = _whole(place.view).part(numbers)
    return _evaluate(test, _Place(view, 0, len(view.texts), place.facts))


def _whole(view: View) -> View:
    """Definitions are looked for in the whole text, wherever the reference stands."""
    return view if view.texts is view.tree.texts else View(view.tree, view.patterns)


def _named(pattern: str, whole: View) -> dict[str, list[int]]:
    names: dict[str, list[int]] = {}
    for number in whole.find(pattern, 0, len(whole.texts)):
        names.setdefault(_group(pattern, whole.texts[number], "name").strip('"'), []).append(number)
    return names


def _targets(pattern: str, whole: View) -> dict[str, str]:
    found = (whole.texts[number] for number in whole.find(pattern, 0, len(whole.texts)))
    return {_group(pattern, text, "name"): _group(pattern, text, "target") for text in found}


def _fact(test: Fact, place: _Place) -> Result:
    value: Any = place.facts
    for step in test.path.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if value is None:
        return Result(Verdict.UNKNOWN, reason="fact_missing")
    try:
        return Result(_judged(_compared(test.op, value, test.value)))
    except TypeError:
        return Result(Verdict.UNKNOWN, reason="fact_of_wrong_kind")


def _compared(op: str, value: Any, wanted: Any) -> bool:
    compare: Mapping[str, Callable[[], bool]] = {
        "==": lambda: value == wanted,
        "!=": lambda: value != wanted,
        "<=": lambda: value <= wanted,
        ">=": lambda: value >= wanted,
        "in": lambda: value in wanted,
        "contains": lambda: wanted in value,
    }
    return bool(compare[op]())


def _when(test: When, place: _Place) -> Result:
    condition = _evaluate(test.condition, place)
    if condition.verdict is Verdict.UNKNOWN:
        return condition
    if condition.verdict is not Verdict.PASS:
        return Result(Verdict.NOT_APPLICABLE)
    result = _evaluate(test.then, place)
    cited = result.lines or condition.lines
    return Result(result.verdict, cited, result.reason)


def _all(tests: tuple[Test, ...], place: _Place) -> Result:
    return _every([_evaluate(part, place) for part in tests])


def _every(parts: list[Result]) -> Result:
    """Fail, then unknown, then pass decide; what applies nowhere is neither pass nor fail."""
    if len(parts) == 1:
        return parts[0]
    for verdict in (Verdict.FAIL, Verdict.UNKNOWN, Verdict.PASS):
        found = [part for part in parts if part.verdict is verdict]
        if found:
            return _of(verdict, found)
    return Result(Verdict.NOT_APPLICABLE)


def _any(tests: tuple[Test, ...], place: _Place) -> Result:
    parts = [_evaluate(part, place) for part in tests]
    for verdict in (Verdict.PASS, Verdict.UNKNOWN, Verdict.FAIL):
        found = [part for part in parts if part.verdict is verdict]
        if found:
            return _of(verdict, found)
    return Result(Verdict.NOT_APPLICABLE)


def _none(tests: tuple[Test, ...], place: _Place) -> Result:
    result = _any(tests, place)
    turned = {Verdict.PASS: Verdict.FAIL, Verdict.FAIL: Verdict.PASS}
    return Result(turned.get(result.verdict, result.verdict), result.lines, result.reason)


def _of(verdict: Verdict, found: list[Result]) -> Result:
    if len(found) == 1:
        return found[0]
    lines = tuple([line for part in found for line in part.lines])
    return Result(verdict, lines, next((part.reason for part in found if part.reason), ""))


_FORMS: Final[Mapping[str, Callable[[Any, _Place], Result]]] = {
    "present": _present,
    "absent": _absent,
    "each": _each,
    "per_block": _per_block,
    "count": _count,
    "number": _number,
    "ref_exists": _ref_exists,
    "fact": _fact,
    "when": _when,
    "all": _all,
    "any": _any,
    "none": _none,
}
