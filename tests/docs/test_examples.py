"""Files that pages show are files that hatang reads."""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from cli.meetings import read_meeting
from hatang.secrets.credential import FIELDS
from hatang.settings import load
from inventory import yamlfile
from inventory.records import collect
from monitors.probes import lines
from tests.docs.pages import ROOT, page, pages

if TYPE_CHECKING:
    from pathlib import Path

UNIT = ROOT / "deploy" / "systemd" / "hatang.service"
SETTINGS = [
    (found.name, block)
    for found in pages()
    for block in found.blocks("toml")
    if "[credentials" not in block
]


@pytest.mark.parametrize(("name", "text"), SETTINGS)
def test_settings_are_read(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / "hatang.toml"
    file.write_text(text, "utf-8")
    assert load(file, {}).data_dir.is_absolute(), name


def test_the_inventory_has_no_fault_of_form() -> None:
    (text,) = [block for block in page("inventory.md").blocks("yaml") if "version:" in block]
    assert not collect(yamlfile.read(text, "inventory.md"), "inventory.md").problems


def test_the_meeting_is_read(tmp_path: Path) -> None:
    (text,) = page("conference.md").blocks("yaml")
    file = tmp_path / "meeting.yaml"
    file.write_text(text, "utf-8")
    assert len(read_meeting(file, UTC).points) == 2


def test_the_lines_of_probes_are_read(tmp_path: Path) -> None:
    (text,) = page("probes.md").blocks("yaml")
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    found, problems = lines.read(tmp_path)
    assert problems == ()
    assert len(found) == text.count("\n- name:") + 1


def test_credentials_have_known_fields() -> None:
    for text in page("inventory.md").blocks("toml"):
        for given in tomllib.loads(text)["credentials"].values():
            kind = given.pop("kind")
            assert set(given) <= FIELDS[kind]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze here")
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8").replace("/opt/hatang/bin/hatang up", "/bin/true")
    file = tmp_path / UNIT.name
    file.write_text(text, "utf-8")
    ran = subprocess.run(
        ["systemd-analyze", "verify", str(file)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
