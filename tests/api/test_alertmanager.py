"""The door Prometheus posts to, as any client of Alertmanager's API uses it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from alerts.models import Alert
from hatang import clock

if TYPE_CHECKING:
    from starlette.testclient import TestClient

    from hatang.db import Database
    from tests.api.conftest import People

V2 = "/alertmanager/api/v2"
ALERT = {
    "labels": {"alertname": "DeviceUnreachable", "instance": "d1", "severity": "critical"},
    "annotations": {"summary": "thiết bị không phản hồi"},
    "startsAt": "2026-11-22T02:00:00.123456789Z",
    "endsAt": "0001-01-01T00:00:00Z",
    "generatorURL": "http://prometheus/graph",
}


def _post(client: TestClient, people: People, *alerts: dict[str, Any]) -> int:
    answer = client.post(f"{V2}/alerts", json=list(alerts), headers=people.admin.headers)
    return int(answer.status_code)


def _names(client: TestClient, people: People, *filters: str) -> list[str]:
    answer = client.get(
        f"{V2}/alerts", params={"filter": list(filters)}, headers=people.admin.headers
    )
    assert answer.status_code == 200, answer.text
    return [alert["labels"]["instance"] for alert in answer.json()]


def test_a_posted_alert_is_kept_under_its_sender(
    client: TestClient, people: People, sqlite_database: Database
) -> None:
    assert _post(client, people, ALERT) == 200
    with sqlite_database.read() as session:
        row = session.query(Alert).one()
    assert row.state == "firing"
    assert row.sender.endswith("@testclient")
    (shown,) = client.get(f"{V2}/alerts", headers=people.admin.headers).json()
    assert shown["status"]["state"] == "active"
    assert len(shown["fingerprint"]) == 16


@pytest.mark.parametrize(
    ("matcher", "found"),
    [
        ('instance="d1"', ["d1"]),
        ("instance=d1", ["d1"]),
        ('instance!="d1"', ["d2"]),
        ('instance=~"d.*"', ["d1", "d2"]),
        ('instance!~"d[2-9]"', ["d1"]),
        ('alertname="Nothing"', []),
    ],
)
def test_alerts_are_asked_for_by_matchers(
    client: TestClient, people: People, matcher: str, found: list[str]
) -> None:
    second = {**ALERT, "labels": {**ALERT["labels"], "instance": "d2"}}  # type: ignore[dict-item]
    _post(client, people, ALERT, second)
    assert sorted(_names(client, people, matcher)) == found


def test_a_wrong_matcher_is_named(client: TestClient, people: People) -> None:
    answer = client.get(f"{V2}/alerts?filter=%3D%3D", headers=people.admin.headers)
    assert answer.status_code == 400
    assert "filter '==' is no matcher" in answer.json()


@pytest.mark.parametrize("words", ["filter=a%3D~%22(%22", "receiver=(", "active=perhaps"])
def test_what_a_client_did_wrong_is_one_sentence_as_in_alertmanager(
    client: TestClient, people: People, words: str
) -> None:
    answer = client.get(f"{V2}/alerts?{words}", headers=people.admin.headers)
    assert answer.status_code == 400
    assert isinstance(answer.json(), str)


def test_an_alert_ends_only_when_its_sender_says_so(client: TestClient, people: People) -> None:
    _post(client, people, ALERT)
    over = {**ALERT, "endsAt": (clock.now() - timedelta(seconds=1)).isoformat()}
    assert _post(client, people, over) == 200
    assert _names(client, people) == []


def test_a_bad_alert_costs_itself_alone_and_is_named(client: TestClient, people: People) -> None:
    answer = client.post(f"{V2}/alerts", json=[{"labels": {}}, ALERT], headers=people.admin.headers)
    assert answer.status_code == 400
    assert answer.json() == "alerts[0]: labels.alertname is missing. Name the alert."
    assert _names(client, people) == ["d1"]


def test_only_our_receiver_is_there_to_be_asked_for(client: TestClient, people: People) -> None:
    _post(client, people, ALERT)
    headers = people.admin.headers
    asked = {"hat.*": 1, "noc": 0}
    for pattern, count in asked.items():
        answer = client.get(f"{V2}/alerts", params={"receiver": pattern}, headers=headers)
        assert len(answer.json()) == count


def test_a_silence_is_made_read_and_ended(client: TestClient, people: People) -> None:
    headers = people.operator.headers
    body = {
        "matchers": [{"name": "instance", "value": "d1", "isRegex": False, "isEqual": True}],
        "startsAt": clock.now().isoformat(),
        "endsAt": (clock.now() + timedelta(hours=1)).isoformat(),
        "createdBy": "an",
        "comment": "thay pin",
    }
    made = client.post(f"{V2}/silences", json=body, headers=headers).json()["silenceID"]
    _post(client, people, ALERT)
    (alert,) = client.get(f"{V2}/alerts", headers=people.admin.headers).json()
    assert alert["status"]["state"] == "suppressed"
    assert alert["status"]["silencedBy"] == [made]
    assert client.get(f"{V2}/alerts?silenced=false", headers=people.admin.headers).json() == []
    assert client.get(f"{V2}/silence/{made}", headers=headers).json()["comment"] == "thay pin"
    assert client.delete(f"{V2}/silence/{made}", headers=headers).status_code == 200
    (gone,) = client.get(f"{V2}/silences", headers=headers).json()
    assert gone["status"]["state"] == "expired"
    assert client.get(f"{V2}/silences?expired=false", headers=headers).json() == []
    for matcher, count in {"instance=~d.": 1, "instance=d2": 0}.items():
        answer = client.get(f"{V2}/silences", params={"filter": matcher}, headers=headers)
        assert len(answer.json()) == count
    assert client.get(f"{V2}/silence/none", headers=headers).status_code == 404


def test_clients_find_status_receivers_and_groups(client: TestClient, people: People) -> None:
    _post(client, people, ALERT)
    headers = people.admin.headers
    status = client.get(f"{V2}/status", headers=headers).json()
    assert {"cluster", "config", "uptime", "versionInfo"} <= status.keys()
    assert client.get(f"{V2}/receivers", headers=headers).json() == [{"name": "hatang"}]
    (group,) = client.get(f"{V2}/alerts/groups", headers=headers).json()
    assert group["labels"] == {"alertname": "DeviceUnreachable"}
