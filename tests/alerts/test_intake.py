from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from alerts import intake
from alerts.choices import AlertState
from alerts.models import Incident
from alerts.validation import MAX_ANNOTATION, matches, read_alerts, read_silence
from hatang import clock
from hatang.audit.models import AuditEntry
from hatang.auth import Actor, Role
from hatang.errors import DeniedError, InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.clock import Hand
    from hatang.db import Database

AT = datetime(2026, 11, 22, tzinfo=UTC)
PROMETHEUS = Actor.system("prometheus")


@pytest.fixture
def hand() -> Iterator[Hand]:
    with clock.frozen(AT) as found:
        yield found


def post(database: Database, sender: str, ends: float | None = 240, **labels: str) -> None:
    body: dict[str, Any] = {"labels": {"alertname": "X", **labels}}
    if ends is not None:
        body["endsAt"] = (clock.now() + timedelta(seconds=ends)).isoformat()
    with database.write() as session:
        intake.ingest(session, PROMETHEUS, sender, [body])


def states(database: Database) -> list[str]:
    with database.write() as session:
        intake.lapse(session)
        return [each.state for each in intake.merged(session)]


def test_two_replicas_are_one_alert_that_resolves_when_both_say_so(
    database: Database, hand: Hand
) -> None:
    post(database, "a", replica="a")
    post(database, "b", replica="b")
    assert states(database) == [AlertState.FIRING]
    post(database, "a", 0, replica="a")
    assert states(database) == [AlertState.FIRING]
    post(database, "b", 0, replica="b")
    assert states(database) == [AlertState.RESOLVED]


def test_silence_of_a_sender_is_unknown_and_no_recovery(database: Database, hand: Hand) -> None:
    post(database, "a")
    hand.advance(241)
    assert states(database) == [AlertState.UNKNOWN]
    post(database, "a")
    assert states(database) == [AlertState.FIRING]


def test_one_replica_resolving_while_the_other_is_silent_is_no_recovery(
    database: Database, hand: Hand
) -> None:
    post(database, "a", replica="a")
    post(database, "b", replica="b")
    hand.advance(241)
    post(database, "a", 0, replica="a")
    assert states(database) == [AlertState.UNKNOWN]


def test_only_who_may_post_alerts_does(database: Database) -> None:
    viewer = Actor(1, "viewer", frozenset({Role.VIEWER}), None)
    with database.write() as session, pytest.raises(DeniedError):
        intake.ingest(session, viewer, "x", [])


def test_every_fault_of_a_post_is_named() -> None:
    body = [
        {"labels": {"alertname": "ok"}},
        {"labels": {"bad-name": "x", "alertname": "a"}, "startsAt": "yesterday"},
        {"labels": {"alertname": "a"}, "annotations": {"text": "x" * (MAX_ANNOTATION + 1)}},
        "nonsense",
        {"labels": {}},
    ]
    with pytest.raises(InvalidInputError) as caught:
        read_alerts(body)
    assert [(each.where, each.field) for each in caught.value.problems] == [
        ("alerts[1]", "labels.bad-name"),
        ("alerts[1]", "startsAt"),
        ("alerts[2]", "annotations.text"),
        ("alerts[3]", "alert"),
        ("alerts[4]", "labels.alertname"),
    ]


json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@pytest.mark.slow
@given(json)
def test_no_body_breaks_the_readers(body: object) -> None:
    for reader in (read_alerts, read_silence):
        with suppress(InvalidInputError):
            reader(body)


def test_times_of_go_are_read() -> None:
    alert = read_alerts(
        [{"labels": {"alertname": "a"}, "startsAt": "2026-11-22T01:02:03.123456789+07:00"}]
    )[0]
    assert alert.starts_at == datetime(2026, 11, 21, 18, 2, 3, 123456, UTC)
    assert alert.ends_at is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", ""])
