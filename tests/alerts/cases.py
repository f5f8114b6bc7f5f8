"""Turns `tests/alerts/cases` into unit tests of promtool: fires, just below, resolves."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

CASES = Path(__file__).parent / "cases"
_UNITS = {"m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"(\d+)([mhd])")


@dataclass(frozen=True)
class Case:
    """One alert's case; `series` gives of each the values that fire and those just below.

    A third pattern is what follows the first, where starting the second anew would not do.
    Samples come every `interval`, and rules are `evaluated` as often where nothing else is said.
    """

    name: str
    at: str
    gone: str
    interval: str
    labels: Mapping[str, str]
    summary_en: str
    summary_vi: str
    series: Mapping[str, list[str]]
    evaluated: str = ""


@cache
def cases() -> Mapping[str, Case]:
    """Return every case by its alert; read once, as every rule's test asks for them."""
    return {
        name: Case(name, **fields)
        for file in sorted(CASES.glob("*.yml"))
        for name, fields in (yaml.safe_load(file.read_text("utf-8")) or {}).items()
    }


def document(case: Case, file: Path, rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the unit test of `rule`, which stands in `file`, as promtool reads it."""
    at, step = seconds(case.at), seconds(case.interval)
    before, after = at // step + 1, (seconds(case.gone) - at) // step + 1
    fires = {name: values(given[0], before) for name, given in case.series.items()}
    below = {name: values(given[1], before) for name, given in case.series.items()}
    ends = {
        name: f"{fires[name]} {values(given[-1], after)}" for name, given in case.series.items()
    }
    shown = {
        "exp_labels": {**rule["labels"], **case.labels},
        "exp_annotations": {
            **rule["annotations"],
            "summary_en": case.summary_en,
            "summary_vi": case.summary_vi,
        },
    }
    moments = [(fires, case.at, [shown]), (below, case.at, []), (ends, case.gone, [])]
    return {
        "rule_files": [str(file)],
        "evaluation_interval": case.evaluated or case.interval,
        "tests": [
            {
                "interval": case.interval,
                "input_series": [{"series": s, "values": v} for s, v in series.items()],
                "alert_rule_test": [
                    {"eval_time": moment, "alertname": case.name, "exp_alerts": alerts}
                ],
            }
            for series, moment, alerts in moments
        ],
    }


def values(pattern: str, count: int) -> str:
    """Return `count` samples of a pattern in promtool's notation: its last item goes on."""
    *first, last = pattern.split()
    rest = count - sum(int(item.partition("x")[2] or 0) + 1 for item in first)
    return " ".join([*first, last if "x" in last or rest < 1 else f"{last}x{rest - 1}"])


def seconds(duration: str) -> int:
    """Return a duration such as `5m` in seconds."""
    found = _DURATION.fullmatch(duration)
    assert found, duration
    return int(found[1]) * _UNITS[found[2]]
