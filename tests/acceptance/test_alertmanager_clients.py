"""What Karma and Grafana ask of an Alertmanager, word for word, hatang answers by its description.

Neither program runs here: these are the requests they are documented to send (karma collects
groups, silences and status; Grafana: the data source "Alertmanager", implementation Prometheus).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.acceptance.red import hold, turns_red
from tests.acceptance.test_alertmanager_api import (
    V2,
    Door,
    admin,
    alert,
    description,
    hatang,
    pages,
)

if TYPE_CHECKING:
    from tests.acceptance.schemas import Swagger

pytestmark = pytest.mark.acceptance
__all__ = ["V2", "admin", "description", "hatang", "pages"]

NAME = "ClientsSeeThis"
ALL = "active=true&silenced=true&inhibited=true&unprocessed=true"
# Who asks, the operation in Alertmanager's description, and what is asked.
ASKED = {
    "karma, groups": ("/alerts/groups", "?active=true&inhibited=true&silenced=true"),
    "karma, silences": ("/silences", ""),
    "karma, status": ("/status", ""),
    "grafana, health": ("/status", ""),
    "grafana, receivers": ("/receivers", ""),
    "grafana, alerts by a matcher": ("/alerts", f"?{ALL}&filter=alertname%3D%22{NAME}%22"),
    "grafana, alerts by two": (
        "/alerts",
        f"?{ALL}&filter=alertname%3D~%22{NAME}.%2A%22&filter=severity%21%3D%22critical%22",
    ),
    "grafana, groups of a receiver": ("/alerts/groups", f"?{ALL}&receiver=hatang"),
    "grafana, silences by a matcher": ("/silences", f"?filter=alertname%3D%22{NAME}%22"),
}
SHOWN = ("/alerts", "/alerts/groups", "/silences")


@pytest.fixture(scope="module")
def told(admin: Door) -> Door:
    """The door, at which an alert was told and, as Grafana and karma do it, silenced."""
    admin.tell(alert(NAME), alert("Another"))
    assert silenced(admin).status == 200
    return admin


def silenced(door: Door) -> Any:
    now = datetime.now(UTC)
    matcher = {"name": "alertname", "value": NAME, "isRegex": False, "isEqual": True}
    body = {
        "matchers": [matcher],
        "startsAt": now.isoformat().replace("+00:00", "Z"),
        "endsAt": (now + timedelta(hours=2)).isoformat().replace("+00:00", "Z"),
        "createdBy": "lan@tinh.gov.vn",
        "comment": "ACK! This alert was acknowledged using karma",
    }
    return door.ask("/api/v2/silences", body=body)


def check_answers(door: Door, swagger: Swagger, operation: str, query: str) -> None:
    """The answer is of Alertmanager's form, and what was told is in it."""
    answer = door.ask(f"/api/v2{operation}{query}", accept="application/json")
    hold(answer.status == 200, f"{operation}{query}: {answer.status} {answer.body[:200]!r}")
    wrong = swagger.refused(operation, "get", 200, answer.json())
    hold(not wrong, "; ".join(wrong))
    hold(operation not in SHOWN or NAME in answer.body.decode(), f"{query} does not show {NAME}")


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED.keys())
def test_what_a_client_asks_is_answered_in_alertmanagers_form(
    told: Door, description: Swagger, asked: tuple[str, str]
) -> None:
    check_answers(told, description, *asked)


def test_sabotage_a_client_asks_for_what_is_not_there(told: Door, description: Swagger) -> None:
    with turns_red():
        check_answers(told, description, "/alerts", "?filter=alertname%3D%22Nothing%22")


def check_mutes(door: Door) -> None:
    """An alert that a silence fits is shown as suppressed by it, and not among the loud ones."""
    path = f"/api/v2/alerts?filter=alertname%3D%22{NAME}%22"
    (one,) = door.ask(path).json()
    hold(one["status"]["state"] == "suppressed", f"{one['status']}")
    kept = [each["id"] for each in door.ask("/api/v2/silences").json()]
    hold(set(one["status"]["silencedBy"]) <= set(kept), f"{one['status']} names no silence")
    hold(door.ask(f"{path}&silenced=false").json() == [], "the muted one is shown as loud")


def test_a_silence_made_by_a_client_mutes_and_is_ended_by_it(told: Door) -> None:
    check_mutes(told)


def test_sabotage_the_silence_was_ended(told: Door) -> None:
    for one in told.ask("/api/v2/silences").json():
        told.ask(f"/api/v2/silence/{one['id']}", method="DELETE")
    try:
        with turns_red():
            check_mutes(told)
    finally:
        silenced(told)
