"""Bad input is told whole and changes nothing; a bad start gets a sentence and exit 2."""

from __future__ import annotations

import re
import socket
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.acceptance.doors import Answer
from tests.acceptance.red import hold, turns_red

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.acceptance.installation import Installation

pytestmark = [pytest.mark.acceptance]

REFUSED = 2
LINES = 3  # what is wrong, at most one line of detail, and the way out
GOOD = """\
version: 1
province: {code: "99", name: "Tỉnh Thử"}
units:
  - {code: tinh, name: "Ủy ban nhân dân tỉnh", kind: province}
sites:
  - {slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}
devices:
  - {name: core-1, site: dc, role: core, platform: frr, primary_ip4: 10.1.0.1, status: active}
  - {name: core-2, site: dc, role: core, platform: frr, primary_ip4: 10.1.0.2, status: active}
"""
# Line, what stands there wrongly, and the word of that line that a problem must name.
WRONG = {
    4: ("kind: province", "kind: kingdom", "kind"),
    6: ("unit: tinh", "unit: nowhere", "unit"),
    8: ("platform: frr", "platform: abacus", "platform"),
    9: ("10.1.0.2", "10.1.0.256", "primary_ip4"),
}
EXTRA = (10, "  - {name: core-3, site: dc, role: core, platform: frr, colour: blue}\n", "colour")


def spoiled(folder: Path) -> Path:
    """Write the good file with five mistakes in it."""
    lines = GOOD.splitlines(keepends=True)
    for number, (good, wrong, _) in WRONG.items():
        assert good in lines[number - 1]
        lines[number - 1] = lines[number - 1].replace(good, wrong)
    path = folder / "bad.yaml"
    path.write_text("".join(lines) + EXTRA[1], encoding="utf-8")
    return path


def check_every_error_is_named(answer: Answer) -> None:
    """Each mistake is told with file, line, field and something to do; no traceback."""
    hold(answer.status != 0, "a wrong file was accepted")
    hold("Traceback" not in answer.err, answer.err)
    expected = [(number, field) for number, (_, _, field) in WRONG.items()]
    for number, field in [*expected, (EXTRA[0], EXTRA[2])]:
        found = re.search(rf"bad\.yaml:{number}: \S*{field}[^:]*: .+\. .+\.", answer.err)
        hold(found is not None, f"line {number}, {field}, is not told with its fix:\n{answer.err}")


def check_one_sentence(answer: Answer, word: str) -> None:
    """Exit status 2, a sentence naming what is wrong, a way out, no traceback."""
    hold(answer.status == REFUSED, f"exit status {answer.status}: {answer.out}{answer.err}")
    hold("Traceback" not in answer.err + answer.out, answer.err)
    hold(word in answer.err, f"{word} is not named: {answer.err}")
    hold(len(answer.err.strip().splitlines()) <= LINES, f"more than a sentence:\n{answer.err}")


def devices(fresh: Installation) -> list[object]:
    found: list[object] = fresh.json("device", "list")
    return found


def test_a_wrong_file_is_told_whole_and_applied_not_at_all(
    fresh: Installation, tmp_path: Path
) -> None:
    check_every_error_is_named(fresh.hatang("inventory", "import", str(spoiled(tmp_path))))
    hold(devices(fresh) == [], "something of a wrong file was applied")


def test_sabotage_a_file_with_one_mistake_only(fresh: Installation, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(GOOD.replace("frr", "abacus", 1), encoding="utf-8")
    with turns_red():
        check_every_error_is_named(fresh.hatang("inventory", "import", str(path)))


def test_the_good_file_is_good(fresh: Installation, tmp_path: Path) -> None:
    path = tmp_path / "good.yaml"
    path.write_text(GOOD, encoding="utf-8")
    fresh.hatang("inventory", "plan", str(path)).good()


def test_a_wrong_setting_is_named(fresh: Installation, tmp_path: Path) -> None:
    wrong = tmp_path / "hatang.toml"
    wrong.write_text(fresh.config.read_text() + "\nlanguge = 'vi'\n")
    answer = fresh.hatang("up", "--config", str(wrong))
    check_one_sentence(answer, "languge")


@pytest.fixture
def taken(fresh: Installation) -> Iterator[int]:
    """A port of the installation that somebody else listens on."""
    port = fresh.ports["api"]
    with socket.create_server(("127.0.0.1", port)):
        yield port


def test_a_taken_port_is_named(fresh: Installation, taken: int) -> None:
    check_one_sentence(fresh.hatang("up"), str(taken))


def test_a_missing_program_is_named(fresh: Installation, tmp_path: Path) -> None:
    wrong = tmp_path / "hatang.toml"
    text = fresh.config.read_text().replace("/bin/true", "/nowhere/prometheus")
    wrong.write_text(text)
    check_one_sentence(fresh.hatang("up", "--config", str(wrong)), "/nowhere/prometheus")


@pytest.fixture
def read_only(fresh: Installation) -> Iterator[Path]:
    """The data directory, mounted read-only: root passes every other hindrance."""
    place = str(fresh.data_dir)
    subprocess.run(["mount", "--bind", place, place], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", place], check=True)
        yield fresh.data_dir
    finally:
        subprocess.run(["umount", place], check=True)


@pytest.mark.lab
def test_a_read_only_data_directory_is_named(fresh: Installation, read_only: Path) -> None:
    check_one_sentence(fresh.hatang("up"), str(read_only))


def test_a_newer_data_directory_is_named(fresh: Installation) -> None:
    stamp = fresh.data_dir / "layout"
    before = stamp.read_text()
    stamp.write_text("999\n")
    try:
        check_one_sentence(fresh.hatang("up"), "newer")
    finally:
        stamp.write_text(before)


def test_sabotage_a_program_that_shows_its_traceback() -> None:
    rude = Answer(REFUSED, "", "Traceback (most recent call last):\n  …\nValueError: languge\n")
    with turns_red():
        check_one_sentence(rude, "languge")
