"""The engine judges by lines it can cite, and says unknown where it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines import engine, packs, schemas
from hatang.gates import Verdict

if TYPE_CHECKING:
    from baselines.schemas import Fixture, Rule

PACK = packs.load()
CASES = [
    pytest.param(rule, dialect, fixture, id=f"{rule.id}-{dialect}-{number}-{fixture.verdict}")
    for rule in PACK.rules
    for dialect, spoken in rule.dialects.items()
    for number, fixture in enumerate(spoken.fixtures)
]


@pytest.mark.parametrize(("rule", "dialect", "fixture"), CASES)
def test_rule_judges_its_own_fixture(rule: Rule, dialect: str, fixture: Fixture) -> None:
    (finding,) = engine.audit(fixture.text, dialect, [rule])
    assert finding.verdict is fixture.verdict


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.id)
def test_rule_proves_pass_fail_and_unknown_in_every_dialect_it_claims(rule: Rule) -> None:
    for spoken in rule.dialects.values():
        assert {"pass", "fail", "unknown"} <= {fixture.verdict for fixture in spoken.fixtures}


def test_a_failure_cites_the_line_that_causes_it() -> None:
    text = "hostname a\nusername ok secret 9 x\nusername old password 7 y\n"
    (finding,) = engine.audit(text, "ios", [PACK.rule("AAA-03")])
    assert finding.lines == (3,)


def test_one_line_more_flips_exactly_one_finding() -> None:
    text = "hostname a\nlogging host 10.0.0.9\nline vty 0 4\n transport input ssh\n"
    before = engine.audit(text, "ios", PACK.rules)
    after = engine.audit(text + "snmp-server community x RO\n", "ios", PACK.rules)
    changed = [
        new.rule_id for old, new in zip(before, after, strict=True) if old.verdict != new.verdict
    ]
    assert changed == ["SNM-02"]


def test_a_configuration_mostly_refused_by_the_device_is_unknown() -> None:
    text = "hostname a\n% Invalid input detected at '^' marker.\n% Invalid input detected\n"
    findings = engine.audit(text, "ios", PACK.rules)
    assert {finding.verdict for finding in findings} == {Verdict.UNKNOWN}


def test_a_dialect_a_rule_does_not_speak_is_unknown() -> None:
    (finding,) = engine.audit("set system host-name a\n", "junos", [PACK.rule("SNM-02")])
    assert finding.verdict is Verdict.UNKNOWN


def test_a_fault_that_cannot_exist_in_a_dialect_is_not_applicable() -> None:
    (finding,) = engine.audit("hostname a\n", "frr", [PACK.rule("SNM-02")])
    assert finding.verdict is Verdict.NOT_APPLICABLE


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_any_text_gets_a_verdict(text: str) -> None:
    findings = engine.audit(text, "ios", PACK.rules)
    assert len(findings) == len(PACK.rules)


@given(st.lists(st.sampled_from(["hostname a", "logging host 10.0.0.1", " mtu 9000", "!"])))
def test_the_same_text_gets_the_same_answer(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert engine.audit(text, "ios", PACK.rules) == engine.audit(text, "ios", PACK.rules)


NO_LINE = {"each": {"lines": "^never", "must": "x", "when_none": "not_applicable"}}


@pytest.mark.parametrize(
    "test",
    [
        {"per_block": {"parent": "^interface", "test": NO_LINE, "when_none": "pass"}},
        {"any": [NO_LINE, NO_LINE]},
        {"all": [NO_LINE, NO_LINE]},
    ],
    ids=["per_block", "any", "all"],
)
def test_what_applies_nowhere_is_neither_a_pass_nor_a_failure(test: dict[str, Any]) -> None:
    (given,) = PACK.rules[:1]
    spoken = given.dialects["ios"].model_copy(update={"test": schemas.Test.model_validate(test)})
    rule = given.model_copy(update={"dialects": {"ios": spoken}})
    (finding,) = engine.audit("interface a\n shutdown\ninterface b\n", "ios", [rule])
    assert finding.verdict is Verdict.NOT_APPLICABLE
