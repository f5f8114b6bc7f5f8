"""Typed lines take effect as on the real thing, and a line outside the grammar never does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.simulators.editor import Editor
from lab.simulators.eos_grammar import EOS
from lab.simulators.ios_grammar import IOS
from lab.simulators.tree import Tree, clone, parse, render

BASE = "hostname sw\ninterface Vlan10\n description old\n ip address 10.0.0.1 255.255.255.0\n"
FIXED = frozenset({"interface GigabitEthernet1/0/1"})

ADDITIVE = st.sampled_from(
    [
        "vlan 20",
        "logging host 10.9.9.9",
        "ip route 10.2.0.0 255.255.0.0 10.0.0.254",
        "ntp server 10.9.9.8",
        "router ospf 7",
        "interface Loopback5",
        "snmp-server enable traps",
        "ip access-list extended edge",
    ]
)


def editor(text: str = BASE) -> Editor:
    return Editor(IOS, parse(text), FIXED)


def load(text: str, base: str = BASE) -> Tree:
    edited = editor(base)
    assert edited.load(text) == []
    return edited.tree


@given(st.lists(ADDITIVE, unique=True), ADDITIVE)
def test_a_line_and_its_negation_leave_what_was(before: list[str], line: str) -> None:
    edited = editor()
    edited.load("\n".join(each for each in before if each != line))
    original = clone(edited.tree)
    assert edited.load(line) == []
    assert edited.tree != original
    assert edited.load(f"no {line}") == []
    assert edited.tree == original


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused_never_crashes(text: str) -> None:
    for grammar in (IOS, EOS):
        edited = Editor(grammar, parse(BASE))
        edited.load(text)
        assert parse("\n".join(render(edited.tree))) == edited.tree


def test_new_value_replaces_the_old_one() -> None:
    section = load("interface Vlan10\n description new\n ip address 10.0.0.2 255.255.255.0\n")
    assert list(section["interface Vlan10"]) == [
        "description new",
        "ip address 10.0.0.2 255.255.255.0",
    ]


def test_secondary_address_stands_beside_the_first() -> None:
    section = load("interface Vlan10\n ip address 10.1.0.1 255.255.255.0 secondary\n")
    assert len([line for line in section["interface Vlan10"] if line.startswith("ip add")]) == 2


def test_global_line_leaves_the_section() -> None:
    tree = load("interface Vlan10\nip route 0.0.0.0 0.0.0.0 10.0.0.254\nvlan 30\nname users\n")
    assert "ip route 0.0.0.0 0.0.0.0 10.0.0.254" in tree
    assert tree["vlan 30"] == {"name users": {}}


def test_abbreviations_become_full_words() -> None:
    tree = load("int gi1/0/1\nshut\ndesc  two  blanks\n")
    assert tree["interface GigabitEthernet1/0/1"] == {"shutdown": {}, "description two  blanks": {}}


def test_default_on_feature_keeps_its_no() -> None:
    assert "no ip http server" in load("no ip http server\n")
    assert "no ip http server" not in load("no ip http server\nip http server\n")


def test_no_of_a_keyed_line_removes_only_its_own() -> None:
    tree = load("username a secret x\nusername b secret y\nno username a\n")
    assert [line for line in tree if line.startswith("username")] == ["username b secret y"]


@pytest.mark.parametrize(
    ("line", "kind", "word"),
    [
        ("bogus line", "invalid", 0),
        ("interface Vlan10\nip adress 1.2.3.4", "invalid", 1),
        ("interface Vlan10\nip address 300.1.1.1 255.0.0.0", "invalid", 2),
        ("interface Vlan10\nmtu 63", "invalid", 1),
        ("vlan 5000", "invalid", 1),
        ("hostname", "incomplete", 1),
        ("no bogus", "invalid", 1),
        ("no ip", "incomplete", 2),
        ("no interface GigabitEthernet1/0/1", "physical", 0),
    ],
)
def test_refused_line_changes_nothing(line: str, kind: str, word: int) -> None:
    edited = editor(f"{BASE}interface GigabitEthernet1/0/1\n description up\n")
    before = clone(edited.tree)
    (fault,) = edited.load(line)
    assert (fault.kind, fault.word) == (kind, word)
    assert edited.tree == before
