"""The rules: strict about what is written, and each means one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.drivers.protocols import Notification
from hatang.errors import InvalidInputError
from monitors.choices import ElementKind
from monitors.hints.catalogue import LONGEST_LINE, Catalogue
from monitors.hints.schema import HintKind, built_in, read, rules

if TYPE_CHECKING:
    from pathlib import Path

CATALOGUE = Catalogue()


def test_every_rule_has_a_name_of_its_own() -> None:
    count = sum(len(file.traps) + len(file.lines) for file in built_in().values())
    assert len(rules(built_in().items())) == count
    assert all(len(name) <= 64 for name in rules(built_in().items()))


def test_all_that_is_wrong_with_a_file_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(
        "source: x\nsurprise: 1\n"
        "traps:\n  - {name: a, oids: [.1.3], kind: link_down, text: {vi: a, en: b}}\n"
        "  - {name: b, oids: [1.3.6.1], kind: explosion, text: {vi: a}}\n"
        "lines:\n  - {name: c, pattern: '(?=x)', kind: link_up, text: {vi: a, en: b}}\n"
    )
    with pytest.raises(InvalidInputError) as caught:
        read(path)
    fields = {problem.field for problem in caught.value.problems}
    assert fields == {
        "surprise",
        "traps.0.oids.0",
        "traps.1.kind",
        "traps.1.text.en",
        "lines.0.pattern",
    }
    assert all(problem.where == "bad.yaml" and problem.fix for problem in caught.value.problems)


def test_two_rules_for_one_notification_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    rule = "  - {name: %s, oids: [%s], kind: hardware, text: {vi: a, en: b}}\n"
    path.write_text("source: x\ntraps:\n" + rule % ("a", "1.3.6.1.5") + rule % ("b", "1.3.6.1.0.5"))
    with pytest.raises(ValueError, match="both mean"):
        Catalogue({"twice": read(path)})


@pytest.mark.parametrize(
    ("about", "varbinds", "kind", "element", "part"),
    [
        ("1.3.6.1.6.3.1.1.5.1", (), HintKind.RESTARTED, ElementKind.DEVICE, ""),
        (
            "1.3.6.1.6.3.1.1.5.3",
            (("1.3.6.1.2.1.2.2.1.1.7", 7),),
            HintKind.LINK_DOWN,
            ElementKind.INTERFACE,
            "7",
        ),
        (
            "1.3.6.1.6.3.1.1.5.4",
            (("1.3.6.1.2.1.2.2.1.8.12", 1),),
            HintKind.LINK_UP,
            ElementKind.INTERFACE,
            "12",
        ),
        (
            "1.3.6.1.2.1.15.7.0.2",
            (("1.3.6.1.2.1.15.3.1.14.10.0.0.2", b"\0\0"),),
            HintKind.NEIGHBOUR_LOST,
            ElementKind.BGP,
            "10.0.0.2",
        ),
        (
            "1.3.6.1.2.1.14.16.2.2",
            (("1.3.6.1.2.1.14.10.1.1.10.0.0.3.0", "10.0.0.3"),),
            HintKind.NEIGHBOUR_CHANGED,
            ElementKind.OSPF,
            "10.0.0.3",
        ),
        ("1.3.6.1.4.1.318.0.5", (), HintKind.ON_BATTERY, ElementKind.UPS, ""),
    ],
)
def test_a_notification_becomes_a_hint(
    about: str,
    varbinds: tuple[tuple[str, int | bytes | str], ...],
    kind: HintKind,
    element: ElementKind,
    part: str,
) -> None:
    hint = CATALOGUE.trap(Notification("10.0.0.1", about, varbinds))
    assert hint is not None
    assert (hint.kind, hint.element, hint.part) == (kind, element, part)


def test_an_unknown_notification_is_no_hint() -> None:
    assert CATALOGUE.trap(Notification("10.0.0.1", "1.3.6.1.4.1.99999.1", ())) is None


@pytest.mark.parametrize(
    ("line", "kind", "part"),
    [
        (
            "%LINEPROTO-5-UPDOWN: Line protocol on Interface GigabitEthernet0/1, "
            "changed state to down",
            HintKind.LINK_DOWN,
            "GigabitEthernet0/1",
        ),
        (
            "%LINK-3-UPDOWN: Interface GigabitEthernet0/1, changed state to up",
            HintKind.LINK_UP,
            "GigabitEthernet0/1",
        ),
        ("%SYS-5-CONFIG_I: Configured from console by admin", HintKind.CONFIG_CHANGED, ""),
        (
            "%%01IFNET/4/IF_STATE(l)[3]:Interface GigabitEthernet0/0/1 has turned into DOWN state.",
            HintKind.LINK_DOWN,
            "GigabitEthernet0/0/1",
        ),
        (
            "%%10IFNET/3/PHY_UPDOWN: Physical state on the interface GigabitEthernet1/0/1 "
            "changed to up.",
            HintKind.LINK_UP,
            "GigabitEthernet1/0/1",
        ),
        (
            "mib2d[1]: SNMP_TRAP_LINK_DOWN: ifIndex 5, ifAdminStatus up(1), "
            "ifOperStatus down(2), ifName ge-0/0/1",
            HintKind.LINK_DOWN,
            "ge-0/0/1",
        ),
        (
            "bgpd[12]: [X] %ADJCHANGE: neighbor 10.1.1.1(core) in vrf default Down",
            HintKind.NEIGHBOUR_LOST,
            "10.1.1.1",
        ),
        ("interface,info ether1 link down", HintKind.LINK_DOWN, "ether1"),
        ("sshd[7]: Failed password for root from 10.0.0.9", HintKind.AUTH_FAILED, ""),
    ],
)
def test_a_log_line_becomes_a_hint(line: str, kind: HintKind, part: str) -> None:
    hint = CATALOGUE.line(line)
    assert hint is not None
    assert (hint.kind, hint.part) == (kind, part)


def test_a_hint_keeps_no_control_character_and_no_more_than_a_piece_of_the_line() -> None:
    hint = CATALOGUE.line("%SYS-5-CONFIG_I: \x1b[31m\n" + "x" * 10 * LONGEST_LINE)
    assert hint is not None
    assert hint.detail["line"].isprintable()
    assert len(hint.detail["line"]) == 200
