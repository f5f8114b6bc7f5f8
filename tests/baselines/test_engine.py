"""The engine judges by lines it can cite, and says unknown where it cannot."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines import engine, packs, parsing, schemas
from baselines.packs.loading import disproved
from baselines.parsing import Fault
from hatang.errors import InvalidInputError
from hatang.gates import Verdict

if TYPE_CHECKING:
    from baselines.schemas import Rule

PACK = packs.load()
ENGINE = engine.Engine(PACK.rules)


def one(rule_id: str, text: str, dialect: str = "ios", **facts: Any) -> engine.Finding:
    (finding,) = engine.audit(text, dialect, [PACK.rule(rule_id)], facts)
    return finding


def verdict_of(test: dict[str, Any], text: str, dialect: str = "ios") -> engine.Finding:
    (first,) = PACK.rules[:1]
    spoken = first.dialects["ios"].model_copy(update={"test": schemas.Test.model_validate(test)})
    rule = first.model_copy(update={"dialects": {dialect: spoken}, "not_applicable": {}})
    (finding,) = engine.audit(text, dialect, [rule])
    return finding


@pytest.mark.parametrize("rule", PACK.rules, ids=lambda rule: rule.id)
def test_every_fixture_of_a_rule_gets_its_verdict_and_cites_its_lines(rule: Rule) -> None:
    assert list(disproved(rule)) == []


def test_a_failure_cites_the_line_that_causes_it() -> None:
    text = "hostname a\nusername ok secret 9 x\nusername old password 7 y\n"
    assert one("AAA-03", text).lines == (3,)


def test_one_line_more_flips_exactly_one_finding() -> None:
    text = "hostname a\nlogging host 10.0.0.9\nsnmp-server community x RO 10\n"
    text += "access-list 10 permit 10.0.0.9\n"
    before = engine.audit(text, "ios", PACK.rules)
    after = engine.audit(text + "vstack\n", "ios", PACK.rules)
    changed = [
        new.rule_id for old, new in zip(before, after, strict=True) if old.verdict != new.verdict
    ]
    assert changed == ["SVC-02"]


def test_a_line_of_a_banner_is_not_a_command() -> None:
    text = "hostname a\nbanner login ^C\nsw1# show run\nvstack\n^C\nno vstack\n"
    assert one("SVC-02", text).verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("text", "dialect", "reason"),
    [
        ("", "ios", Fault.EMPTY),
        ("!\n!\n", "ios", Fault.EMPTY),
        ("hostname a\0\n", "ios", Fault.BINARY),
        ("x" * 70_000, "ios", Fault.LINE_TOO_LONG),
        ("a\n" * 500_000, "ios", Fault.TOO_LARGE),
        ("\n".join(" " * depth + "interface a" for depth in range(200)), "ios", Fault.TOO_DEEP),
        ("Building configuration...\nhostname a\n", "ios", Fault.TRUNCATED),
        ("hostname a\nbanner login ^C\nnever ends\n", "ios", Fault.TRUNCATED),
        ("set system host-name a\n", "ios", Fault.NOT_UNDERSTOOD),
        ("hostname a\nusername x\n", "junos", Fault.TRUNCATED),
        ("system {\n host-name a;\n", "junos", Fault.TRUNCATED),
        ("system {\n" * 200, "junos", Fault.TOO_DEEP),
        ("hostname a\n% Invalid input detected at '^' marker.\n", "ios", Fault.NOT_UNDERSTOOD),
        ("hos\x1btname a\nhost\x07name b\n", "ios", Fault.NOT_UNDERSTOOD),
        ("config system global\n set hostname a\n", "fortios", Fault.TRUNCATED),
    ],
)
def test_a_text_nobody_can_judge_is_unknown_with_the_reason(
    text: str, dialect: str, reason: Fault
) -> None:
    findings, _tree = ENGINE.audit(text, dialect)
    judged = [one for one in findings if one.reason != "cannot_exist_here"]
    assert {one.verdict for one in judged} == {Verdict.UNKNOWN}
    assert {one.reason for one in judged} <= {reason, "dialect_not_covered"}


def test_a_whole_configuration_must_end_as_the_command_ends_it() -> None:
    text = "hostname a\nline vty 0 4\n transport input ssh\n"
    findings, tree = ENGINE.audit(text, "ios", is_whole=True)
    assert tree.fault is Fault.TRUNCATED
    assert Verdict.PASS not in {one.verdict for one in findings}
    assert ENGINE.audit(text + "end\n", "ios", is_whole=True)[1].fault is None


def test_a_dialect_a_rule_does_not_speak_is_unknown() -> None:
    finding = one("SNM-02", "/ip service\nset telnet disabled=yes\n", "routeros")
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, "dialect_not_covered")


def test_a_fault_that_cannot_exist_in_a_dialect_is_not_applicable() -> None:
    assert one("SNM-02", "hostname a\n", "frr").verdict is Verdict.NOT_APPLICABLE


def test_a_fact_nobody_knows_is_unknown() -> None:
    finding = one("AVL-02", "hostname a\n")
    assert (finding.verdict, finding.reason) == (Verdict.UNKNOWN, "fact_missing")


def test_a_parameter_set_here_changes_the_verdict() -> None:
    text = "hostname a\nntp server 10.0.0.1\n"
    lax = engine.Engine([PACK.rule("TIM-01")], {"TIM-01": {"sources": 1}})
    assert one("TIM-01", text).verdict is Verdict.FAIL
    assert lax.audit(text, "ios")[0][0].verdict is Verdict.PASS


def test_a_hostile_expression_takes_linear_time() -> None:
    test = {"absent": {"pattern": "(a+)+$"}}
    began = time.process_time()
    verdict_of(test, "hostname " + "a" * 60_000 + "!\n")
    assert time.process_time() - began < 2


def test_an_expression_re2_does_not_know_is_refused() -> None:
    with pytest.raises(InvalidInputError):
        verdict_of({"absent": {"pattern": r"(a)\1"}}, "hostname a\n")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=400))
def test_any_text_gets_a_verdict_in_every_dialect(text: str) -> None:
    for dialect in parsing.names():
        findings, _tree = ENGINE.audit(text, dialect)
        assert len(findings) == len(PACK.rules)


@given(st.lists(st.sampled_from(["hostname a", "logging host 10.0.0.1", " mtu 9000", "!"])))
def test_the_same_text_gives_the_same_bytes(lines: list[str]) -> None:
    text = "\n".join(lines)
    first = engine.as_bytes(engine.Engine(PACK.rules).audit(text, "ios")[0])
    assert first == engine.as_bytes(ENGINE.audit(text, "ios")[0])


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
    finding = verdict_of(test, "interface a\n shutdown\ninterface b\n")
    assert finding.verdict is Verdict.NOT_APPLICABLE


FAILS = {"present": {"pattern": "never"}}
PASSES = {"present": {"pattern": "interface"}}
UNKNOWN = {"fact": {"path": "no.where", "op": "==", "value": 1}}


@pytest.mark.parametrize(
    ("test", "verdict"),
    [
        ({"all": [PASSES, UNKNOWN]}, Verdict.UNKNOWN),
        ({"all": [FAILS, UNKNOWN]}, Verdict.FAIL),
        ({"any": [FAILS, UNKNOWN]}, Verdict.UNKNOWN),
        ({"any": [PASSES, UNKNOWN]}, Verdict.PASS),
        ({"none": [UNKNOWN]}, Verdict.UNKNOWN),
        ({"none": [FAILS]}, Verdict.PASS),
        ({"when": {"condition": UNKNOWN, "then": PASSES}}, Verdict.UNKNOWN),
        ({"when": {"condition": FAILS, "then": FAILS}}, Verdict.NOT_APPLICABLE),
        ({"count": {"pattern": "^interface", "at_most": 1}}, Verdict.FAIL),
        ({"count": {"pattern": "^interface", "at_least": 2}}, Verdict.PASS),
    ],
)
def test_unknown_never_becomes_a_pass(test: dict[str, Any], verdict: Verdict) -> None:
    assert verdict_of(test, "interface a\ninterface b\n").verdict is verdict
