"""A short command loads only what it uses: no test of seconds, but of what is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from alembic.script import ScriptDirectory
from typer.main import get_command

from cli.main import WORDS, build, outline
from hatang.db.migrations import runner
from tests.architecture.source import ROOT

if TYPE_CHECKING:
    from tests.cli.conftest import Hatang

TRANSPORTS = {
    "ansible_runner",
    "dbos",
    "fastapi",
    "napalm",
    "netmiko",
    "paramiko",
    "pysnmp",
}
ENGINES = {"alembic", "httpx", "pydantic", "rich.table", "sqlalchemy"}


def loaded_by(*words: str, **environ: str) -> set[str]:
    program = (
        "import sys; from cli.main import run; status = run(sys.argv[1:]);"
        "print(*sys.modules, sep='\\n', file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        env={**os.environ, **environ},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(done.stderr.splitlines())


def test_the_list_of_commands_loads_no_engine() -> None:
    loaded = loaded_by("--help")
    assert "cli.main" in loaded
    assert not loaded & (TRANSPORTS | ENGINES)
    assert not any(name.startswith("cli.commands.") for name in loaded)


@pytest.mark.slow
def test_a_list_loads_no_transport_and_no_migration(hatang: Hatang) -> None:
    data_dir = str(hatang.data_dir)
    loaded = loaded_by(
        "device", "list", "--as", "lan", "--format", "json", HATANG_DATA_DIR=data_dir
    )
    assert "inventory.models" in loaded
    assert not loaded & (TRANSPORTS | {"alembic", "rich.table"})


def test_the_outline_names_every_command_as_it_names_itself() -> None:
    whole = get_command(build()).commands  # type: ignore[attr-defined]  # Typer's own click
    short = get_command(outline()).commands  # type: ignore[attr-defined]  # as above
    assert list(short) == sorted(short, key=list(WORDS).index)
    assert {name: _first_sentence(each.help) for name, each in short.items()} == {
        name: _first_sentence(each.help) for name, each in whole.items()
    }


def _first_sentence(text: str) -> str:
    return text.partition("\n")[0].partition(";")[0].rstrip(".")


def test_migrations_are_numbered_by_their_files() -> None:
    # Opening a database compares these numbers without loading Alembic.
    known = [
        script.revision
        for script in ScriptDirectory.from_config(runner.configuration()).walk_revisions()
    ]
    assert runner.known_revisions() == known[::-1]
