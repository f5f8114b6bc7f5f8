"""The door Prometheus posts to: state per sender and fingerprint, nothing forgotten by lapse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from sqlalchemy import delete, literal, select

from alerts.choices import AlertState, IncidentState
from alerts.fingerprint import fingerprint, without_replicas
from alerts.models import Alert, Incident, Silence
from alerts.validation import matches, read_alerts, read_silence
from hatang import audit, clock
from hatang.auth import Actor, Permission, require
from hatang.errors import DeniedError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from alerts.validation import PostedAlert
    from hatang.db import AnySession, WriteSession

RESOLVE_TIMEOUT: Final = timedelta(minutes=5)
"""How long an alert without endsAt is believed: Alertmanager's default resolve_timeout."""
KEPT: Final = timedelta(days=1)
PREFIX: Final = "alert:"
"""Begins the key of the fault that an alert stands for by itself."""
_CHUNK: Final = 500


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


def element_of(labels: Mapping[str, str]) -> str | None:
    """Return the element that an alert's labels name, None when it names none.

    `element` says it outright; else `instance` is the stable device key that our monitors put
    there, with `ifName` for one of its interfaces; `service:CODE` stands for a service.
    """
    if named := labels.get("element"):
        return named
    instance = labels.get("instance", "")
    if not instance or labels.get("job", "") not in ("hatang-monitors", ""):
        return None
    if instance.startswith("service:"):
        return instance
    if interface := labels.get("ifName"):
        return f"interface:{instance}:{interface}"
    return f"device:{instance}"


def ingest(session: WriteSession, actor: Actor, sender: str, payload: object) -> int:
    """Keep what `sender` posted to /api/v2/alerts and return how many alerts it were.

    Raises:
        DeniedError: the actor may not post alerts.
        InvalidInputError: something is wrong; nothing was kept, every problem is named.
    """
    require(actor, Permission.ALERT_INGEST)
    posted = {}
    for alert in read_alerts(payload):
        labels = without_replicas(alert.labels)
        posted[fingerprint(labels)] = (labels, alert)
    known = _known(session, sender, list(posted))
    moment = clock.now()
    for key, (labels, alert) in posted.items():
        row = known.get(key)
        if row is None:
            row = Alert(sender=sender, fingerprint=key, labels=labels, state="", since=moment)
            row.element = element_of(labels)
            row.starts_at = alert.starts_at or moment
            session.add(row)
        _update(row, alert, moment)
    return len(posted)


def _known(session: WriteSession, sender: str, keys: list[str]) -> dict[str, Alert]:
    found: dict[str, Alert] = {}
    for start in range(0, len(keys), _CHUNK):
        part = keys[start : start + _CHUNK]
        rows = select(Alert).where(Alert.sender == sender, Alert.fingerprint.in_(part))
        found |= {row.fingerprint: row for row in session.scalars(rows)}
    return found


def _update(row: Alert, alert: PostedAlert, moment: datetime) -> None:
    is_over = alert.ends_at is not None and alert.ends_at <= moment
    state = AlertState.RESOLVED if is_over else AlertState.FIRING
    if row.state != state:
        row.state, row.since = state, moment
        row.starts_at = alert.starts_at or moment
    row.annotations = alert.annotations
    row.generator_url = alert.generator_url
    row.ends_at = alert.ends_at or moment + RESOLVE_TIMEOUT
    row.received_at = moment


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


def merged(session: AnySession) -> list[MergedAlert]:
    """Return every alert once, joined over its senders, ordered by fingerprint."""
    groups: dict[str, list[Alert]] = {}
    for row in session.scalars(select(Alert).order_by(Alert.fingerprint, Alert.sender)):
        groups.setdefault(row.fingerprint, []).append(row)
    return [_merge(rows) for rows in groups.values()]


def _merge(rows: list[Alert]) -> MergedAlert:
    # Firing beats unknown beats resolved: one replica's resolve is no recovery.
    order = (AlertState.FIRING, AlertState.UNKNOWN, AlertState.RESOLVED)
    state = next(each for each in order if any(row.state == each for row in rows))
    telling = [row for row in rows if row.state == state]
    latest = max(telling, key=lambda row: row.received_at)
    edge = max if state is AlertState.RESOLVED else min
    return MergedAlert(
        fingerprint=latest.fingerprint,
        labels=latest.labels,
        annotations=latest.annotations,
        element=latest.element,
        state=state,
        since=edge(row.since for row in telling),
        starts_at=min(row.starts_at for row in telling),
        ends_at=max(row.ends_at for row in telling),
        received_at=latest.received_at,
        generator_url=latest.generator_url,
    )


