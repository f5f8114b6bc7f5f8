"""Commands that read, and answers that are grouped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hatang.auth import Actor, Role
from hatang.drivers.fakes import FakeHostKeys
from hatang.errors import InvalidInputError, Reason
from inventory.platforms.schema import Shell
from playbooks import commands
from playbooks.commands import Answer, group, run_command

if TYPE_CHECKING:
    from hatang.db import Database


def test_equal_answers_are_one_group_the_commonest_first() -> None:
    answers = [Answer("b", "x"), Answer("a", "y \n"), Answer("c", "y")]
    assert [(found.devices, found.output) for found in group(answers)] == [
        (("a", "c"), "y"),
        (("b",), "x"),
    ]


def test_devices_that_did_not_answer_are_grouped_by_why() -> None:
    answers = [Answer("a", None, Reason.TIMEOUT), Answer("b", None, Reason.AUTH_FAILED)]
    assert len(group(answers)) == 2


@pytest.mark.parametrize(
    "command",
    [
        "configure terminal",
        "show run | redirect flash:x",
        "show version; reload",
        "show version\nreload",
        "show $(reboot)",
        "show run | include x\nconfigure terminal",
        "show version\x03reload",
        "show run | red flash:x",
        "ping 10.0.0.1 | sh -c id",
        "ping 10.0.0.1 | grep . /etc/shadow",
        "reload",
        "/system reboot",
        "/ip address print where [/system reboot]",
        "/export file=x",
        "",
    ],
)
def test_a_command_that_may_do_more_than_read_is_refused(
    sqlite_database: Database, engineer: Actor, command: str
) -> None:
    with pytest.raises(InvalidInputError):
        run_command(sqlite_database, FakeHostKeys({}), engineer, command, [])


def test_an_unknown_device_is_named(sqlite_database: Database, engineer: Actor) -> None:
    with pytest.raises(InvalidInputError) as caught:
        run_command(sqlite_database, FakeHostKeys({}), engineer, "show version", ["nobody"])
    assert caught.value.problems[0].value == "nobody"


@pytest.mark.parametrize("command", ["show version", "display current-configuration | include x"])
def test_a_command_that_reads_is_taken(
    sqlite_database: Database, engineer: Actor, command: str
) -> None:
    assert run_command(sqlite_database, FakeHostKeys({}), engineer, command, []) == []


def test_who_may_only_read_sends_no_packets(sqlite_database: Database) -> None:
    auditor = Actor(9, "auditor", frozenset({Role.AUDITOR}), None)
    with pytest.raises(InvalidInputError) as caught:
        run_command(sqlite_database, FakeHostKeys({}), auditor, "ping 10.0.0.1", [])
    assert "sends packets" in caught.value.problems[0].message
    assert run_command(sqlite_database, FakeHostKeys({}), auditor, "show version", []) == []


def test_a_menu_of_routeros_is_looked_at_on_routeros_only() -> None:
    engineer = Actor(2, "engineer", frozenset({Role.ENGINEER}), None)
    command = "/ip address print terse"
    assert commands._check_command(command, engineer, {Shell.ROUTEROS}) == []
    assert commands._check_command(command, engineer, {Shell.ROUTEROS, Shell.POSIX}) != []
