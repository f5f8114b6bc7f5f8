"""Whoever types what a page says is understood: commands, options and words exist."""

from __future__ import annotations

import re
import shlex
from typing import Any

import pytest
from typer.main import get_command

from cli.main import build
from lab.main import app as lab_command
from tests.docs.pages import pages

COMMANDS = {"hatang": get_command(build()), "hatang-lab": get_command(lab_command)}
# A prompt, variables, or another user before the command itself.
_BEFORE = re.compile(r"^(?:\$ |[A-Z_]+=\S+ |runuser -u hatang -- |/\S+/(?=hatang ))*")
_CALL = re.compile(r"^hatang(?:-lab)? ")


def typed() -> list[tuple[str, str]]:
    """Return every command line in a code block, with its page."""
    return [
        (page.name, call)
        for page in pages()
        for block in page.blocks()
        for line in block.splitlines()
        for part in line.split("; ")
        if _CALL.match(call := _BEFORE.sub("", part.strip()))
    ]


def problem(call: str, *, is_whole: bool = True) -> str:
    """Return why `call` would be refused, empty when it would not."""
    words = shlex.split(call.partition(" > ")[0], comments=True)
    command: Any = COMMANDS[words[0]]
    rest = words[1:]
    while getattr(command, "commands", None):
        if command.invoke_without_command and (not rest or rest[0].startswith("-")):
            break  # a noun that does something by itself
        if not rest or rest[0] not in command.commands:
            return "" if not rest or rest == ["--help"] else f"no command {rest[0]}"
        command, rest = command.commands[rest[0]], rest[1:]
    try:
        command.make_context(words[0], rest, resilient_parsing=not is_whole)
    except Exception as error:  # noqa: BLE001 - whatever the parser says against it
        return f"{type(error).__name__}: {error}"
    return ""


def test_every_command_in_a_block_is_understood() -> None:
    wrong = [f"{name}: {call}: {why}" for name, call in typed() if (why := problem(call))]
    assert not wrong


def test_every_command_in_a_sentence_exists() -> None:
    wrong = [
        f"{page.name}: {call}: {why}"
        for page in pages()
        for call in page.inline()
        if _CALL.match(call) and "…" not in call and (why := problem(call, is_whole=False))
    ]
    assert not wrong


@pytest.mark.parametrize(
    "call",
    [
        "hatang inventori plan x.yaml",
        "hatang inventory plan x.yaml --colour red",
        "hatang inventory plan",
        "hatang user create lan --role king",
        "hatang-lab break",
        "hatang monitor --share 0/2",
    ],
)
def test_a_wrong_command_is_noticed(call: str) -> None:
    assert problem(call)


def test_enough_commands_are_looked_at() -> None:
    assert len(typed()) > 60
