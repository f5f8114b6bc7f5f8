"""A pack loads only as it was signed; otherwise it says why it does not."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from baselines import packs
from baselines.packs import Shelf
from baselines.packs.signing import sign
from hatang import signing
from hatang.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

NAME = "local/1"
RULE = "TIM-01.yaml"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A shelf with one pack of one rule, signed by a key that is trusted there."""
    made = Shelf(tmp_path / "packs", tmp_path / "keys")
    (made.packs / NAME).mkdir(parents=True)
    made.keys.mkdir()
    shutil.copy(packs.DIRECTORY / packs.DEFAULT / RULE, made.packs / NAME / RULE)
    sign_anew(made)
    return made


def sign_anew(shelf: Shelf, *, trust: bool = True) -> None:
    private, public = signing.generate()
    sign(shelf.packs, NAME, private)
    if trust:
        (shelf.keys / f"{signing.fingerprint(public)[:8]}.pub").write_text(public)


def edit(shelf: Shelf, change: Callable[[dict[str, Any]], object]) -> None:
    path = shelf.packs / NAME / RULE
    rule = yaml.safe_load(path.read_text("utf-8"))
    change(rule)
    path.write_text(yaml.safe_dump(rule), "utf-8")


def refusal(shelf: Shelf) -> str:
    with pytest.raises(InvalidInputError) as caught:
        packs.load(NAME, shelf)
    return " ".join(f"{one.where} {one.field} {one.message}" for one in caught.value.problems)


def test_a_pack_signed_by_a_trusted_key_loads(shelf: Shelf) -> None:
    assert [rule.id for rule in packs.load(NAME, shelf).rules] == ["TIM-01"]
    assert packs.lint(NAME, shelf) == []


def test_the_packs_that_come_along_are_whole() -> None:
    assert packs.DEFAULT in packs.names()
    for name in packs.names():
        assert packs.load(name).rules


def test_a_changed_rule_is_not_the_one_that_was_signed(shelf: Shelf) -> None:
    path = shelf.packs / NAME / RULE
    path.write_text(path.read_text("utf-8").replace("severity: high", "severity: low"), "utf-8")
    assert "is not the file that was signed" in refusal(shelf)


def test_a_file_that_was_not_signed_is_refused(shelf: Shelf) -> None:
    shutil.copy(shelf.packs / NAME / RULE, shelf.packs / NAME / "ZZZ-99.yaml")
    assert "ZZZ-99.yaml file is not among the signed files" in refusal(shelf)


def test_a_file_that_is_missing_is_named(shelf: Shelf) -> None:
    (shelf.packs / NAME / RULE).unlink()
    assert "was signed, but is missing" in refusal(shelf)


def test_a_key_nobody_trusts_is_refused(shelf: Shelf) -> None:
    sign_anew(shelf, trust=False)
    assert "not among the trusted" in refusal(shelf)


def test_a_wrong_signature_is_refused(shelf: Shelf) -> None:
    path = shelf.packs / NAME / "manifest.json"
    path.write_text(path.read_text().replace('"files"', ' "files"'))
    assert "is not that of this manifest" in refusal(shelf)


def test_a_pack_moved_under_another_name_is_refused(shelf: Shelf) -> None:
    (shelf.packs / NAME).rename(shelf.packs / "local" / "2")
    with pytest.raises(InvalidInputError, match="says it is local/1"):
        packs.load("local/2", shelf)


@pytest.mark.parametrize("verdict", ["pass", "fail", "unknown"])
def test_a_rule_without_a_fixture_does_not_load(shelf: Shelf, verdict: str) -> None:
    def drop(rule: dict[str, Any]) -> None:
        fixtures = rule["dialects"]["ios"]["fixtures"]
        kept = [one for one in fixtures if one["verdict"] != verdict]
        rule["dialects"]["ios"]["fixtures"] = (kept * 3)[:3]

    edit(shelf, drop)
    sign_anew(shelf)
    assert f"has no fixture for {verdict}" in refusal(shelf)


QUESTION = {
    "id": "POL-99",
    "version": 1,
    "severity": "low",
    "kind": "manual",
    "title": {"en": "a", "vi": "b"},
    "rationale": {"en": "a", "vi": "b"},
    "asks": {"en": "a", "vi": "b"},
    "evidence": {"en": "a", "vi": "b"},
    "about": "unit",
    "months": 6,
    "references": [
        {
            "framework": "TCVN 14423",
            "edition": "2026",
            "clause": "5.2.2.2",
            "relation": "supporting",
            "confidence": "C",
        }
    ],
}


def ask(shelf: Shelf, **changes: object) -> None:
    path = shelf.packs / NAME / "POL-99.yaml"
    path.write_text(yaml.safe_dump({**QUESTION, **changes}), "utf-8")
    sign_anew(shelf)


def test_a_question_stands_beside_the_rules_and_is_none(shelf: Shelf) -> None:
    ask(shelf)
    pack = packs.load(NAME, shelf)
    assert [one.id for one in pack.questions] == ["POL-99"]
    assert [one.id for one in pack.rules] == ["TIM-01"]


def test_a_question_that_maps_to_no_clause_is_refused(shelf: Shelf) -> None:
    ask(shelf, references=[])
    assert "POL-99.yaml references" in refusal(shelf)


def test_a_question_never_has_the_id_of_a_rule(shelf: Shelf) -> None:
    ask(shelf, id="TIM-01")
    assert "stands there twice" in refusal(shelf)


def test_a_key_the_schema_does_not_know_is_refused(shelf: Shelf) -> None:
    edit(shelf, lambda rule: rule.update(color="red"))
    sign_anew(shelf)
    assert "color" in refusal(shelf)


def test_a_dialect_nobody_speaks_is_refused(shelf: Shelf) -> None:
    edit(shelf, lambda rule: rule["dialects"].update(vms=rule["dialects"]["ios"]))
    sign_anew(shelf)
    assert "is no dialect" in refusal(shelf)


def test_a_declined_mapping_without_a_reason_is_refused(shelf: Shelf) -> None:
    edit(shelf, lambda rule: rule["references"][0].update(relation="declined"))
    sign_anew(shelf)
    assert "a declined mapping says why" in refusal(shelf)


def test_lint_names_a_fixture_that_gets_another_verdict(shelf: Shelf) -> None:
    edit(shelf, lambda rule: rule["dialects"]["ios"]["fixtures"][0].update(text="hostname a\n"))
    sign_anew(shelf)
    (problem,) = packs.lint(NAME, shelf)
    assert problem.where == "TIM-01.ios.fixtures.0"


def test_a_pack_nobody_has_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        packs.load("no/where")
