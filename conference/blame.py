"""One cause for many points: the line that all who fail share, and none who pass. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from conference.choices import Check, CheckResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conference.lines import Line
    from conference.readiness import Outcome

SHARED_BY: Final = 2
"""Fewer points than this have no line in common."""
_BLAMED: Final = (Check.PATH, Check.QOS_DSCP, Check.ANSWERS, Check.REGISTERED)
_POOR: Final = (CheckResult.FAIL, CheckResult.WARN)


def blamed(
    outcomes: Sequence[Outcome], ways: Mapping[str, Sequence[str]], lines: Mapping[str, Line]
) -> list[Outcome]:
    """Return the outcomes, those of one check that fail behind one line under one cause.

    `ways` are each room's lines, its own first. A line that a point passes over is not to blame;
    of those left the one behind which most fail is, the farthest out where there are several.
    """
    found = list(outcomes)
    for check in _BLAMED:
        own = [(number, one) for number, one in enumerate(found) if one.check is check]
        innocent = [one.room or "" for _, one in own if one.result is CheckResult.PASS]
        guilty = {number: one.room or "" for number, one in own if one.result in _POOR}
        blame = blamed_lines([*guilty.values()], innocent, ways)
        for number, room in guilty.items():
            if key := blame.get(room):
                cause = f"uplink {lines[key].name}: {_WORDS[check]}"
                found[number] = replace(found[number], cause=cause)
    return found


def blamed_lines(
    guilty: Sequence[str],
    innocent: Sequence[str],
    ways: Mapping[str, Sequence[str]],
    *,
    at_least: int = SHARED_BY,
) -> dict[str, str]:
    """Return the line to blame by guilty room: behind it are `at_least` of them, none innocent."""
    good = {key for room in innocent for key in ways[room]}
    shares = Counter(key for room in guilty for key in ways[room] if key not in good)
    found = {}
    for room in guilty:
        ranked = [key for key in ways[room] if shares[key] >= at_least]
        if ranked:
            # max keeps the first of equals, and a way begins at its room.
            found[room] = max(ranked, key=lambda key: shares[key])
    return found


_WORDS: Final = {
    Check.PATH: "the way is poor",
    Check.QOS_DSCP: "DSCP remarked",
    Check.ANSWERS: "nobody answers",
    Check.REGISTERED: "nobody is registered",
}