def test_a_time_go_never_set_is_absent(text: str) -> None:
    alert = read_alerts([{"labels": {"alertname": "a"}, "endsAt": text}])[0]
    assert alert.ends_at is None


def silence(**matcher: object) -> dict[str, Any]:
    return {
        "matchers": [{"name": "alertname", "value": "X", "isRegex": False, **matcher}],
        "startsAt": AT.isoformat(),
        "endsAt": (AT + timedelta(hours=1)).isoformat(),
        "createdBy": "An",
        "comment": "work",
    }


def test_a_silence_is_listed_suppresses_and_expires(database: Database, hand: Hand) -> None:
    post(database, "a")
    with database.write() as session:
        number = intake.put_silence(session, PROMETHEUS, silence())
        assert [s["status"]["state"] for s in intake.list_silences(session, PROMETHEUS)] == [
            "active"
        ]
        shown = intake.list_alerts(session, PROMETHEUS)
        assert [each["status"]["silencedBy"] for each in shown] == [[number]]
        intake.expire_silence(session, PROMETHEUS, number)
        assert intake.list_alerts(session, PROMETHEUS)[0]["status"]["state"] == "active"


@pytest.mark.parametrize("matcher", [{"value": "(", "isRegex": True}, {"name": "-"}, {"value": ""}])
def test_a_silence_that_fits_nothing_or_everything_is_refused(matcher: dict[str, object]) -> None:
    with pytest.raises(InvalidInputError):
        read_silence(silence(**matcher))


@pytest.mark.parametrize(
    ("is_regex", "is_equal", "value", "expected"),
    [
        (False, True, "X", True),
        (False, False, "X", False),
        (True, True, "X|Y", True),
        (True, True, "", False),
    ],
)
def test_matchers_are_anchored(is_regex: bool, is_equal: bool, value: str, expected: bool) -> None:
    matcher = {"name": "a", "value": value, "isRegex": is_regex, "isEqual": is_equal}
    assert matches(matcher, {"a": "X"}) is expected


def test_who_acts_for_one_unit_silences_nothing_and_sees_no_silence(database: Database) -> None:
    engineer = Actor(7, "Bình", frozenset({Role.ENGINEER}), frozenset({1}))
    with database.write() as session:
        number = intake.put_silence(session, PROMETHEUS, silence())
        assert intake.list_silences(session, engineer) == []
    with pytest.raises(DeniedError), database.write() as session:
        intake.put_silence(session, engineer, silence())
    with pytest.raises(DeniedError), database.write() as session:
        intake.expire_silence(session, engineer, number)


def test_silences_are_in_the_audit_log(database: Database) -> None:
    with database.write() as session:
        number = intake.put_silence(session, PROMETHEUS, silence())
        intake.expire_silence(session, PROMETHEUS, number)
    with database.read() as session:
        rows = session.execute(select(AuditEntry.action, AuditEntry.target)).all()
    target = f"silence/{number}"
    assert [tuple(row) for row in rows] == [("silence.put", target), ("silence.expire", target)]


def test_an_alert_that_is_over_is_forgotten_in_time(database: Database, hand: Hand) -> None:
    post(database, "a", 0)
    assert states(database) == [AlertState.RESOLVED]
    hand.advance(2 * intake.KEPT.total_seconds())
    assert states(database) == []


def test_an_alert_that_an_open_incident_waits_for_is_not_forgotten(
    database: Database, hand: Hand
) -> None:
    post(database, "a", 0)
    with database.write() as session:
        [alert] = intake.merged(session)
        key = f"alert:{alert.fingerprint}"
        texts = dict.fromkeys(("element", "origin", "name", "alertname"), "x")
        times = {"bad_since": AT, "opened_at": AT}
        session.add(
            Incident(fault=key, severity="info", state="open", is_verified=True, **texts, **times)
        )
    hand.advance(2 * intake.KEPT.total_seconds())
    assert states(database) == [AlertState.RESOLVED]
