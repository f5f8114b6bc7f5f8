"""A text that would act while it is only planned is refused."""

from __future__ import annotations

import pytest

from playbooks.changes.snippets import problems

GOOD = """interface Ethernet1
   description to the hub
   no shutdown
   exit
!
router ospf 1
 network 10.0.0.0 0.0.0.255 area 0
enable secret 9 x
end-of-text-is-no-command 1
showcase 1
ip ssh version 2
crypto key pubkey-chain rsa
"""


def test_configuration_is_taken() -> None:
    assert list(problems("r1", GOOD)) == []


@pytest.mark.parametrize(
    "line",
    [
        "end",
        "commit",
        "  Commit timer 00:05:00",
        "do reload",
        "configure terminal",
        "bash timeout 5 id",
        "copy running-config startup-config",
        "show running-config > flash:x",
        "rollback clean-config",
        "write",
        "save force",
        "crypto  key zeroize rsa",
    ],
)
def test_a_line_that_acts_is_named_with_its_number(line: str) -> None:
    (found,) = problems("r1", f"interface Ethernet1\n{line}\n shutdown\n")
    assert (found.field, found.line, found.value) == ("texts.r1", 2, line)


@pytest.mark.parametrize("mark", ["\x03", "\x1a", "\x0b", "\x1b[A", "\u2028", "\x00"])
def test_a_control_character_is_refused(mark: str) -> None:
    assert [found.message for found in problems("r1", f"hostname a{mark}b")] == [
        "holds a control character"
    ]


def test_nothing_is_no_change() -> None:
    assert [found.message for found in problems("r1", " \n")] == ["is empty"]
