"""A meeting through the command: written, and answered for in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from cli import exits

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Hatang

PROVINCE = """\
version: 1
units:
  - {code: tinh, name: "Tỉnh", kind: province, parent: null}
sites:
  - {slug: dc, name: "Trung tâm", unit: tinh, kind: datacentre}
devices:
  - {name: srv, site: dc, role: bridge, platform: linux, primary_ip4: 10.9.0.1, status: active}
rooms:
  - {code: room-1, name: "Phòng họp", site: dc, sip_uri: "sip:dc@10.9.0.2"}
bridges:
  - {code: mcu-1, name: "MCU", driver: janus, device: srv, url: "http://10.9.0.1:8088"}
"""
MEETING = """\
uid: giao-ban
title: Giao ban
starts_at: 2026-11-23T08:00:00+07:00
ends_at: 2026-11-23T10:00:00+07:00
bridge: mcu-1
points:
  - {room: room-1, required: true}
"""


@pytest.fixture
def meeting(hatang: Hatang, tmp_path: Path) -> Hatang:
    (tmp_path / "province.yaml").write_text(PROVINCE)
    (tmp_path / "meeting.yaml").write_text(MEETING)
    hatang("inventory", "import", str(tmp_path / "province.yaml"), "--as", "lan")
    assert hatang("meeting", "put", str(tmp_path / "meeting.yaml"), "--as", "lan").status == 0
    return hatang


def test_a_person_reads_the_answer_in_the_first_line(meeting: Hatang) -> None:
    words = ("meeting", "readiness", "giao-ban", "--last", "--as", "lan", "--format", "table")
    seen = meeting(*words)
    assert seen.out.splitlines()[0] == "Giao ban: unknown, 0 of 1 ready"
    assert seen.status == exits.FAILED


def test_a_program_gets_everything(meeting: Hatang) -> None:
    seen = meeting("meeting", "readiness", "giao-ban", "--last", "--as", "lan", "--format", "json")
    assert json.loads(seen.out)["verdict"]["points"][0]["verdict"] == "unknown"


@pytest.mark.slow
def test_the_last_answer_is_written_to_be_printed(meeting: Hatang, tmp_path: Path) -> None:
    out = tmp_path / "giao-ban.pdf"
    seen = meeting("meeting", "report", "giao-ban", "--out", str(out), "--as", "lan")
    assert seen.status == exits.OK
    (page,) = pypdfium2.PdfDocument(out)
    text = page.get_textpage().get_text_bounded()
    assert "Phòng họp" in text
    assert "0/1 điểm cầu sẵn sàng" in text
    assert "chưa lần nào" in text


def test_a_form_nobody_writes_is_refused_before_anything_is_read(
    meeting: Hatang, tmp_path: Path
) -> None:
    out = tmp_path / "giao-ban.doc"
    seen = meeting("meeting", "report", "giao-ban", "--out", str(out), "--as", "lan")
    assert seen.status == exits.INVALID_INPUT
    assert not out.exists()
