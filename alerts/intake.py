"""The door Prometheus posts to: state per sender and fingerprint, nothing forgotten by lapse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from sqlalchemy import bindparam, delete, insert, literal, select, update

from alerts.choices import AlertState, IncidentState
from alerts.fingerprint import REPLICA_LABELS, fingerprint, without_replicas
from alerts.models import Alert, Incident
from alerts.validation import read_alerts
from hatang import clock
from hatang.auth import Actor, Permission, require
from hatang.log import get_logger
from hatang.metrics import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Row, Table

    from alerts.validation import PostedAlert
    from hatang.db import AnySession, WriteSession
    from hatang.errors import Problem

    Known = Row[int, str, str, str, datetime, datetime, datetime]

RESOLVE_TIMEOUT: Final = timedelta(minutes=5)
"""How long an alert without endsAt is believed: Alertmanager's default resolve_timeout."""
KEPT: Final = timedelta(days=1)
PREFIX: Final = "alert:"
"""Begins the key of the fault that an alert stands for by itself."""
TOLERANCE: Final = timedelta(minutes=1)
"""How far a sender's clock may be off before its resolves contradict what it said before."""
LONGEST_ELEMENT: Final = 255
_CHUNK: Final = 500
_TABLE: Final = cast("Table", Alert.__table__)
# Without the ORM: ten thousand alerts come at once, and whoever writes next waits for them.
_CHANGE: Final = update(_TABLE).where(_TABLE.c.id == bindparam("row"))
logger = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class MergedAlert:
    """One alert over all senders: firing if any says so, resolved only when all do."""

    fingerprint: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    element: str | None
    state: AlertState
    since: datetime
    starts_at: datetime
    ends_at: datetime
    received_at: datetime
    generator_url: str


@dataclass(frozen=True, slots=True)
class Told:
    """One alert in the words of one sender, its replica labels taken off."""

    sender: str
    fingerprint: str
    labels: Mapping[str, str]
    alert: PostedAlert


@dataclass(frozen=True, slots=True)
class Posting:
    """What one request told, each alert once, and what of it cannot be taken."""

    told: Sequence[Told]
    problems: Sequence[Problem]


def element_of(labels: Mapping[str, str]) -> str | None:
    """Return the element that an alert's labels name, None when it names none.

    `element` says it outright; else `instance` is the stable device key that our monitors put
    there, with `ifName` for one of its interfaces; `service:CODE` stands for a service.
    """
    if named := labels.get("element"):
        return named if len(named) <= LONGEST_ELEMENT else None
    instance = labels.get("instance", "")
    if not instance or labels.get("job", "") not in ("hatang-monitors", ""):
        return None
    if instance.startswith("service:"):
        return instance
    interface = labels.get("ifName")
    found = f"interface:{instance}:{interface}" if interface else f"device:{instance}"
    return found if len(found) <= LONGEST_ELEMENT else None


def read(sender: str, payload: object, replica_labels: Collection[str] = REPLICA_LABELS) -> Posting:
    """Return what `sender` posted to /api/v2/alerts; needs no database.

    One bad alert costs itself alone, as in Alertmanager: what is right is told, the rest named.
    Replicas that share a token and an address are still told apart by their replica labels.

    Raises:
        InvalidInputError: the body is no list of alerts, or too long a one.
    """
    alerts, problems = read_alerts(payload)
    told = {}
    for alert in alerts:
        labels = without_replicas(alert.labels, replica_labels)
        own = {name: value for name, value in alert.labels.items() if name not in labels}
        who = f"{sender}#{fingerprint(own)}" if own else sender
        key = fingerprint(labels)
        told[who, key] = Told(who, key, labels, alert)
    return Posting(tuple(told.values()), tuple(problems))


def ingest(session: WriteSession, actor: Actor, posting: Posting) -> int:
    """Keep what a sender told and return how many alerts it were.

    Raises:
        DeniedError: the actor may not post alerts.
    """
    require(actor, Permission.ALERT_INGEST)
    known = _known(session, posting.told)
    moment = clock.now()
    fresh, changed = [], []
    for told in posting.told:
        row = known.get((told.sender, told.fingerprint))
        if row is None:
            fresh.append(_new(told, moment))
        else:
            changed.append(_changed(row, told, moment))
    if fresh:
        session.execute(insert(_TABLE), fresh)
    if changed:
        session.execute(_CHANGE, changed)
    return len(posting.told)


def _known(session: WriteSession, told: Sequence[Told]) -> dict[tuple[str, str], Known]:
    columns = (
        Alert.id, Alert.sender, Alert.fingerprint, Alert.state, Alert.since, Alert.starts_at,
        Alert.received_at,
    )  # fmt: skip
    found: dict[tuple[str, str], Known] = {}
    for sender in {each.sender for each in told}:
        keys = [each.fingerprint for each in told if each.sender == sender]
        for start in range(0, len(keys), _CHUNK):
            part = keys[start : start + _CHUNK]
            rows = select(*columns).where(Alert.sender == sender, Alert.fingerprint.in_(part))
            found |= {(row.sender, row.fingerprint): row for row in session.execute(rows)}
    return found


