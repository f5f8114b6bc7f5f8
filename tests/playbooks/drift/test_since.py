"""Since when a device drifts: whatever is run in between, until it is seen in line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from hatang import clock
from playbooks import drift
from playbooks.choices import DriftReason, DriftState
from playbooks.drift.following import MOST_LINES, Outcome, follow
from playbooks.models import Drift, IntendedConfiguration, PastDrift
from tests.playbooks.drift.scene import DRIFTED, IN_LINE, Scene, at

if TYPE_CHECKING:
    from datetime import datetime

    from playbooks.access import Access

pytestmark = pytest.mark.slow

D, U, L = DriftState.DRIFTED, DriftState.UNKNOWN, DriftState.IN_LINE


@pytest.fixture
def access(scene: Scene) -> Access:
    access = scene.router()
    scene.keep(access, DRIFTED)
    scene.intend("r1")
    return access


def expected(
    states: list[DriftState],
) -> tuple[datetime | None, list[tuple[datetime, datetime]]]:
    """Return since when the last state drifts, and the drifts that are over."""
    since: datetime | None = None
    over: list[tuple[datetime, datetime]] = []
    for hour, state in enumerate(states):
        if state is D and since is None:
            since = at(hour)
        if state is L and since is not None:
            over.append((since, at(hour)))
            since = None
    return since, over


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(states=st.lists(st.sampled_from([D, U, L]), min_size=1, max_size=8))
def test_a_drift_lasts_from_its_first_sight_to_the_first_time_in_line(
    scene: Scene, access: Access, states: list[DriftState]
) -> None:
    with scene.database.write() as session:
        session.execute(delete(Drift))
        session.execute(delete(PastDrift))
        row = session.scalars(select(IntendedConfiguration)).one()
        for hour, state in enumerate(states):
            reason = DriftReason.TOO_OLD if state is U else None
            with clock.frozen(at(hour)):
                outcome = Outcome(access.device_id, None, state, reason)
                follow(session, row.id, row.set_at, [outcome])
        kept = session.scalars(select(Drift)).one()
        over = session.scalars(select(PastDrift).order_by(PastDrift.id)).all()
        found = kept.drifted_since, [(one.since, one.ended_at) for one in over]
    assert found == expected(states)
    assert kept.state == states[-1]


def test_since_when_survives_every_run_and_what_ends_it_is_kept(
    scene: Scene, access: Access
) -> None:
    scene.check()
    for hour in (24, 25):
        scene.hour = hour
        scene.keep(access, f"{DRIFTED}ip route 10.9.0.0/16 10.0.0.{hour}\n")
        scene.check()
        assert (scene.row().since, scene.row().drifted_since) == (at(0), at(0))
    scene.hour = 30
    scene.keep(access, IN_LINE)
    scene.check()
    scene.check()
    assert (scene.row().state, scene.row().since) == ("in_line", at(30))
    with scene.database.read() as session:
        (over,) = drift.of_device(session, scene.engineer, "r1").past
    assert (over.intended, over.since, over.ended_at, over.ending) == (
        "bgp",
        at(0),
        at(30),
        "in_line",
    )


def test_what_is_unknown_for_a_time_has_drifted_all_the_while(scene: Scene, access: Access) -> None:
    scene.check()
    scene.hour = 60
    scene.check()
    row = scene.row()
    assert (row.state, row.since, row.drifted_since) == ("unknown", at(60), at(0))


def test_a_run_that_began_earlier_does_not_undo_what_a_later_one_found(
    scene: Scene, access: Access
) -> None:
    version = scene.keep(access, IN_LINE)
    scene.check()
    with scene.database.write() as session:
        row = session.scalars(select(IntendedConfiguration)).one()
        late = Outcome(access.device_id, version - 1, D, lines="x\n")
        assert follow(session, row.id, row.set_at, [late]) == []
        other = Outcome(access.device_id, version, D, lines="x\n")
        assert follow(session, row.id, at(-1), [other]) == []
    assert scene.row().state == "in_line"


def test_of_very_many_lines_the_first_are_kept_and_all_are_counted(
    scene: Scene, access: Access
) -> None:
    with scene.database.write() as session:
        row = session.scalars(select(IntendedConfiguration)).one()
        lines = "ip route 10.9.0.0/16 10.0.0.1\n" * (MOST_LINES + 1)
        follow(session, row.id, row.set_at, [Outcome(access.device_id, None, D, lines=lines)])
    assert scene.row().line_count == MOST_LINES + 1
    assert len(scene.lines().splitlines()) == MOST_LINES


def test_removed_nothing_drifts_any_more_and_the_history_says_so(
    scene: Scene, access: Access
) -> None:
    scene.check()
    with scene.database.write() as session:
        drift.remove_intended(session, scene.engineer, "bgp")
    assert scene.check() == {}
    assert scene.rows() == []
    with scene.database.read() as session:
        assert drift.list_intended(session, scene.engineer) == []
        (over,) = drift.of_device(session, scene.engineer, "r1").past
    assert over.ending == "not_intended"
