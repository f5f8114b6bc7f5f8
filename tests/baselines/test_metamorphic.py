"""One offending line put into a real configuration flips exactly its findings and is cited.

Taken out again, everything is byte for byte as before.
"""

from __future__ import annotations

from collections import Counter

import pytest

from baselines import engine, packs
from hatang.gates import Verdict
from tests.baselines.real import configurations

pytestmark = pytest.mark.slow

JUDGE = engine.Engine(packs.load().rules)
VTY = {"MGT-01", "MGT-05", "MGT-06", "MGT-09", "MGT-10"}
SNMP = {"SNM-01", "SNM-02", "SNM-04"}
# Lines put in, and the rules they break; the last line is the one to be cited.
CISCO_LIKE: list[tuple[list[str], set[str]]] = [
    (["username cisco"], {"AAA-06"}),
    (["username zz secret 5 $1$a$b"], {"AAA-03"}),
    (["logging trap errors"], {"LOG-02"}),
    (["clock timezone EST -5 0"], {"TIM-03"}),
    (["snmp-server community public RO"], SNMP),
    (["snmp-server community zz RW"], {"SNM-02", "SNM-03", "SNM-04"}),
    (["interface Vlan1", " ip address 192.0.2.1 255.255.255.0"], {"MGT-13"}),
    (["router bgp 64999", " neighbor 192.0.2.1 remote-as 64998"], {"RTG-01", "RTG-03", "RTG-04"}),
    (["router ospf 64999", " max-metric router-lsa"], {"RTG-01", "RTG-02"}),
]
# What a line breaks only beside what is there already: accounts are counted, a port that looks
# outward may be silent for the whole device.
BESIDE = {
    "username cisco": {"AAA-07"},
    "username zz secret 5 $1$a$b": {"AAA-07"},
    "set system login user admin class super-user": {"AAA-07", "AAA-08"},
    'set system login user zz authentication encrypted-password "$1$a"': {"AAA-07"},
    " ip nat outside": {"SVC-03"},
}
OFFENCES: dict[str, list[tuple[list[str], set[str]]]] = {
    "ios": [
        *CISCO_LIKE,
        (["vstack"], {"SVC-02"}),
        (["ip http server"], {"MGT-07"}),
        (["enable password zz"], {"AAA-04"}),
        (["line vty 90 95", " transport input telnet"], VTY),
        (["service pad"], {"SVC-01"}),
        (["tftp-server flash:zz"], {"MGT-14"}),
        (["interface Vlan999", " switchport access vlan 9"], {"L2-01"}),
        (["interface Vlan998", " ip nat outside"], {"MGT-08", "RTG-05", "RTG-06"}),
        (["crypto isakmp policy 99"], {"FWL-05"}),
    ],
    "eos": [
        *CISCO_LIKE,
        (["management telnet", "   no shutdown"], {"MGT-01"}),
        (["management api http-commands", "   protocol http"], {"MGT-07"}),
    ],
    "junos": [
        (["set system services telnet"], {"MGT-01"}),
        (["set snmp community public clients 192.0.2.1/32"], {"SNM-01", "SNM-02"}),
        (["set snmp community zz authorization read-write"], {"SNM-02", "SNM-03", "SNM-04"}),
        (["set system login user admin class super-user"], {"AAA-06"}),
        (['set system login user zz authentication encrypted-password "$1$a"'], {"AAA-03"}),
        (['set system root-authentication encrypted-password "$1$a"'], {"AAA-04"}),
        (["set system services web-management http"], {"MGT-07"}),
        (["set system services finger"], {"SVC-01"}),
        (["set system services ftp"], {"MGT-14"}),
        (["set system time-zone America/Lima"], {"TIM-03"}),
        (["set protocols ospf area 0.0.0.9 interface all"], {"RTG-01", "RTG-02"}),
        (["set protocols bgp group ZZ neighbor 192.0.2.1 peer-as 1"], {"RTG-01", "RTG-03"}),
        (["set protocols ospf area 0.0.0.0 interface ge-9/9/9.0 metric 1"], {"RTG-01"}),
    ],
}


def put_in(text: str, lines: list[str]) -> tuple[str, int]:
    """Return the text with `lines` before its last line, and the number of the last of them."""
    there = text.rstrip("\n").split("\n")
    while there and there[-1].strip() in {"", "{master:0}"}:
        there.pop()
    at = len(there) - (there[-1].strip() == "end")
    return "\n".join([*there[:at], *lines, *there[at:]]) + "\n", at + len(lines)


def test_one_line_in_flips_its_findings_alone_and_out_again_restores_the_bytes() -> None:
    tried: Counter[str] = Counter()
    wrong = []
    for name, dialect, given in configurations():
        text, _at = put_in(given, [])
        before, tree = JUDGE.audit(text, dialect)
        is_braces = dialect == "junos" and "\nset " not in "\n" + text
        is_unread = tree.fault or tree.coverage < engine.MINIMUM_COVERAGE
        if dialect not in OFFENCES or is_unread or is_braces:
            continue
        for lines, rules in OFFENCES[dialect]:
            changed, number = put_in(text, lines)
            after, _tree = JUDGE.audit(changed, dialect)
            # A line may also make a rule apply that it then keeps: that is no failure.
            flipped = {
                new.rule_id
                for old, new in zip(before, after, strict=True)
                if old.verdict is not new.verdict
                and (old.verdict, new.verdict) != (Verdict.NOT_APPLICABLE, Verdict.PASS)
            }
            failing = {old.rule_id for old in before if old.verdict is Verdict.FAIL}
            expected = rules - failing
            cited = all(
                {number, number - len(lines) + 1} & set(new.lines)
                for new in after
                if new.rule_id in expected and new.verdict is Verdict.FAIL
            )
            allowed = rules | BESIDE.get(lines[-1], set())
            is_right = expected - flipped <= {"MGT-06"} and flipped <= allowed and cited
            tried[dialect] += 1
            if not is_right:
                wrong.append((name, lines, sorted(flipped), sorted(expected)))
            restored = changed.split("\n")
            del restored[number - len(lines) : number]
            again, _tree = JUDGE.audit("\n".join(restored), dialect)
            assert engine.as_bytes(again) == engine.as_bytes(before), name
    assert wrong == [], wrong[:6]
    assert min(tried[dialect] for dialect in OFFENCES) > 300
