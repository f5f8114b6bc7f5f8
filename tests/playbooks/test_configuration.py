"""Configuration text becomes a tree without losing a line number."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from playbooks.configuration import parse

NESTED = """hostname core-1
router bgp 65000
 neighbor 10.0.0.2 remote-as 65000
 address-family ipv4 unicast
  network 10.0.0.1/32
 exit-address-family
exit
end
"""


def test_children_hang_under_their_parent() -> None:
    router = parse(NESTED).statements[1]
    assert [child.text for child in router.children][-1] == "address-family ipv4 unicast"
    assert router.children[1].children[0].text == "network 10.0.0.1/32"


def test_statements_keep_their_line_numbers() -> None:
    lines = NESTED.splitlines()
    for statement in parse(NESTED).walk():
        assert lines[statement.line - 1].strip() == statement.text


def test_a_line_of_a_banner_is_no_statement() -> None:
    text = "banner motd ^C\nsnmp-server community public RO\n^C\nhostname a\n"
    assert [statement.text for statement in parse(text).walk()] == ["banner motd ^C", "hostname a"]


def test_a_banner_ended_by_eof_is_one_statement() -> None:
    text = "banner login\nline vty 0 4\nEOF\nhostname a\n"
    assert [statement.line for statement in parse(text).walk()] == [1, 4]


def test_a_banner_on_one_line_swallows_nothing() -> None:
    text = "banner exec #welcome#\nhostname a\n"
    assert [statement.line for statement in parse(text).walk()] == [1, 2]


def test_frr_writes_its_banner_on_one_line() -> None:
    text = "banner motd line x\nhostname a\n"
    assert [statement.line for statement in parse(text).walk()] == [1, 2]


def test_key_material_is_one_statement() -> None:
    text = "crypto pki x\n certificate ca 01\n  3082 0101\n  AABB\n quit\nhostname a\n"
    assert [statement.line for statement in parse(text).walk()] == [1, 2, 6]


def test_a_refusal_of_the_device_is_not_understood() -> None:
    assert parse("hostname a\n% Invalid input detected\n").not_understood == (2,)


def test_nothing_covers_nothing() -> None:
    assert parse("").coverage == 0.0


@given(st.text(max_size=300))
def test_any_text_parses_and_cites_lines_that_exist(text: str) -> None:
    tree = parse(text)
    numbers = [statement.line for statement in tree.walk()]
    assert numbers == sorted(numbers)
    assert all(1 <= number <= len(text.splitlines()) for number in numbers)
