"""Plans drawn up without a database: what happens to whom, and everything that is wrong."""

from __future__ import annotations

from datetime import date

import pytest

from hatang.errors import InvalidInputError
from inventory.choices import ElementKind
from inventory.reorganisation.document import read
from inventory.reorganisation.plan import ReorganisationPlan, Succession
from inventory.reorganisation.planning import plan
from inventory.reorganisation.state import Binding, Owned, Province, UnitState

DAY = date(2025, 7, 1)
SECTIONS = {"sites": ElementKind.SITE, "services": ElementKind.SERVICE}
HEAD = "version: 1\ntitle: Sắp xếp\neffective_on: 2025-07-01\n"
NEW = "units: [{code: new, name: Phường Mới, kind: ward, parent: tinh}]\n"
NEW_TWO = (
    "units:\n  - {code: new, name: Phường Mới, kind: ward, parent: tinh}\n"
    "  - {code: two, name: Phường Hai, kind: ward, parent: tinh}\n"
)


def site(key: str) -> Owned:
    return Owned(ElementKind.SITE, key)


def province(*bindings: Binding) -> Province:
    return Province(
        units={
            "tinh": UnitState("Tỉnh", "province", None),
            "huyen": UnitState("Huyện", "unit", "tinh"),
            "a": UnitState("Xã A", "commune", "huyen"),
            "b": UnitState("Xã B", "commune", "huyen"),
            "c": UnitState("Xã C", "commune", "tinh"),
            "old": UnitState("Xã Cũ", "commune", "a", None, date(2019, 12, 31)),
        },
        owners={
            site("a1"): "a",
            site("a2"): "a",
            site("b1"): "b",
            site("c1"): "c",
            site("h1"): "huyen",
            Owned(ElementKind.SERVICE, "desk-a"): "a",
        },
        bindings=bindings,
    )


def planned(text: str, base: Province | None = None) -> ReorganisationPlan:
    return plan(read(HEAD + text, "x.yaml"), base or province(), SECTIONS)


def refused(text: str, base: Province | None = None) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InvalidInputError) as caught:
        planned(text, base)
    return [(one.line, one.field, one.message) for one in caught.value.problems]


def test_a_merge_ends_the_old_and_gives_all_they_had_to_the_new() -> None:
    found = planned(NEW + "reorganise: [{merge: [a, b], into: new}]")
    after = found.after
    assert after.units["a"].valid_to == date(2025, 6, 30)
    assert after.units["new"].valid_from == DAY
    assert after.owners[site("a1")] == after.owners[site("b1")] == "new"
    assert after.owners[site("c1")] == "c"
    assert found.successions == (Succession("a", "new"), Succession("b", "new"))
    assert after.units["a"].parent == "new"  # whoever sees the new unit sees the old one's records


def test_a_split_gives_what_is_named_and_the_rest_to_one() -> None:
    shares = "{unit: new, takes: {sites: [a1]}}, {unit: two, rest: true}"
    text = NEW_TWO + f"reorganise: [{{split: a, into: [{shares}]}}]"
    after = planned(text).after
    assert after.owners[site("a1")] == "new"
    assert after.owners[site("a2")] == "two"
    assert after.owners[Owned(ElementKind.SERVICE, "desk-a")] == "two"
    assert after.units["a"].parent == "two"


def test_a_unit_may_survive_its_split() -> None:
    text = "reorganise: [{split: a, into: [{unit: c, takes: {sites: [a1]}}, {unit: a}]}]"
    found = planned(text)
    assert found.after.owners[site("a1")] == "c"
    assert found.after.units["a"].valid_to is None
    assert found.successions == (Succession("a", "c"),)


def test_what_a_split_leaves_to_nobody_is_named() -> None:
    text = (
        NEW_TWO + "reorganise: [{split: a, into: [{unit: new, takes: {sites: [a1]}}, {unit: two}]}]"
    )
    ((line, field, message),) = refused(text)
    assert (line, field) == (7, "into")
    assert "site a2" in message
    assert "service desk-a" in message


def test_children_follow_a_merged_unit_and_a_move_hangs_elsewhere() -> None:
    text = "reorganise: [{move: a, to: tinh}, {merge: [huyen], into: c}]"
    after = planned(text).after
    assert after.units["a"].parent == "tinh"
    assert after.units["b"].parent == "c"
    assert after.owners[site("h1")] == "c"