def _new(told: Told, moment: datetime) -> dict[str, Any]:
    return {
        "sender": told.sender,
        "fingerprint": told.fingerprint,
        "labels": told.labels,
        "element": element_of(told.labels),
        "state": _state(told.alert, moment),
        "since": moment,
        "starts_at": told.alert.starts_at or moment,
        "received_at": moment,
        **_moving(told.alert, moment),
    }


def _changed(row: Known, told: Told, moment: datetime) -> dict[str, Any]:
    """Return what changes of a row.

    What ended before its sender last said that it fires was not resolved: a clock is wrong. It
    becomes unknown, which is no recovery, and the time of the last true word stays.
    """
    alert = told.alert
    state = _state(alert, moment)
    received_at = moment
    if state is AlertState.RESOLVED and _contradicts(row, alert):
        state = AlertState.UNKNOWN
        OPERATIONS.labels("alerts", "ingest", "clock").inc()
        logger.warning(
            "%s says that %s ended at %s but told at %s that it fires: is its clock right?",
            row.sender, row.fingerprint, alert.ends_at, row.received_at,
        )  # fmt: skip
        received_at = row.received_at
    is_new = row.state != state
    return {
        "row": row.id,
        "state": state,
        "since": moment if is_new else row.since,
        "starts_at": (alert.starts_at or moment) if is_new else row.starts_at,
        "received_at": received_at,
        **_moving(alert, moment),
    }


def _state(alert: PostedAlert, moment: datetime) -> AlertState:
    is_over = alert.ends_at is not None and alert.ends_at <= moment
    return AlertState.RESOLVED if is_over else AlertState.FIRING


def _contradicts(row: Known, alert: PostedAlert) -> bool:
    assert alert.ends_at is not None  # noqa: S101 - it is over
    return bool(row.state != AlertState.RESOLVED and alert.ends_at < row.received_at - TOLERANCE)


def _moving(alert: PostedAlert, moment: datetime) -> dict[str, Any]:
    return {
        "annotations": alert.annotations,
        "generator_url": alert.generator_url,
        "ends_at": alert.ends_at or moment + RESOLVE_TIMEOUT,
    }


def lapse(session: WriteSession) -> int:
    """Make unknown what is firing but was not repeated in time; return how many.

    What stopped firing `KEPT` ago is forgotten, unless an open incident waits for its recovery.
    """
    moment = clock.now()
    waiting = select(Incident.fault).where(Incident.state != IncidentState.RESOLVED)
    session.execute(
        delete(Alert)
        .where(Alert.state != AlertState.FIRING, Alert.received_at < moment - KEPT)
        .where((literal(PREFIX) + Alert.fingerprint).not_in(waiting))
    )
    rows = session.scalars(
        select(Alert).where(Alert.state == AlertState.FIRING, Alert.ends_at <= moment)
    ).all()
    for row in rows:
        row.state, row.since = AlertState.UNKNOWN, moment
    return len(rows)


def merged(session: AnySession, *, with_texts: bool = False) -> list[MergedAlert]:
    """Return every alert once, joined over its senders, ordered by fingerprint.

    Without `with_texts` all annotations are left out: correlation reads the alerts each second.
    """
    columns = [each for each in _TABLE.c if with_texts or each.name != "annotations"]
    groups: dict[str, list[Row[Any]]] = {}
    for row in session.execute(select(*columns).order_by(Alert.fingerprint, Alert.sender)):
        groups.setdefault(row.fingerprint, []).append(row)
    return [_merge(rows, with_texts=with_texts) for rows in groups.values()]


def _merge(rows: Sequence[Row[Any]], *, with_texts: bool) -> MergedAlert:
    # Firing beats unknown beats resolved: one replica's resolve is no recovery.
    order = (AlertState.FIRING, AlertState.UNKNOWN, AlertState.RESOLVED)
    state = next(each for each in order if any(row.state == each for row in rows))
    telling = [row for row in rows if row.state == state]
    latest = max(telling, key=lambda row: row.received_at)
    edge = max if state is AlertState.RESOLVED else min
    return MergedAlert(
        fingerprint=latest.fingerprint,
        labels=latest.labels,
        annotations=latest.annotations if with_texts else {},
        element=latest.element,
        state=state,
        since=edge(row.since for row in telling),
        starts_at=min(row.starts_at for row in telling),
        ends_at=max(row.ends_at for row in telling),
        received_at=latest.received_at,
        generator_url=latest.generator_url,
    )
