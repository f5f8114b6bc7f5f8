"""What-if, bridges and aliases as pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from api.guard import LANGUAGE_COOKIE
from conference.bridges.status import BridgeStatus
from conference.choices import BridgeState, Check, CheckResult, MeetingState
from conference.models import Meeting, Point, ReadinessCheck, ReadinessRun
from conference.service.heard import write_heard
from hatang import clock
from inventory.models import Bridge, Room
from tests.api.browsing import OWN, signed_in

if TYPE_CHECKING:
    from fastapi import FastAPI
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

ASKED = {
    "bridge": "mcu-1",
    "starts_at": "2030-01-07T08:00",
    "ends_at": "2030-01-07T10:00",
    "call_kbps": "2048",
    "content_kbps": "0",
}
GOOD = BridgeStatus(
    BridgeState.UP,
    0.02,
    version="1.3.2",
    participants=3,
    ports_used=3,
    ports_total=64,
    certificate_expires_at=datetime(2031, 1, 1, tzinfo=UTC),
    clock_offset_seconds=-1.25,
)
DOWN = BridgeStatus(BridgeState.DOWN, None, reason="busy")


@pytest.fixture
def desk(
    app: FastAPI, sqlite_database: Database, people: People
) -> tuple[TestClient, dict[str, str]]:
    page, csrf = signed_in(app, sqlite_database, people.operator)
    return page, {"csrf": csrf}


def hear(database: Database, status: BridgeStatus, ago: timedelta) -> None:
    with database.write() as session:
        write_heard(session, "mcu-1", status, clock.now() - ago)


def test_ports_that_would_run_out_are_counted(
    desk: tuple[TestClient, dict[str, str]], sqlite_database: Database
) -> None:
    with sqlite_database.write() as session:
        session.scalars(select(Bridge)).one().capacity_ports = 8
    page, form = desk
    answer = page.post("/whatif", data={**form, **ASKED, "every": "true"}, headers=OWN)
    assert answer.status_code == 200
    assert "4 ports are missing" in answer.text
    assert "1 thing would run out" in answer.text


def test_a_way_without_a_rated_line_is_no_yes(desk: tuple[TestClient, dict[str, str]]) -> None:
    page, form = desk
    answer = page.post("/whatif", data={**form, **ASKED, "rooms": ["room-01"]}, headers=OWN)
    assert "cannot be told for all of it" in answer.text
    assert "Points of which nobody can tell" in answer.text
    assert "it would fit" not in answer.text


def test_a_refused_what_if_names_every_fault_and_keeps_what_was_typed(
    desk: tuple[TestClient, dict[str, str]],
) -> None:
    page, form = desk
    page.cookies.set(LANGUAGE_COOKIE, "vi")
    wrong = {**form, **ASKED, "ends_at": "2030-01-07T07:00", "call_kbps": "0", "rooms": ["none"]}
    answer = page.post("/whatif", data=wrong, headers=OWN)
    assert answer.status_code == 422
    for told in (
        "không có phòng họp nào như vậy",
        "không sau giờ bắt đầu",
        "không phải là một tốc",
    ):
        assert told in answer.text
    assert 'value="2030-01-07T07:00"' in answer.text


def test_an_alias_is_written_down_and_removed(desk: tuple[TestClient, dict[str, str]]) -> None:
    page, form = desk
    put = {**form, "alias": "iPad <b>", "room": "room-01"}
    assert page.post("/aliases", data=put, headers=OWN).headers["location"] == "/aliases"
    assert "ipad &lt;b&gt;" in page.get("/aliases").text
    page.post("/aliases/remove", data={**form, "alias": "ipad <b>"}, headers=OWN)
    assert "Nobody is written down" in page.get("/aliases").text


def test_a_file_of_aliases_is_taken_whole_or_not_at_all(
    desk: tuple[TestClient, dict[str, str]],
) -> None:
    page, form = desk
    for text, status in (
        ("alias,room\nA,room-01\nB,nobody\n", 422),
        ("alias,room\nA,room-01\n", 303),
    ):
        file = {"file": ("aliases.csv", text.encode(), "text/csv")}
        answer = page.post("/aliases/import", data=form, files=file, headers=OWN)
        assert answer.status_code == status
        assert ("<b>a</b>" in page.get("/aliases").text) is (status == 303)


def test_who_may_not_operate_is_offered_no_form(
    app: FastAPI, sqlite_database: Database, people: People
) -> None:
    page, _ = signed_in(app, sqlite_database, people.approver)
    assert 'action="/aliases"' not in page.get("/aliases").text


def test_a_bridge_nobody_asked_has_no_figures(desk: tuple[TestClient, dict[str, str]]) -> None:
    text = desk[0].get("/bridges").text
    assert "Nobody has asked it yet." in text
    assert "Participants" not in text


def test_a_silent_bridge_shows_its_last_good_answer_as_stale(
    desk: tuple[TestClient, dict[str, str]], sqlite_database: Database
) -> None:
    hear(sqlite_database, GOOD, timedelta(minutes=3))
    assert "Stale" not in desk[0].get("/bridges").text
    hear(sqlite_database, DOWN, timedelta(minutes=1))
    text = desk[0].get("/bridges").text
    assert "is busy" in text
    assert "Stale: the last good answer is of" in text
    assert "61 of 64 ports free" in text
    assert "-1.2 s off" in text


def test_an_old_good_answer_is_stale(
    desk: tuple[TestClient, dict[str, str]], sqlite_database: Database
) -> None:
    hear(sqlite_database, GOOD, timedelta(minutes=20))
    assert "Stale" in desk[0].get("/bridges").text


def test_asking_a_bridge_keeps_that_it_is_silent(
    desk: tuple[TestClient, dict[str, str]],
) -> None:
    page, form = desk
    answer = page.post("/bridges/mcu-1/ask", data=form, headers=OWN)
    assert answer.headers["location"] == "/bridges#mcu-1"
    assert "rejects the request" in page.get("/bridges").text  # http://, without a waiver


def test_a_silent_bridge_is_told_with_its_last_good_answer_over_rest(
    client: TestClient, sqlite_database: Database, people: People
) -> None:
    hear(sqlite_database, GOOD, timedelta(minutes=3))
    answer = client.get("/api/v1/bridges/mcu-1/status", headers=people.operator.headers).json()
    assert (answer["state"], answer["ports_free"]) == ("down", None)
    last = answer["last_good"]
    assert (last["is_stale"], last["state"], last["ports_free"]) == (True, "up", 61)


PATH = {"method": "icmp", "n": 20, "received": 19, "loss_ratio": 0.05, "rtt_seconds": 0.0412,
        "jitter_forward_seconds": None, "jitter_backward_seconds": None}  # fmt: skip


def look(database: Database, measured: dict[str, object]) -> None:
    """Write a meeting of room-01 with one look, which measured its way."""
    now = clock.now()
    with database.write() as session:
        bridge, room = (
            session.scalars(select(Bridge)).one(),
            session.scalars(select(Room).where(Room.code == "room-01")).one(),
        )
        meeting = Meeting(
            scope_id=bridge.scope_id, uid="giao-ban", title="Giao ban", starts_at=now,
            ends_at=now + timedelta(hours=1), bridge_id=bridge.id, call_kbps=2048,
            state=MeetingState.PLANNED,
        )  # fmt: skip
        session.add(meeting)
        session.flush()
        run = ReadinessRun(
            meeting_id=meeting.id, started_at=now, finished_at=now, verdict="at_risk",
            ready=0, total=1,
        )  # fmt: skip
        session.add_all([
            Point(meeting_id=meeting.id, room_id=room.id, role="viewer", required=False), run
        ])  # fmt: skip
        session.flush()
        session.add(
            ReadinessCheck(
                run_id=run.id, room_id=room.id, check=Check.PATH, result=CheckResult.WARN,
                cause="", measured=measured,
            )
        )  # fmt: skip


@pytest.mark.parametrize("path", ["/meetings/giao-ban", "/meetings/giao-ban/points/room-01"])
@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "echoes (ICMP), loss 5% of 20 packets, round trip 41.2 ms"),
        ("vi", "gói thử (ICMP), mất 5% trong 20 gói, trễ khứ hồi 41,2 ms"),
    ],
)
def test_a_ways_figures_are_shown_with_their_method_and_number_of_packets(
    desk: tuple[TestClient, dict[str, str]],
    sqlite_database: Database,
    path: str,
    language: str,
    told: str,
) -> None:
    look(sqlite_database, PATH)
    page, _ = desk
    page.cookies.set(LANGUAGE_COOKIE, language)
    assert told in page.get(path).text


def test_of_a_way_on_which_nothing_was_sent_no_figure_is_shown(
    desk: tuple[TestClient, dict[str, str]], sqlite_database: Database
) -> None:
    look(sqlite_database, {**PATH, "n": 0, "received": 0, "loss_ratio": None})
    page, _ = desk
    assert "ICMP" not in page.get("/meetings/giao-ban/points/room-01").text