def test_a_rename_keeps_the_unit_and_takes_another_code() -> None:
    found = planned("reorganise: [{rename: huyen, name: Khu vực, code: khu-vuc}]")
    (change, *others) = found.units
    assert {one.code for one in (change, *others)} == {"a", "b", "huyen"}
    assert found.after.units["khu-vuc"].name == "Khu vực"
    assert found.after.units["a"].parent == "khu-vuc"
    assert "huyen" not in found.after.units


def test_the_hash_covers_what_is_done_and_nothing_else() -> None:
    text = NEW + "reorganise: [{merge: [a, b], into: new}]"
    base = province()
    more = Province(base.units, {**base.owners, site("a3"): "a"})
    elsewhere = Province(base.units, {**base.owners, site("c2"): "c"})
    assert planned(text).sha256 == planned(text).sha256
    assert planned(text).sha256 == planned(text, elsewhere).sha256
    assert planned(text).sha256 != planned(text, more).sha256
    assert planned(text).sha256 != planned(text.replace("Phường Mới", "Phường Khác")).sha256


def test_roles_follow_into_a_unit_made_of_the_merged_and_their_sight_is_told() -> None:
    base = province(Binding(1, "lan", "viewer", "a"), Binding(2, "hoa", "viewer", "tinh"))
    found = planned(NEW + "reorganise: [{merge: [a, b], into: new}]", base)
    (sight,) = found.sights  # who saw everything sees everything still
    assert (sight.person, sight.before, sight.after) == ("lan", "a", "new")
    assert (sight.sites_before, sight.sites_after) == (2, 3)
    assert sight.gained == ("b1",)
    assert found.after.bindings[0].unit == "new"


def test_roles_never_spread_over_a_wider_unit_unasked() -> None:
    base = province(Binding(1, "lan", "engineer", "huyen"))
    merge = "reorganise: [{merge: [huyen], into: tinh}]"
    ((_, field, message),) = refused(merge, base)
    assert field == "people"
    assert "further" in message
    stays = planned(merge.replace("tinh}", "tinh, people: stay}"), base)
    assert stays.after.bindings[0].unit == "huyen"
    (sight,) = stays.sights
    assert sight.sites_after == 0


def test_roles_in_a_split_unit_need_a_word() -> None:
    base = province(Binding(1, "lan", "viewer", "a"))
    split = NEW_TWO + "reorganise: [{split: a, into: [{unit: new, rest: true}, {unit: two}]PEOPLE}]"
    assert [field for _, field, _ in refused(split.replace("PEOPLE", ""), base)] == ["people"]
    found = planned(split.replace("PEOPLE", ", people: two"), base)
    assert found.after.bindings[0].unit == "two"
    assert refused(split.replace("PEOPLE", ", people: c"), base)[0][1] == "people"


def test_every_error_is_told_at_once() -> None:
    text = (
        "units:\n"
        "  - {code: b, name: B, kind: ward, parent: tinh}\n"
        "  - {code: n, name: N, kind: ward, parent: nowhere}\n"
        "reorganise:\n"
        "  - {merge: [ghost, a], into: c}\n"
        "  - {merge: [a], into: c}\n"
        "  - {move: old, to: tinh}\n"
        "  - {split: c, into: [{unit: c, takes: {sites: [h1], colours: [red]}}]}\n"
    )
    assert [(line, field) for line, field, _ in refused(text)] == [
        (5, "code"),
        (6, "parent"),
        (8, "merge"),
        (9, "merge"),
        (10, "move"),
        (11, "sites"),
        (11, "takes"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "reorganise: [{move: tinh, to: a}]",
        "reorganise: [{move: huyen, to: a}]",
        "reorganise: [{merge: [huyen], into: a}]",
    ],
)
def test_no_unit_ends_up_above_itself(text: str) -> None:
    assert any("above itself" in message for _, _, message in refused(text))


def test_a_day_before_the_last_change_is_refused() -> None:
    base = province()
    late = Province(base.units, base.owners, unit_changed_on={"a": date(2026, 1, 1)})
    assert "after that day" in refused("reorganise: [{move: a, to: tinh}]", late)[0][2]


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("reorganise: [{join: [a], into: b}]", "reorganise"),
        ("reorganise: [{merge: [], into: b}]", "merge"),
        ("reorganise: [{merge: [a]}]", "into"),
        ("reorganise: [{merge: [a], into: b, colour: red}]", "colour"),
        ("units: [{code: n, name: N, kind: kingdom}]", "units.0.kind"),
        ("reorganise: 7", "reorganise"),
    ],
)
def test_a_wrong_form_is_named(text: str, field: str) -> None:
    assert field in [one[1] for one in refused(text)]
