"""Incidents through the command: who works on one, what carriers said, and the shift's end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from alerts.models import Incident
from cli import exits
from hatang import clock
from hatang.auth import Role
from tests.api import province

if TYPE_CHECKING:
    from tests.cli.conftest import Hatang


@pytest.fixture(autouse=True)
def _incident(hatang: Hatang) -> None:
    with hatang.database.write() as session:
        province.person(session, "binh", Role.ACKNOWLEDGER)
        moment = clock.now()
        session.add(
            Incident(
                fault="device:a", element="device:a", origin="device:a", name="a", site="",
                alertname="DeviceUnreachable", severity="critical", state="open",
                is_verified=True, bad_since=moment, opened_at=moment,
            )
        )  # fmt: skip


def test_an_incident_changes_hands_and_is_given_back(hatang: Hatang) -> None:
    assert hatang("incident", "ack", "1", "--as", "lan").status == exits.OK
    assert hatang("incident", "ack", "1", "--as", "binh").status == exits.CONFLICT
    assert hatang("incident", "takeover", "1", "--as", "binh").status == exits.OK
    ran = hatang("incident", "release", "1", "--reason", "xong", "--as", "binh")
    assert ran.status == exits.OK
    assert json.loads(hatang("incident", "show", "1", "--as", "lan").out)["incident"]["state"] == (
        "open"
    )


def test_a_ticket_and_the_shift_that_goes_on(hatang: Hatang) -> None:
    hatang("incident", "ack", "1", "--note", "gọi VNPT", "--as", "lan")
    said = ("incident", "ticket", "1", "VNPT", "SC-0142", "--promised", "2099-01-01T02:00")
    assert hatang(*said, "--as", "lan").status == exits.INVALID_INPUT
    assert hatang(*said[:-2], "--as", "lan").status == exits.OK
    draft = json.loads(hatang("incident", "handover", "--as", "lan").out)
    assert [one["owner"] for one in draft["open"]] == ["lan"]
    ran = hatang("incident", "handover", "--to", "binh", "--note", "gọi lại", "--as", "lan")
    (line,) = json.loads(ran.out)["open"]
    assert (line["owner"], line["promises"][0]["number"]) == ("binh", "SC-0142")
    kept = json.loads(hatang("incident", "handover", "--number", "1", "--as", "binh").out)
    assert kept["open"] == [line]


def test_whom_to_call_and_what_happened_are_shown(hatang: Hatang) -> None:
    assert json.loads(hatang("incident", "call", "1", "--as", "lan").out)["circuits"] == []
    assert hatang("incident", "timeline", "1", "--as", "lan").status == exits.OK
    table = hatang("incident", "handover", "--as", "lan", "--format", "table")
    assert "DeviceUnreachable" in table.out
