"""What `make test` says of its stages, and what it asks of a machine without root."""

from __future__ import annotations

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from scripts.run_tests import YIELDING, Outcome, lane, outcome, run, summary
from tests.architecture.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LAB = [
    "ss                                                     [100%]\n",
    "SKIPPED tests/lab/test_a.py::test_one[x - y] - Skipped: the lab needs root\n",
    "SKIPPED tests/lab/test_a.py::test_two - Skipped: the lab needs root\n",
    "SKIPPED tests/lab/test_b.py::test_three - Skipped: this kernel has no netem\n",
    "4 passed, 3 skipped, 120 deselected in 1.00s\n",
]
INSTALL = ROOT / "scripts/install-packages.sh"
REFUSED = 2


def test_what_was_skipped_is_counted_and_named_by_reason() -> None:
    said = list(summary([outcome("lab", 1.0, 0, LAB)]))
    start = said.index("lab: 2 skipped: the lab needs root")
    assert said[start + 2] == "  tests/lab/test_a.py::test_two"
    assert "lab: 1 skipped: this kernel has no netem" in said
    assert said[-1] == "4 passed, 0 failed, 3 skipped"


def test_a_stage_of_which_nothing_ran_is_not_said_to_be_ok() -> None:
    skipped = outcome(
        "tree", 0.1, 0, ["SKIPPED the tree - Skipped: the lab needs root\n", "1 skipped\n"]
    )
    assert next(summary([skipped])).split()[:2] == ["tree", "skipped"]


def test_a_stage_that_broke_without_a_count_is_a_failure() -> None:
    assert outcome("types", 1.0, 1, ["error: bad\n"]).failed == 1


def test_a_hundred_names_do_not_hide_the_sum() -> None:
    names = [f"tests/test_a.py::test_{number}" for number in range(100)]
    said = list(summary([Outcome("full", 1.0, 1, 0, 100, {"no PostgreSQL": names})]))
    assert "  and 40 more, named above" in said
    assert len(said) < 70


@pytest.mark.parametrize("mark", ["timed", "lab", "acceptance"])
def test_what_is_marked_for_a_stage_stands_where_the_stage_looks(mark: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    where = {
        name.lower(): words.split()
        for name, words in re.findall(r"^(TIMED|LAB|ACCEPTANCE) := (.+)$", makefile, re.MULTILINE)
    }
    looked_at = {*where[mark], *where["acceptance"]}
    marked = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(rf"^[^\"']*\bmark\.{mark}\b", path.read_text("utf-8"), re.MULTILINE)
    }
    assert marked
    assert [file for file in marked if not file.startswith(tuple(looked_at))] == []


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `make` that says its target twice, its own niceness in between; `bad` fails."""
    program = tmp_path / "make"
    program.write_text(
        '#!/bin/sh\necho "$2 begins"\nsleep 0.1\necho "niceness $(nice)"\necho "$2 ends"\n'
        'test "$2" != bad\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")


@pytest.mark.usefixtures("make")
def test_a_stage_is_told_when_it_begins(capfd: pytest.CaptureFixture[str]) -> None:
    lane(("one",))
    assert capfd.readouterr().out.splitlines()[:2] == ["-- one begins", "== one"]


@pytest.mark.usefixtures("make")
def test_what_stages_beside_each_other_print_never_mixes(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with ThreadPoolExecutor() as lanes:
        list(lanes.map(lane, (("one", "two"), ("three", "four"))))
    printed = capfd.readouterr().out.splitlines()
    said = [line for line in printed if not line.startswith("-- ")]
    shown = {said[start].split()[1]: said[start + 1 : start + 4] for start in range(0, 16, 4)}
    assert {name: (lines[0], lines[2]) for name, lines in shown.items()} == {
        name: (f"{name} begins", f"{name} ends") for name in ("one", "two", "three", "four")
    }


@pytest.mark.usefixtures("make")
def test_a_failed_stage_stops_no_other() -> None:
    assert [(done.stage, done.failed) for done in lane(("bad", "good"))] == [
        ("bad", 1),
        ("good", 0),
    ]


@pytest.mark.usefixtures("make")
def test_what_runs_beside_the_lab_leaves_it_the_processor(
    capfd: pytest.CaptureFixture[str],
) -> None:
    run("one", YIELDING)
    assert f"niceness {min(19, os.nice(0) + 19)}" in capfd.readouterr().out.splitlines()


def installing(what: str, folder: Path, installed: str) -> subprocess.CompletedProcess[str]:
    """Run the script as an ordinary user of a machine with these Debian packages only."""
    programs = {
        "id": "echo 1000",
        "dpkg-query": f'case " {installed} " in *" $3 "*) echo "install ok installed";; esac',
        "python": "exit 1",
    }
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    # No `npm` and no `git` of this machine may be found: /bin is where its shell lies.
    environ = {"PATH": str(folder), "PYTHON": str(folder / "python")}
    return subprocess.run(
        ["/bin/sh", str(INSTALL), what], env=environ, capture_output=True, text=True, check=False
    )


def test_without_root_the_tests_run_without_postgresql_and_say_so(tmp_path: Path) -> None:
    ran = installing("test", tmp_path, "npm python3-venv git")
    assert ran.returncode == os.EX_OK
    assert "postgresql-15" in ran.stderr
    assert "skipped by name" in ran.stderr


def test_without_root_and_what_builds_the_environment_nothing_begins(tmp_path: Path) -> None:
    ran = installing("test", tmp_path, "postgresql-15 git npm")
    assert ran.returncode == REFUSED
    assert "python3-venv" in ran.stderr.splitlines()[-1]
    assert "npm" not in ran.stderr


def test_without_root_the_demo_needs_every_package(tmp_path: Path) -> None:
    assert installing("demo", tmp_path, "npm python3-venv").returncode == REFUSED
