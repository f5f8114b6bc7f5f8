"""The doctor at the command line: a table with a fix a line, and an exit status."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from cli import exits
from hatang import doctor
from hatang.doctor import Checked

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Hatang


def test_the_doctor_says_what_to_do_and_exits_1(hatang: Hatang) -> None:
    ran = hatang("doctor")
    assert ran.status == exits.FAILED
    rows = {row["subject"]: row for row in json.loads(ran.out)}
    assert rows["hatang up"]["verdict"] == "fail"
    assert "hatang up" in rows["hatang up"]["fix"]
    assert all(row["fix"] for row in rows.values() if row["verdict"] == "fail")


def test_a_healthy_installation_exits_0(hatang: Hatang, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "examine", lambda _settings: [Checked.good("disk", "roomy")])
    assert hatang("doctor").status == exits.OK
