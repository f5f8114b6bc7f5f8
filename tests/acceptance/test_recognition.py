"""Of recorded devices that need no further read, at least 95 of 100 are recognised."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from tests.acceptance.doors import ROOT
from tests.acceptance.red import hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance]

RECORDED = ROOT.parent / "shared" / "oracles" / "snmp" / "librenms" / "dev" / "os_cases.jsonl"
OURS = ROOT / "tests" / "inventory" / "discovery" / "librenms_names.yaml"
WANTED = 0.95
Row = dict[str, Any]


@pytest.fixture(scope="module")
def recorded() -> list[Row]:
    if not RECORDED.is_file():
        pytest.skip(f"{RECORDED} is absent: recorded devices are not part of the project")
    rows = [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if not row["needs_extra_get"]]


def recognised(hatang: Installation, rows: list[Row], folder: Path) -> list[str]:
    """Return the platform the command gives each row, empty for none."""
    path = folder / "said.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    answer = hatang.json("discovery", "recognise", str(path))
    named = {one["line"]: one["platform"] or "" for one in answer}
    return [named.get(number, "") for number in range(1, len(rows) + 1)]


def check_recognised(names: list[str], rows: list[Row]) -> int:
    """Return how many are right, which must be 95 of 100."""
    other: dict[str, list[str]] = yaml.safe_load(OURS.read_text(encoding="utf-8"))
    right = sum(
        row["os"] in other.get(name, [name.replace("_", "-")])
        for name, row in zip(names, rows, strict=True)
    )
    hold(right >= WANTED * len(rows), f"{right} of {len(rows)} recognised")
    return right


def test_recorded_devices_are_recognised(
    fresh: Installation, recorded: list[Row], tmp_path: Path, figures: Callable[[str], None]
) -> None:
    right = check_recognised(recognised(fresh, recorded, tmp_path), recorded)
    figures(f"{right} of {len(recorded)} recorded devices recognised")


def test_sabotage_devices_that_hide_their_object_id(
    fresh: Installation, recorded: list[Row], tmp_path: Path
) -> None:
    hidden = [{**row, "sysObjectID": "0.0"} for row in recorded]
    with turns_red():
        check_recognised(recognised(fresh, hidden, tmp_path), recorded)
