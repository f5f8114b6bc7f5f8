"""A meeting through the command: written, and answered for in one line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

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
