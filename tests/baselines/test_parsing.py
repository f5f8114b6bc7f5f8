"""Each dialect becomes a tree whose statements know their lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from baselines.parsing import Tree, names, parse

WORDS = [
    *("interface a", " ip address 1.2.3.4", "banner motd #", "#", "end", "!", "  certificate 01"),
    *(
        "set system host-name a",
        "system {",
        "}",
        "host-name a;",
        "deactivate system",
        "apply-groups x;",
    ),
    *(
        "config system global",
        "edit 1",
        "next",
        'set a "',
        '"',
        "/ip service",
        "add a=b \\",
        "table inet x {",
    ),
    *(
        "# file: /etc/ssh/sshd_config",
        "Match User a",
        "permitrootlogin no",
        "chain input {",
        "  A0 B1",
        "quit",
    ),
]


def under(tree: Tree, text: str) -> list[str]:
    number = tree.texts.index(text)
    return tree.texts[number + 1 : tree.ends[number]]


def line(tree: Tree, text: str) -> int:
    return tree.lines[tree.texts.index(text)]


def test_indented_blocks_nest_and_keep_lines() -> None:
    tree = parse(
        "router bgp 1\n address-family ipv4\n  network 1.0.0.0\n exit\n!\nline vty 0 4\n", "ios"
    )
    assert under(tree, "router bgp 1") == ["address-family ipv4", "network 1.0.0.0"]
    assert under(tree, "address-family ipv4") == ["network 1.0.0.0"]
    assert line(tree, "line vty 0 4") == 6


def test_a_certificate_is_one_statement() -> None:
    tree = parse("crypto pki x\n certificate 01\n  3082 0330\n  quit\nhostname a\n", "ios")
    assert tree.texts == ["crypto pki x", "certificate 01", "hostname a"]
    assert tree.last[1] == 4


@pytest.mark.parametrize(
    "text",
    [
        "set system services ssh\nset system ntp server 10.0.0.1\n",
        "system {\n  services {\n    ssh;\n  }\n  ntp {\n    server 10.0.0.1;\n  }\n}\n",
    ],
)
def test_both_styles_of_junos_are_the_same_statements(text: str) -> None:
    assert parse(text, "junos").texts == ["system services ssh", "system ntp server 10.0.0.1"]


def test_junos_groups_that_are_applied_count_at_their_own_lines() -> None:
    text = "set groups g system services telnet\nset apply-groups g\nset system host-name a\n"
    tree = parse(text, "junos")
    assert line(tree, "system services telnet") == 1
    assert "groups g system services telnet" not in tree.texts


@pytest.mark.parametrize(
    "text",
    [
        "set system services telnet\nset version 1\ndeactivate system services telnet\n",
        "version 1;\nsystem {\n services {\n  inactive: telnet;\n }\n}\n",
        "version 1;\nsystem {\n inactive: services {\n  telnet;\n }\n}\n",
    ],
)
def test_what_junos_deactivated_is_not_there(text: str) -> None:
    assert "system services telnet" not in parse(text, "junos").texts


def test_a_junos_list_is_so_many_statements() -> None:
    tree = parse("system {\n    authentication-order [ radius password ];\n}\n", "junos")
    assert tree.texts == [
        "system authentication-order radius",
        "system authentication-order password",
    ]


def test_fortios_nests_by_its_words() -> None:
    text = 'config system interface\nedit "port1"\nset allowaccess ping\nnext\nend\n'
    text += "config system dns\nend\n"
    tree = parse(text, "fortios")
    assert under(tree, "edit port1") == ["set allowaccess ping"]
    assert under(tree, "config system dns") == []
    assert line(tree, "config system dns") == 6


def test_a_quoted_value_of_fortios_may_run_over_lines() -> None:
    tree = parse(
        'config system replacemsg\nedit a\nset buffer "one\nend\ntwo"\nnext\nend\n', "fortios"
    )
    assert tree.fault is None
    assert tree.lines[2:] == [3]
    assert tree.last[2:] == [5]


def test_routeros_lines_that_were_cut_are_one() -> None:
    tree = parse(
        "/ip firewall filter\nadd action=drop \\\n    chain=input\n/ip service\nset telnet\n",
        "routeros",
    )
    assert under(tree, "/ip firewall filter") == ["add action=drop chain=input"]
    assert line(tree, "/ip service") == 4


def test_linux_sections_hold_their_lines() -> None:
    text = "# file: /etc/ssh/sshd_config\nPermitRootLogin No\nMatch User a\nX11Forwarding no\n"
    tree = parse(text + "# command: ss -lntup\ntcp LISTEN\n", "linux")
    assert under(tree, "match User a") == ["x11forwarding no"]
    assert under(tree, "command: ss -lntup") == ["tcp LISTEN"]


def test_a_line_of_another_kind_is_not_understood() -> None:
    tree = parse("hostname a\nwurble garble\n wurble\ninterface b\n", "ios")
    assert tree.not_understood == (2, 3)
    assert tree.coverage == pytest.approx(0.5)


def check_whole(tree: Tree, count: int) -> None:
    size = len(tree.texts)
    assert len(tree.lines) == len(tree.last) == len(tree.ends) == size
    assert all(number < end <= size for number, end in enumerate(tree.ends))
    assert all(
        1 <= first <= last <= count for first, last in zip(tree.lines, tree.last, strict=True)
    )
    assert 0 <= tree.coverage <= 1
    assert len(tree.odd) <= tree.line_count <= count


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=12), max_size=30))
def test_whatever_the_lines_are_the_tree_is_whole(lines: list[str]) -> None:
    text = "\n".join(lines)
    for dialect in names():
        check_whole(parse(text, dialect), max(1, text.count("\n") + 1))