def list_alerts(
    session: AnySession, actor: Actor, matchers: Iterable[Mapping[str, Any]] = ()
) -> list[dict[str, Any]]:
    """Return the firing alerts as Alertmanager's GET /api/v2/alerts does.

    Posted alerts carry no scope, so only who reaches the whole province sees them.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    if actor.acting(Permission.INCIDENT_READ).scope_ids is not None:
        return []
    wanted = list(matchers)
    active = active_silences(session)
    return [
        _shown(alert, active)
        for alert in merged(session)
        if alert.state is AlertState.FIRING and all(matches(m, alert.labels) for m in wanted)
    ]


def _shown(alert: MergedAlert, active: list[Silence]) -> dict[str, Any]:
    by = [each.id for each in active if all(matches(m, alert.labels) for m in each.matchers)]
    return {
        "labels": dict(alert.labels),
        "annotations": dict(alert.annotations),
        "startsAt": _text(alert.starts_at),
        "endsAt": _text(alert.ends_at),
        "updatedAt": _text(alert.received_at),
        "generatorURL": alert.generator_url,
        "fingerprint": alert.fingerprint,
        "receivers": [{"name": "hatang"}],
        "status": {
            "state": "suppressed" if by else "active",
            "silencedBy": by,
            "inhibitedBy": [],
        },
    }


def list_silences(session: AnySession, actor: Actor) -> list[dict[str, Any]]:
    """Return all silences as GET /api/v2/silences does, expired ones too.

    What they match has no scope, so only who reaches the whole province sees them.

    Raises:
        DeniedError: the actor may not read incidents.
    """
    if actor.acting(Permission.INCIDENT_READ).scope_ids is not None:
        return []
    return [_silence(row) for row in _silences(session)]


def put_silence(session: WriteSession, actor: Actor, payload: object) -> str:
    """Create or change a silence and return its id.

    Raises:
        DeniedError: the actor may not announce maintenance for the whole province.
        InvalidInputError: the silence is wrong; every problem is named.
        NotFoundError: it changes a silence that does not exist.
    """
    _require_province(actor)
    posted = read_silence(payload)
    row = session.get(Silence, posted.id) if posted.id else Silence(id=str(uuid4()))
    if row is None:
        raise NotFoundError(f"there is no silence {posted.id}")
    row.matchers = posted.matchers
    row.created_by = posted.created_by or actor.name
    row.comment = posted.comment
    row.starts_at, row.ends_at = posted.starts_at, posted.ends_at
    row.updated_at = clock.now()
    session.add(row)
    detail = {"matchers": row.matchers, "ends_at": _text(row.ends_at), "comment": row.comment}
    audit.record(session, actor, "silence.put", f"silence/{row.id}", detail)
    return row.id


def _require_province(actor: Actor) -> None:
    # Matchers speak of labels, and those reach over every unit.
    if actor.acting(Permission.MAINTENANCE_WRITE).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} may not silence alerts of the whole province",
            fix="Announce maintenance for your own elements.",
        )


def expire_silence(session: WriteSession, actor: Actor, silence_id: str) -> None:
    """End a silence now.

    Raises:
        DeniedError: the actor may not announce maintenance for the whole province.
        NotFoundError: there is no such silence.
    """
    _require_province(actor)
    row = session.get(Silence, silence_id)
    if row is None:
        raise NotFoundError(f"there is no silence {silence_id}")
    row.ends_at = min(row.ends_at, clock.now())
    row.starts_at = min(row.starts_at, row.ends_at)
    row.updated_at = clock.now()
    audit.record(session, actor, "silence.expire", f"silence/{row.id}")


def active_silences(session: AnySession) -> list[Silence]:
    """Return the silences that hold now."""
    return [each for each in _silences(session) if _state(each) == "active"]


def is_silenced(active: Iterable[Silence], labels: Mapping[str, str]) -> bool:
    """Tell whether one of the `active` silences fits `labels`."""
    return any(all(matches(m, labels) for m in each.matchers) for each in active)


def status(started_at: datetime, version: str) -> dict[str, Any]:
    """Return what GET /api/v2/status answers; a cluster of one, for the senders' eyes."""
    return {
        "cluster": {"status": "disabled", "peers": []},
        "config": {"original": ""},
        "uptime": _text(started_at),
        "versionInfo": {
            "branch": "hatang",
            "buildDate": "",
            "buildUser": "",
            "goVersion": "",
            "revision": "",
            "version": version,
        },
    }


def _silences(session: AnySession) -> list[Silence]:
    return list(session.scalars(select(Silence).order_by(Silence.starts_at, Silence.id)))


def _state(row: Silence) -> str:
    moment = clock.now()
    if row.ends_at <= moment:
        return "expired"
    return "pending" if row.starts_at > moment else "active"


def _silence(row: Silence) -> dict[str, Any]:
    return {
        "id": row.id,
        "status": {"state": _state(row)},
        "updatedAt": _text(row.updated_at),
        "comment": row.comment,
        "createdBy": row.created_by,
        "startsAt": _text(row.starts_at),
        "endsAt": _text(row.ends_at),
        "matchers": row.matchers,
    }


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
