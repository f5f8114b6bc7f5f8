from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from alerts import intake, listing, silences
from alerts.choices import AlertState
from alerts.models import Incident
from alerts.validation import (
    CUT,
    MAX_ANNOTATION,
    MAX_LABELS,
    matches,
    read_alerts,
    read_silence,
)
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
        intake.ingest(session, PROMETHEUS, intake.read(sender, [body]))


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
        intake.ingest(session, viewer, intake.read("x", []))


def test_every_fault_of_a_post_is_named() -> None:
    body = [
        {"labels": {"alertname": "ok"}},
        {"labels": {"bad-name": "x", "alertname": "a"}, "startsAt": "yesterday"},
        {"labels": {"alertname": "a"}, "annotations": {"text": "x" * (MAX_ANNOTATION + 1)}},
        "nonsense",
        {"labels": {}},
    ]
    good, problems = read_alerts(body)
    assert [each.labels["alertname"] for each in good] == ["ok", "a"]
    assert [(each.where, each.field) for each in problems] == [
        ("alerts[1]", "labels.bad-name"),
        ("alerts[1]", "startsAt"),
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
    )[0][0]
    assert alert.starts_at == datetime(2026, 11, 21, 18, 2, 3, 123456, UTC)
    assert alert.ends_at is None


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z", ""])
def test_a_time_go_never_set_is_absent(text: str) -> None:
    alert = read_alerts([{"labels": {"alertname": "a"}, "endsAt": text}])[0][0]
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
        number = silences.put_silence(session, PROMETHEUS, silence())
        assert [s["status"]["state"] for s in silences.list_silences(session, PROMETHEUS)] == [
            "active"
        ]
        shown = listing.list_alerts(session, PROMETHEUS)
        assert [each["status"]["silencedBy"] for each in shown] == [[number]]
        silences.expire_silence(session, PROMETHEUS, number)
        assert listing.list_alerts(session, PROMETHEUS)[0]["status"]["state"] == "active"


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


def test_who_acts_for_one_unit_silences_nothing_and_sees_no_silence(
    database: Database, hand: Hand
) -> None:
    engineer = Actor(7, "Bình", frozenset({Role.ENGINEER}), frozenset({1}))
    with database.write() as session:
        number = silences.put_silence(session, PROMETHEUS, silence())
        assert silences.list_silences(session, engineer) == []
    with pytest.raises(DeniedError), database.write() as session:
        silences.put_silence(session, engineer, silence())
    with pytest.raises(DeniedError), database.write() as session:
        silences.expire_silence(session, engineer, number)


def test_silences_are_in_the_audit_log(database: Database, hand: Hand) -> None:
    with database.write() as session:
        number = silences.put_silence(session, PROMETHEUS, silence())
        silences.expire_silence(session, PROMETHEUS, number)
    with database.read() as session:
        rows = session.execute(select(AuditEntry.action, AuditEntry.target)).all()
    target = f"silence/{number}"
    assert [tuple(row) for row in rows] == [("silence.put", target), ("silence.expire", target)]


def edited(number: str, **changes: object) -> dict[str, Any]:
    return {**silence(), "id": number, **changes}


def test_a_silence_keeps_its_id_when_only_its_end_moves(database: Database, hand: Hand) -> None:
    with database.write() as session:
        number = silences.put_silence(session, PROMETHEUS, silence())
        later = (AT + timedelta(hours=2)).isoformat()
        assert silences.put_silence(session, PROMETHEUS, edited(number, endsAt=later)) == number
        assert len(silences.list_silences(session, PROMETHEUS)) == 1


@pytest.mark.parametrize("is_over", [True, False])
def test_a_silence_that_is_over_or_mutes_other_things_is_a_new_one(
    database: Database, hand: Hand, is_over: bool
) -> None:
    other = silence(value="Y")["matchers"]
    with database.write() as session:
        number = silences.put_silence(session, PROMETHEUS, silence())
        if is_over:
            silences.expire_silence(session, PROMETHEUS, number)
        changes = {} if is_over else {"matchers": other}
        again = silences.put_silence(session, PROMETHEUS, edited(number, **changes))
        assert again != number
        found = silences.list_silences(session, PROMETHEUS)
        assert [(s["id"], s["status"]["state"]) for s in found] == [
            (again, "active"),
            (number, "expired"),
        ]


def test_a_silence_that_would_be_over_at_once_is_refused(database: Database, hand: Hand) -> None:
    hand.advance(2 * 3600)
    with pytest.raises(InvalidInputError), database.write() as session:
        silences.put_silence(session, PROMETHEUS, silence())


def test_what_ended_before_it_last_fired_is_unknown_and_no_recovery(
    database: Database, hand: Hand
) -> None:
    post(database, "a")
    hand.advance(30)
    post(database, "a", -3600)  # its clock jumped an hour back
    assert states(database) == [AlertState.UNKNOWN]
    hand.advance(30)
    post(database, "a", -3600)
    assert states(database) == [AlertState.UNKNOWN]
    post(database, "a", 0)
    assert states(database) == [AlertState.RESOLVED]


def test_a_resolve_that_comes_late_is_believed(database: Database, hand: Hand) -> None:
    post(database, "a")
    hand.advance(600)
    assert states(database) == [AlertState.UNKNOWN]
    post(database, "a", -400)
    assert states(database) == [AlertState.RESOLVED]


def test_replicas_at_one_address_are_told_apart_by_their_labels(
    database: Database, hand: Hand
) -> None:
    post(database, "t@127.0.0.1", replica="a")
    post(database, "t@127.0.0.1", replica="b")
    post(database, "t@127.0.0.1", 0, replica="a")
    assert states(database) == [AlertState.FIRING]
    post(database, "t@127.0.0.1", 0, replica="b")
    assert states(database) == [AlertState.RESOLVED]


def test_which_labels_tell_replicas_apart_is_a_setting() -> None:
    body = [{"labels": {"alertname": "X", "site": name}} for name in ("a", "b")]
    assert len({each.fingerprint for each in intake.read("s", body).told}) == 2
    assert len({each.fingerprint for each in intake.read("s", body, {"site"}).told}) == 1


def test_annotations_are_cut_and_the_cut_is_named() -> None:
    notes = {"text": "x" * 10_000_000, **{f"a{n}": "y" for n in range(400)}}
    ([alert], problems) = read_alerts([{"labels": {"alertname": "a"}, "annotations": notes}])
    assert not problems
    assert len(alert.annotations["text"]) == MAX_ANNOTATION
    assert "of 10000000 characters" in alert.annotations[CUT]
    assert f"{MAX_LABELS - 1} of 401 annotations" in alert.annotations[CUT]


def test_an_alert_with_200_labels_is_taken_and_one_with_more_than_fit_is_named() -> None:
    def labelled(count: int) -> dict[str, Any]:
        return {"labels": {"alertname": "a", **{f"l{n}": "v" for n in range(count - 1)}}}

    good, problems = read_alerts([labelled(200), labelled(MAX_LABELS + 1)])
    assert [len(each.labels) for each in good] == [200]
    assert [(each.where, each.field) for each in problems] == [("alerts[1]", "labels")]


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
