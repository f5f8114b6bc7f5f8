"""Provinces on paper: as many rows as their reports said, and what is invented says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import yaml
from openpyxl import load_workbook

from lab.errors import LabError
from lab.profiles import PROFILES, hung_yen
from lab.profiles.paper import INVENTED
from lab.seeding import SeedOrder, write

if TYPE_CHECKING:
    from pathlib import Path

SEED = 7


def rows(name: str) -> dict[str, list[dict[str, Any]]]:
    return PROFILES[name](SEED).rows


def count(name: str, section: str, **wanted: object) -> int:
    return sum(wanted.items() <= row.items() for row in rows(name)[section])


def test_hue_in_2014_has_34_56_and_27_sites_on_the_wan() -> None:
    ends = [row["z"] for row in rows("hue-2014")["circuits"] if row.get("type") != "internet"]
    units = {row["slug"]: row["unit"] for row in rows("hue-2014")["sites"]}
    kinds = {row["code"]: row["kind"] for row in rows("hue-2014")["units"]}
    found = [kinds[units[site]] for site in ends]
    assert [found.count(kind) for kind in ("department", "unit", "ward")] == [34, 56, 27]
    (internet,) = [row for row in rows("hue-2014")["circuits"] if row.get("type") == "internet"]
    assert (internet["domestic_rate_kbps"], internet["international_rate_kbps"]) == (100_000, 2_000)


def test_hue_in_2024_has_1_9_and_141_desks() -> None:
    desks = [row["unit"] for row in rows("hue-2024")["services"] if row["kind"] == "one-stop-desk"]
    kinds = {row["code"]: row["kind"] for row in rows("hue-2024")["units"]}
    found = [kinds[unit] for unit in desks]
    assert [found.count(kind) for kind in ("department", "unit", "commune")] == [1, 9, 141]


def test_thanh_hoa_has_559_communes_and_83_and_132_points() -> None:
    assert count("thanh-hoa", "units", kind="commune") == 559
    sites = [row["site"] for row in rows("thanh-hoa")["rooms"]]
    at_communes = sum(site.startswith("xa-") for site in sites)
    assert (len(sites) - at_communes, at_communes) == (83, 132)
    assert all(row["contact_phone"] for row in rows("thanh-hoa")["rooms"])


def test_hung_yen_has_15_points_and_773_different_certificates() -> None:
    certificates = rows("hung-yen")["certificates"]
    assert len({row["serial"] for row in certificates}) == len(certificates) == 773
    soon = [
        row
        for row in certificates
        if hung_yen.AS_OF <= row["not_after"] <= hung_yen.AS_OF + hung_yen.SOON
    ]
    assert len(soon) == hung_yen.EXPIRING
    assert len(rows("hung-yen")["rooms"]) == 15


@pytest.mark.parametrize("name", PROFILES)
def test_the_same_seed_draws_the_same_province(name: str) -> None:
    assert PROFILES[name](SEED).content() == PROFILES[name](SEED).content()
    assert PROFILES[name](SEED).content() != PROFILES[name](SEED + 1).content()


@pytest.mark.parametrize("name", PROFILES)
def test_every_reference_resolves(name: str) -> None:
    found = rows(name)
    units = {row["code"] for row in found["units"]}
    sites = {row["slug"] for row in found["sites"]}
    owners = [*found["sites"], *found["services"], *found["certificates"]]
    assert {row["unit"] for row in owners} <= units
    assert {row["parent"] for row in found["units"] if "parent" in row} <= units
    places = {row["site"] for row in (*found["rooms"], *found["devices"])}
    assert places | {row[end] for row in found["circuits"] for end in "az"} <= sites


@pytest.mark.parametrize("name", ["hue-2024", "thanh-hoa", "hung-yen"])
def test_names_of_communes_that_are_not_public_say_so(name: str) -> None:
    names = [row["name"] for row in rows(name)["units"] if row["kind"] == "commune"]
    assert all(each.endswith(INVENTED) for each in names)


def test_the_workbook_holds_every_row_below_its_titles(tmp_path: Path) -> None:
    path = tmp_path / "hung-yen.xlsx"
    lines = write(SeedOrder("hung-yen", path, None, None, SEED, "xlsx"), tmp_path)
    assert lines[0] == f"seed {SEED}"
    book = load_workbook(path)
    sheet = book["Chứng thư số"]
    assert sheet["A4"].value == "STT"
    assert [sheet.cell(5 + 772, 1).value, sheet.cell(5 + 773, 1).value] == [773, "Tổng cộng"]


@pytest.mark.slow
def test_the_file_is_yaml_unless_asked_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "hue.yaml"
    lines = write(SeedOrder("hue-2014", path, None, None, SEED), tmp_path)
    assert yaml.safe_load(path.read_text("utf-8"))["version"] == 1
    assert "WAN sites: 117" in lines


@pytest.mark.parametrize(
    "order",
    [("tinh-700", "xlsx"), ("lab", "xlsx"), ("hue-2014", "odt")],
)
def test_a_form_that_is_not_written_is_refused(order: tuple[str, str], tmp_path: Path) -> None:
    with pytest.raises(LabError):
        write(SeedOrder(order[0], tmp_path / "out", None, None, SEED, order[1]), tmp_path)
