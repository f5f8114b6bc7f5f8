"""Reads real configurations by the criteria of the rules that came later, as `reading` does.

Knows nothing of our parser, engine or packs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tests.baselines.truth.reading import FAIL, NONE, PASS, Reading, Text, first, lines_of, need

if TYPE_CHECKING:
    from tests.baselines.truth.reading import Line


def grep(lines: list[Line], pattern: str) -> list[Line]:
    return [one for one in lines if re.search(pattern, one[1])]


def only(lines: list[Line], which: str, right: str) -> Reading:
    """All lines of a kind are right; none is as good as all."""
    return first([one for one in grep(lines, which) if not re.search(right, one[1])])


def few(lines: list[Line], which: str, most: int) -> Reading:
    found = grep(lines, which)
    names = {re.search(which, line)[1] for _n, line in found}  # type: ignore[index]
    return (FAIL, found[0][0]) if len(names) > most else (PASS, None)


def clocks(lines: list[Line]) -> Reading:
    servers = grep(lines, "^ntp server ")
    without = [one for one in servers if " key " not in one[1]]
    there = grep(lines, "^ntp authenticate$") and grep(lines, "^ntp trusted-key ")
    if without:
        return FAIL, without[0][0]
    return need(servers and there)


def blocks_with(text: Text, word: str, wanted: str) -> Reading:
    found = list(text.blocks(word))
    if not found:
        return NONE, None
    for number, _line, inside in found:
        if wanted not in [line for _n, line in inside]:
            return FAIL, number
    return PASS, None


def cisco_like(content: str, eos: bool) -> dict[str, Reading]:
    text = Text(lines_of(content))
    lines = [(n, line.strip()) for n, line in text.lines]
    found: dict[str, Reading] = {
        "AAA-07": few(lines, r"^username (\S+)", 1),
        "AAA-08": few(
            lines,
            r"^username (\S+) (?:.* )?(?:privilege 15\b|role network-admin)"
            if eos
            else r"^username (\S+) (?:.* )?privilege 15\b",
            2,
        ),
        "LOG-02": only(lines, "^logging trap ", "(informational|debugging|6|7)$"),
        "TIM-02": clocks(lines),
        "RTG-02": blocks_with(text, "router ospf ", "passive-interface default")
        if eos or not grep(lines, r"^router (rip|eigrp)")
        else blocks_with(text, "router rip", "passive-interface default"),
        "LOG-07": need(
            all(grep(lines, f"^aaa authentication policy on-{one} log$") for one in ON)
            if eos
            else all(grep(lines, f"^login on-{one} log") for one in ON)
        ),
    }
    if eos:
        return found | {"LOG-03": need(grep(lines, "^logging format timestamp "))}
    if grep(lines, r"^router (rip|eigrp)"):
        del found["RTG-02"]  # several kinds: left to the auditor
    stamps = grep(lines, "^service timestamps log datetime ")
    return found | {
        "LOG-03": need(grep(stamps, "msec") and grep(stamps, "show-timezone")),
        "MGT-14": first(grep(lines, "^(tftp-server |ftp-server |ip scp server enable)")),
        "SVC-01": first(
            grep(
                lines,
                "^(service (tcp-small-servers|udp-small-servers|pad|finger|config|call-home)"
                "|ip (finger|bootp server|identd|rcmd r(cp|sh)-enable)|boot network )",
            )
        ),
        "RTG-07": need(
            any(
                line.startswith("service-policy input ")
                for _n, head, inside in text.blocks("control-plane")
                for _m, line in inside
                if head == "control-plane"
            )
        ),
        "TIM-03": only(lines, "^clock timezone ", r"^clock timezone \S+ [07]( 0)?( 0)?$"),
    }


ON = ("failure", "success")


def junos(content: str) -> dict[str, Reading]:
    lines = [
        (n, line.strip().removeprefix("set "))
        for n, line in enumerate(content.split("\n"), 1)
        if line.startswith("set ")
    ]
    all_of_ospf = grep(lines, r"protocols ospf3? area \S+ interface all")
    ospf = grep(lines, r"protocols ospf3? area ")
    host = r"^system syslog host \S+ (any|authorization|change-log|interactive-commands) "
    both = r"^system syslog (host|file) \S+ (any|authorization) (any|info|debug)$"
    return {
        "AAA-07": few(lines, r"^system login user (\S+)", 1),
        "AAA-08": few(lines, r"^system login user (\S+) class super-user$", 2),
        "LOG-02": need(grep(grep(lines, host), " (any|info|debug)$")),
        "LOG-03": need(grep(lines, "^system syslog time-format")),
        "LOG-05": need(grep(lines, "^system syslog file ")),
        "LOG-07": need(grep(lines, both)),
        "MGT-14": first(grep(lines, "^system services (ftp|tftp-server)( |$)")),
        "RTG-02": (first(all_of_ospf) if ospf else (NONE, None)),
        "RTG-05": need(grep(lines, "^system no-redirects$")),
        "SVC-01": first(grep(lines, "^system services (finger|rlogin|rsh|xnm-clear-text)( |$)")),
        "TIM-03": only(
            lines, "^system time-zone ", "(Asia/(Ho_Chi_Minh|Saigon|Bangkok)|UTC|GMT-7)$"
        ),
    }


def read(dialect: str, content: str) -> dict[str, Reading]:
    """Return what the later rules' criteria say of one configuration."""
    return junos(content) if dialect == "junos" else cisco_like(content, eos=dialect == "eos")
