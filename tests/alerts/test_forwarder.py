"""The forwarder against a pretended Alertmanager: what is sent, in which order."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import select

from alerts import service
from alerts.alertmanager import Alertmanager
from alerts.choices import IncidentEventKind, IncidentState
from alerts.forwarder import Forwarder, ForwarderOptions
from alerts.models import Acknowledgement, Incident, IncidentEvent, Maintenance
from alerts.routing import Routing
from alerts.service import owning
from hatang import clock
from hatang.auth import Actor, Role
from hatang.settings import QuietHours

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.clock import Hand
    from hatang.db import Database


class Pretended:
    """Keeps every call; `fails` makes the calls of one method and path fail."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str]] = []
        self.posted: list[dict[str, Any]] = []
        self.silences: list[dict[str, Any]] = []
        self.fails: tuple[str, str] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        call = (request.method, request.url.path)
        self.calls.append(call)
        if call == self.fails:
            return httpx.Response(500)
        if request.url.path == "/api/v2/alerts":
            self.posted += json.loads(request.content)
        if call == ("POST", "/api/v2/silences"):
            self.silences.append(json.loads(request.content))
        if request.method == "GET":
            return httpx.Response(200, json={"status": {"state": "active"}})
        return httpx.Response(200, json={"silenceID": "s1"})


class World:
    def __init__(self, database: Database, hand: Hand) -> None:
        self.database, self.hand, self.there = database, hand, Pretended()
        self.restart()
        with database.write() as session:
            at = clock.now()
            session.add(
                Incident(
                    id=1, fault="device:a", element="device:a", origin="device:a", name="a",
                    site="s", alertname="DeviceUnreachable", severity="critical",
                    state=IncidentState.OPEN, is_verified=True, bad_since=at, opened_at=at,
                )
            )  # fmt: skip

    def restart(self) -> None:
        client = httpx.Client(transport=httpx.MockTransport(self.there))
        self.forwarder = Forwarder(self.database, [Alertmanager("http://am", client)])

    def forward(self, after: float = 0) -> list[dict[str, Any]]:
        self.hand.advance(after)
        before = len(self.there.posted)
        self.forwarder.forward()
        return self.there.posted[before:]

    def told(self) -> list[datetime]:
        """Return when the timeline says that people were told."""
        with self.database.read() as session:
            is_told = IncidentEvent.kind == IncidentEventKind.FORWARDED
            return list(session.scalars(select(IncidentEvent.at).where(is_told)))

    def resolve(self) -> None:
        with self.database.write() as session:
            row = session.get_one(Incident, 1)
            row.state, row.resolved_at = IncidentState.RESOLVED, clock.now()

    def acknowledge(self) -> None:
        with self.database.write() as session:
            at = clock.now()
            ends = at + timedelta(hours=1)
            session.add(Acknowledgement(incident_id=1, actor="An", note="", at=at, ends_at=ends))
            session.get_one(Incident, 1).state = IncidentState.ACKNOWLEDGED

    def release(self) -> None:
        with self.database.write() as session:
            session.get_one(Incident, 1).state = IncidentState.OPEN


@pytest.fixture
def world(sqlite_database: Database) -> Iterator[World]:
    with clock.frozen(datetime(2026, 11, 22, tzinfo=UTC)) as hand:
        yield World(sqlite_database, hand)


def test_an_open_incident_is_sent_at_once_then_every_minute_with_a_far_end(world: World) -> None:
    first = world.forward()
    assert first[0]["endsAt"] == "2026-11-22T00:15:00.000Z"
    assert world.forward(after=30) == []
    assert len(world.forward(after=30)) == 1


def test_a_new_process_sends_everything_first_thing(world: World) -> None:
    world.forward()
    world.restart()
    assert len(world.forward(after=1)) == 1


def test_the_timeline_says_that_people_were_told_once_one_took_it(world: World) -> None:
    world.there.fails = ("POST", "/api/v2/alerts")
    world.forward()
    assert world.told() == []
    world.there.fails = None
    world.forward(after=5)
    taken = clock.now()
    world.forward(after=60)
    assert world.told() == [taken]


def test_an_incident_over_before_anybody_took_it_was_told_to_nobody(world: World) -> None:
    world.there.fails = ("POST", "/api/v2/alerts")
    world.forward()
    world.resolve()
    world.there.fails = None
    world.forward(after=5)
    assert world.told() == []


def test_labels_are_frozen_while_annotations_move(world: World) -> None:
    labels = world.forward()[0]["labels"]
    with world.database.write() as session:
        row = session.get_one(Incident, 1)
        row.severity, row.name, row.site = "warning", "b", "t"
    again = world.forward(after=60)[0]
    assert again["labels"] == labels
    assert "b (t)" in again["annotations"]["summary_vi"]


def test_what_was_never_sent_never_recovers(world: World) -> None:
    world.resolve()
    assert world.forward() == []


def test_a_resolve_keeps_its_time_and_is_repeated_for_a_while(world: World) -> None:
    world.forward()
    world.resolve()
    ends = [alert["endsAt"] for alert in world.forward() + world.forward(after=60)]
    assert ends == ["2026-11-22T00:00:00.000Z"] * 2
    assert world.forward(after=900) == []


def test_the_silence_goes_before_the_resolve_and_holds_it_back_while_it_stays(
    world: World,
) -> None:
    world.forward()
    world.acknowledge()
    world.forward()
    world.resolve()
    world.there.fails = ("DELETE", "/api/v2/silence/s1")
    assert world.forward(after=60) == []
    world.there.fails = None
    world.there.calls.clear()
    assert len(world.forward(after=1200)) == 1, "the resolve is owed however late it is"
    assert [method for method, _ in world.there.calls] == ["GET", "DELETE", "POST"]


