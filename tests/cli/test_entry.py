"""Where both commands begin: what is not installed is one sentence, never a traceback."""

from __future__ import annotations

import subprocess
import sys

import pytest

# None in sys.modules makes an import fail as if nothing of that name were installed.
PROGRAM = (
    "import sys; sys.argv = ['x', *sys.argv[3:]]; blocked, door = sys.orig_argv[3:5];"
    "sys.modules[blocked] = None; from cli import entry; getattr(entry, door)()"
)


def begin(blocked: str, door: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", PROGRAM, blocked, door, *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("blocked", "words"), [("typer", ()), ("sqlalchemy", ("user", "list"))])
def test_a_package_that_is_not_installed_is_one_sentence(
    blocked: str, words: tuple[str, ...]
) -> None:
    done = begin(blocked, "main", *words)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"`{blocked}" in line
    assert line.endswith("-m pip install --require-hashes -r requirements/runtime.txt")


def test_the_lab_says_that_it_needs_the_checkout() -> None:
    done = begin("lab", "lab", "status")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "checkout" in line
