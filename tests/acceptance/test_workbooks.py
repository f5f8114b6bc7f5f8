"""An office's workbook is planned as a person reads it, with every repair and omission told."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance import workbooks
from tests.acceptance.doors import Answer
from tests.acceptance.red import hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

PLANS = Path(__file__).parent / "plans"  # written by hand from the workbooks' texts
BOOKS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "points": ("points.xlsx", workbooks.points),
    "lines": ("lines.xlsx", workbooks.lines),
    "typists": ("typists.xlsx", workbooks.typists),
    "devices": ("devices.xlsx", workbooks.devices),
    "communes": ("communes.xls", workbooks.communes),
    "circuits": ("circuits.ods", workbooks.circuits),
}


@pytest.fixture(scope="module")
def seeded(fresh: Installation) -> Installation:
    """A hatang that knows a few units, sites and lines."""
    path = fresh.folder / "before.yaml"
    path.write_text(workbooks.BEFORE, encoding="utf-8")
    fresh.hatang("inventory", "import", str(path)).good()
    return fresh


def expected(name: str) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads((PLANS / f"{name}.json").read_text(encoding="utf-8"))
    return plan


def planned(hatang: Installation, path: Path) -> dict[str, Any]:
    answer: dict[str, Any] = hatang.json("inventory", "import", str(path), "--dry-run")
    return answer


def composed(texts: list[str]) -> list[str]:
    return sorted(unicodedata.normalize("NFC", text) for text in texts)


def check_plan(answer: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Exactly the expected rows and fields, every repair with its cell, everything left out."""
    rows = {f"{row['do']} {row['kind']} {row['key']}": row["fields"] for row in answer["rows"]}
    hold(rows == wanted["rows"], f"planned {json.dumps(rows, ensure_ascii=False, indent=1)}")
    hold({name: answer[name] for name in wanted["counts"]} == wanted["counts"], "wrong counts")
    told = [
        f"{one['column']}{one['row']}: {one['before']} → {one['after']}"
        for one in answer["workbook"]["repairs"]
    ]
    hold(composed(told) == composed(wanted["repairs"]), f"repaired {composed(told)}")
    left_out = [
        f"{one['what']} {one['place'] or one['sheet']}" for one in answer["workbook"]["skipped"]
    ]
    hold(sorted(left_out) == sorted(wanted["left_out"]), f"left out {sorted(left_out)}")
    hold(all(one["why"] for one in answer["workbook"]["skipped"]), "left out without saying why")


@pytest.mark.parametrize("name", BOOKS)
def test_a_workbook_is_planned_as_written_by_hand(
    seeded: Installation, tmp_path: Path, name: str
) -> None:
    filename, build = BOOKS[name]
    build(tmp_path / filename)
    check_plan(planned(seeded, tmp_path / filename), expected(name))


def test_sabotage_a_list_whose_header_says_gigabits(seeded: Installation, tmp_path: Path) -> None:
    workbooks.lines(tmp_path / "lines.xlsx", unit="Gbps")
    with turns_red():
        check_plan(planned(seeded, tmp_path / "lines.xlsx"), expected("lines"))


def check_problems(told: list[str]) -> None:
    """Each mistake with file, sheet, row, column, header, value and what to do."""
    found = "\n".join(told)
    for place, what in (
        ("wrong.xlsx[Thiết bị]:5: I “S/N” serial ('21010001')", "sw-46101"),
        ("wrong.xlsx[Thiết bị]:6: C “Vị trí lắp đặt” site ('Xã Không Có')", "names no site"),
        ("wrong.xlsx[Thiết bị]:6: H “Management IP” primary_ip4 ('10.46.104')", "IPv4"),
    ):
        lines = [line for line in told if place in line]
        hold(len(lines) == 1 and what in lines[0], f"{place} is not told:\n{found}")
    hold(len(told) == 3, f"not three problems:\n{found}")


def test_every_mistake_is_told_at_once_and_nothing_applied(
    seeded: Installation, tmp_path: Path
) -> None:
    workbooks.devices(tmp_path / "wrong.xlsx", wrong=True)
    answer = seeded.hatang("inventory", "import", str(tmp_path / "wrong.xlsx"))
    hold(answer.status == 6, f"exit status {answer.status}")
    check_problems([line for line in answer.err.splitlines() if "wrong.xlsx" in line])
    names = [row["name"] for row in seeded.json("device", "list")]
    hold(names == ["rtr-46101"], f"something was applied: {names}")


def check_refused(answer: Answer, *words: str) -> None:
    """Exit status 6, one sentence that names what is wrong, no traceback."""
    hold(answer.status == 6, f"exit status {answer.status}: {answer.out}{answer.err}")
    hold("Traceback" not in answer.err, answer.err)
    hold(all(word in answer.err for word in words), f"not all of {words} in: {answer.err}")


def test_a_bomb_is_refused_by_name(seeded: Installation, tmp_path: Path) -> None:
    workbooks.bomb(tmp_path / "bomb.xlsx")
    answer = seeded.hatang("inventory", "import", str(tmp_path / "bomb.xlsx"))
    check_refused(answer, "bomb.xlsx", "unpacks to more than", "save it anew")


def test_a_formula_nobody_computed_is_named_by_its_cell(
    seeded: Installation, tmp_path: Path
) -> None:
    workbooks.uncomputed(tmp_path / "xã.xls")  # an XLSX, whatever its name says
    answer = seeded.hatang("inventory", "import", str(tmp_path / "xã.xls"))
    check_refused(answer, "xã.xls[DM xã]:50002: B “Tên xã” name", "formula without a saved value")


def test_sabotage_a_refusal_that_names_no_cell() -> None:
    with turns_red():
        check_refused(Answer(6, "", "hatang: xã.xls: the file is wrong"), "50002", "Tên xã")


def test_what_was_applied_is_planned_no_second_time(fresh: Installation, tmp_path: Path) -> None:
    for filename, build in BOOKS.values():
        build(tmp_path / filename)
        fresh.hatang("inventory", "import", str(tmp_path / filename)).good()
    for filename, _ in BOOKS.values():
        again = planned(fresh, tmp_path / filename)
        hold(again["rows"] == [], f"{filename}: {again['rows']}")
