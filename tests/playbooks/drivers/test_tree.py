"""What a snippet makes of a configuration is predicted as the device would do it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.drivers import fortios, routeros_export, tree

RUNNING = """\
#
 sysname a
#
interface GigabitEthernet1/0/1
 description old
 shutdown
#
return
"""


def comware(snippet: str) -> str:
    before = tree.indented(RUNNING, "#", ("return", "quit"))
    wanted = tree.indented(snippet, "#", ("return", "quit"))
    return tree.difference(before, tree.merged(before, wanted, "undo", ("description", "sysname")))


def test_a_single_line_takes_the_old_ones_place_in_its_section() -> None:
    assert comware("interface GigabitEthernet1/0/1\n description new\n") == (
        "  interface GigabitEthernet1/0/1\n-  description old\n+  description new"
    )


def test_undo_takes_a_line_away_with_all_that_continues_it() -> None:
    snippet = "interface GigabitEthernet1/0/1\n undo description\n"
    assert comware(snippet) == "  interface GigabitEthernet1/0/1\n-  description old"


def test_lines_after_a_separator_begin_at_the_top() -> None:
    assert list(tree.indented(RUNNING, "#", ("return",))) == [
        "sysname a",
        "interface GigabitEthernet1/0/1",
    ]


def test_what_is_there_already_is_no_difference() -> None:
    assert comware("sysname a\ninterface GigabitEthernet1/0/1\n shutdown\n") == ""


def test_sections_are_closed_when_they_are_typed() -> None:
    assert list(tree.typed({"interface a": {"shutdown": {}}, "vlan 2": {}}, "quit")) == [
        "interface a",
        "shutdown",
        "quit",
        "vlan 2",
    ]


def test_fortios_sets_unsets_and_deletes() -> None:
    before = fortios.blocks(
        'config system interface\n edit "a"\n  set alias "x"\n  set mtu 1\n next\n'
        ' edit "b"\n next\nend\n'
    )
    wanted = fortios.blocks(
        'config system interface\nedit a\nset alias "y z"\nunset mtu\nnext\ndelete b\nend\n'
    )
    assert tree.difference(before, fortios.predicted(before, wanted)).splitlines() == [
        "  config system interface",
        '-  edit "b"',
        '   edit "a"',
        "-   set alias x",
        "-   set mtu 1",
        '+   set alias "y z"',
    ]


@pytest.mark.parametrize("text", ["set a b\n", "config a\nend\nend\n", "show\n"])
def test_fortios_refuses_what_stands_in_no_block(text: str) -> None:
    with pytest.raises(ValueError, match=r"stands in no block|closes nothing"):
        fortios.blocks(text)


def test_routeros_commands_are_told_beforehand() -> None:
    before = routeros_export.exported(
        "/ip address\nadd address=10.0.0.1/24 interface=ether1\n/system identity\nset name=a\n"
    )
    wanted = routeros_export.snippet(
        "/ip address remove [ find interface=ether1 ]\n/system identity set name=b\n"
        '/ip address add interface=ether2 address=10.0.0.2/24 comment="a b"\n'
    )
    assert tree.difference(before, routeros_export.predicted(before, wanted)) == (
        "  /ip address\n-  add address=10.0.0.1/24 interface=ether1\n"
        '+  add address=10.0.0.2/24 comment="a b" interface=ether2\n'
        "  /system identity\n-  set name=a\n+  set name=b"
    )


@pytest.mark.parametrize(
    "text", ["/system reboot\n", "/ip address\nprint\n", "add a=b\n", "/ip address\n"]
)
def test_routeros_refuses_what_cannot_be_told_beforehand(text: str) -> None:
    with pytest.raises(ValueError, match="can be planned"):
        routeros_export.snippet(text)


@given(st.text(alphabet='ab \n#="[]/\\', max_size=80))
def test_no_text_breaks_a_reader(text: str) -> None:
    tree.indented(text, "#", ())
    for read in (fortios.blocks, routeros_export.exported, routeros_export.snippet):
        try:
            read(text)
        except ValueError as error:
            assert str(error)  # noqa: PT017 - a refusal says why