def test_the_silence_takes_the_name_of_who_took_the_incident_over(world: World) -> None:
    ends_at = clock.now() + timedelta(hours=1)
    for owner in ("An", "Bình"):
        with world.database.write() as session:
            incident = session.get_one(Incident, 1)
            owning.hold(session, incident, actor=owner, note="", ends_at=ends_at)
        world.forward(after=1)
        world.forward(after=1)
    assert [each["createdBy"] for each in world.there.silences] == ["An", "Bình"]
    assert world.there.silences[1]["id"] == "s1"


def test_what_is_given_back_loses_its_silence_and_is_sent_on_though_the_silence_stays(
    world: World,
) -> None:
    world.forward()
    world.acknowledge()
    world.forward()
    world.release()
    world.there.fails = ("DELETE", "/api/v2/silence/s1")
    (alert,) = world.forward(after=60)
    assert "owner" not in alert["annotations"]
    world.there.fails = None
    world.there.calls.clear()
    world.forward()
    world.forward()
    assert world.there.calls.count(("DELETE", "/api/v2/silence/s1")) == 1


def test_a_close_by_hand_is_posted_as_over_and_as_not_measured(world: World) -> None:
    world.forward()
    with world.database.write() as session:
        service.close(session, Actor(7, "An", frozenset({Role.ADMIN}), None), 1, reason="đã tháo")
    (posted,) = world.forward(after=5)
    assert posted["endsAt"] == "2026-11-22T00:00:00.000Z"
    assert posted["annotations"]["closed"] == "An: đã tháo"
    assert posted["annotations"]["summary_en"].endswith("closed by An, not measured")


def test_maintenance_withholds_before_the_first_forward_and_not_after(world: World) -> None:
    with world.database.write() as session:
        at = clock.now()
        row = Maintenance(reason="x", elements=["device:a"], source="manual", created_by="An")
        row.starts_at = row.created_at = at
        row.ends_at = at + timedelta(minutes=5)
        session.add(row)
    assert world.forward() == []
    assert len(world.forward(after=300)) == 1


def test_a_clock_that_is_set_back_delays_neither_what_is_repeated_nor_one_that_failed(
    world: World,
) -> None:
    assert world.forward()
    assert world.forward(after=-3600)
    world.there.fails = ("POST", "/api/v2/alerts")
    assert world.forward(after=61) == []
    world.there.fails = None
    assert world.forward(after=-3600)


def test_an_alertmanager_that_refuses_is_tried_again(world: World) -> None:
    world.there.fails = ("POST", "/api/v2/alerts")
    assert world.forward() == []
    world.there.fails = None
    assert len(world.forward(after=1)) == 1


DEAD, ALIVE = "http://dead", "http://alive"


class Cluster:
    """Two members; the dead one answers nothing, and both know the same silences."""

    def __init__(self, world: World) -> None:
        self.world, self.is_dead, self.dialled = world, False, 0
        client = httpx.Client(transport=httpx.MockTransport(self._answer))
        members = [Alertmanager(url, client) for url in (DEAD, ALIVE)]
        self.forwarder = Forwarder(world.database, members)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "dead":
            self.dialled += 1
            if self.is_dead:
                raise httpx.ReadTimeout("nobody there")
        return self.world.there(request)

    def forward(self, after: float = 0) -> int:
        self.world.hand.advance(after)
        self.world.there.posted.clear()
        return self.forwarder.forward()


@pytest.fixture
def cluster(world: World) -> Cluster:
    return Cluster(world)


def test_every_member_of_a_cluster_is_told(cluster: Cluster) -> None:
    assert cluster.forward() == 2
    assert len(cluster.world.there.posted) == 2


def test_a_member_that_hangs_is_asked_ever_more_seldom_and_told_when_it_is_back(
    cluster: Cluster,
) -> None:
    cluster.is_dead = True
    cluster.forward()
    cluster.dialled = 0
    for _ in range(60):
        cluster.forward(after=1)
    assert cluster.dialled <= 6
    cluster.is_dead = False
    assert cluster.forward(after=30) == 2
    assert len(cluster.world.there.posted) >= 1


def test_a_member_that_hangs_keeps_nobody_from_a_recovery(cluster: Cluster) -> None:
    cluster.forward()
    cluster.world.acknowledge()
    cluster.forward(after=1)
    cluster.is_dead = True
    cluster.world.resolve()
    cluster.forward(after=1)  # found out that it hangs
    cluster.world.there.calls.clear()
    assert cluster.forward(after=0.5) == 1
    assert [method for method, _ in cluster.world.there.calls].count("DELETE") >= 1
    assert cluster.world.there.posted[0]["endsAt"] < clock.now().isoformat()


def test_a_recovery_waits_for_the_end_of_quiet_hours_when_the_fault_was_told_before(
    world: World,
) -> None:
    quiet = QuietHours(times=("00:10-06:00",), severities=("critical",))
    client = httpx.Client(transport=httpx.MockTransport(world.there))
    options = ForwarderOptions(routing=Routing(quiet=(quiet,)))
    world.forwarder = Forwarder(world.database, [Alertmanager("http://am", client)], options)
    world.forward()
    world.hand.advance(15 * 60)
    world.resolve()
    assert world.forward()[0]["endsAt"] > clock.now().isoformat(), "it still fires in the quiet"
    assert world.forward(after=6 * 3600)[0]["endsAt"] == "2026-11-22T00:15:00.000Z"
