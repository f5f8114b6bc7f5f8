"""Provinces as their reports counted them come in from an office's workbook, and count the same."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from tests.acceptance.doors import hatang_lab
from tests.acceptance.installation import Installation
from tests.acceptance.red import hold, turns_red

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.acceptance]

SEED = "20250701"
DAY = "2020-12-15"
# What the reports say: Huế of 1 January 2014 and of 15 October 2024, Thanh Hóa of 20 July 2020,
# Hưng Yên about 2020.
FIGURES = {
    "hue-2014": {
        "34/34 departments on the WAN",
        "56/56 other units with a place on the WAN",
        "27/27 communes on the WAN",
        "117 sites on the WAN beside the data centre",
        "100000 kbit/s of domestic Internet",
        "2000 kbit/s of international Internet",
    },
    "hue-2024": {
        "9/9 other units with a place with a one-stop desk",
        "141/141 communes with a one-stop desk",
        "151 one-stop desks",
    },
    "thanh-hoa": {
        "559/559 communes with a one-stop desk",
        "215 conference points",
        "83 conference points above communes",
        "132 conference points at communes",
        "215/215 conference points with a telephone",
        "132/559 communes with a conference point",
    },
    "hung-yen": {
        "15 conference points",
        "15/15 conference points with a telephone",
        "773 certificates",
    },
}
EXPIRING = re.compile(r"^certificates expiring within 30 days of (\S+): (\d+)$", re.MULTILINE)


def drawn(profile: str, folder: Path) -> tuple[Path, str]:
    """Draw the province as a workbook; return it with what the command said."""
    path = folder / f"{profile}.xlsx"
    words = ("--profile", profile, "--format", "xlsx", "--seed", SEED, "--out", str(path))
    return path, hatang_lab("seed", *words).good().out


def installed(folder: Path) -> Installation:
    made = Installation(folder)
    made.configure('prometheus.binary = "/bin/true"\nalertmanager.binary = "/bin/true"')
    made.hatang("init", person="").good()
    return made


def check_imports_clean(made: Installation, workbook: Path) -> None:
    """The workbook comes in whole, and a second plan finds nothing left to do."""
    answer = made.hatang("inventory", "import", str(workbook))
    hold(answer.status == 0, f"the workbook is refused:\n{answer.err[:2000]}")
    plan: dict[str, Any] = made.json("inventory", "plan", str(workbook))
    left = {name: plan[name] for name in ("created", "changed", "absent")}
    hold(not any(left.values()), f"the second plan is not empty: {left}")


def check_figures(made: Installation, wanted: set[str]) -> None:
    """Coverage is what the reports say."""
    rows = made.json("inventory", "coverage", "--on", DAY)
    found = {row["coverage"] for row in rows}
    hold(wanted <= found, f"{sorted(wanted - found)} are not among {sorted(found)}")


@pytest.mark.parametrize("profile", FIGURES)
def test_a_province_comes_in_from_its_workbook_and_counts_as_reported(
    profile: str, tmp_path: Path
) -> None:
    workbook, said = drawn(profile, tmp_path)
    hold(f"seed {SEED}" in said, "the seed is not printed")
    made = installed(tmp_path / "hatang")
    check_imports_clean(made, workbook)
    check_figures(made, FIGURES[profile])
    expiring = EXPIRING.search(said)
    if expiring is not None:
        hold(expiring[1] == DAY, f"the profile counts on {expiring[1]}, not on {DAY}")
        check_figures(made, {f"{expiring[2]} certificates expiring within 30 days"})


def test_sabotage_a_workbook_with_one_line_less(tmp_path: Path) -> None:
    path, _ = drawn("hue-2014", tmp_path)
    book = load_workbook(path)
    lines, cables = book["Kênh truyền"], book["Liên kết"]
    lines.delete_rows(5)
    cables.delete_rows(5)
    book.save(path)
    made = installed(tmp_path / "hatang")
    check_imports_clean(made, path)
    with turns_red():
        check_figures(made, FIGURES["hue-2014"])


def test_sabotage_a_workbook_that_an_office_spoiled(tmp_path: Path) -> None:
    path, _ = drawn("hung-yen", tmp_path)
    book = load_workbook(path)
    book["Chứng thư số"]["I7"] = "hết hạn rồi"
    book.save(path)
    made = installed(tmp_path / "hatang")
    with turns_red():
        check_imports_clean(made, path)
