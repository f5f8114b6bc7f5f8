"""Running meetings as series: how each point is heard, and what the meeting needs and lacks.

They exist while a meeting runs and are told anew with every window. Who is in, and who is absent,
is known only of the bridges that told it lately; of the others there is no such series.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from prometheus_client import Gauge
from sqlalchemy import select

from conference import quality
from conference.choices import MeetingState, Quality
from conference.models import Meeting
from conference.service.live import Live, live
from hatang import clock
from hatang.auth import Actor
from hatang.log import get_logger
from hatang.metrics import REGISTRY, Snapshot
from inventory.models import Bridge

if TYPE_CHECKING:
    from collections.abc import Collection

    from hatang.db import AnySession

LOG: Final = get_logger(__name__)
_OF_POINT: Final = ("meeting", "room", "site")
_OF_STREAM: Final = (*_OF_POINT, "direction", "media")


def _gauge(name: str, meaning: str, labels: tuple[str, ...]) -> Snapshot:
    return Snapshot(Gauge(f"hatang_conference_{name}", meaning, labels, registry=REGISTRY))


_PARTICIPANTS: Final = _gauge(
    "participants",
    "How many points, and how many others, are in a running meeting.",
    ("meeting", "bridge", "kind"),
)
_QUALITY: Final = _gauge(
    "point_quality",
    "How a point is heard: 1 good, 2 ok, 3 bad, 4 terrible; none while it is unknown.",
    _OF_POINT,
)
_LOSS: Final = _gauge(
    "point_loss_ratio",
    "Loss of a point's stream in its newest window of 20 s; `rx` is from the room to the bridge.",
    _OF_STREAM,
)
_JITTER: Final = _gauge(
    "point_jitter_seconds", "Jitter of a point's stream in its newest window.", _OF_STREAM
)
_RTT: Final = _gauge(
    "point_rtt_seconds", "Round trip of a point's stream in its newest window.", _OF_STREAM
)
_POOR: Final = _gauge(
    "poor_points",
    "How many points of a running meeting are heard badly, by what is to blame.",
    ("meeting", "element", "cause"),
)
_ABSENT: Final = _gauge(
    "point_absent",
    "1 for a required point that is not in its running meeting.",
    ("meeting", "element", "site", "name"),
)


def update(session: AnySession, told: Collection[str]) -> None:
    """Show the meetings that run now; `told` are the bridges that told who is in them.

    A meeting that cannot be read is left out. Each is read as its own unit may read it: its causes
    name no other unit's incidents.
    """
    now, actor = clock.now(), Actor.system("conference")
    statement = (
        select(Meeting.uid, Meeting.scope_id, Bridge.code)
        .join(Bridge, Bridge.id == Meeting.bridge_id)
        .where(Meeting.state == MeetingState.PLANNED)
        .where(Meeting.starts_at <= now, Meeting.ends_at > now)
    )
    found = []
    for uid, scope_id, bridge in session.execute(statement).all():
        own = replace(actor, scope_ids=frozenset({scope_id}))
        try:
            found.append((live(session, own, uid), bridge))
        except Exception:
            LOG.exception("meeting %s is not shown", uid)
    show(found, told)


def show(meetings: list[tuple[Live, str]], told: Collection[str]) -> None:
    """Show these meetings, each with its bridge's code, and no other."""
    people: dict[tuple[str, ...], float] = {}
    heard: dict[tuple[str, ...], float] = {}
    poor: dict[tuple[str, ...], float] = {}
    absent: dict[tuple[str, ...], float] = {}
    streams: dict[str, dict[tuple[str, ...], float]] = {"loss": {}, "jitter": {}, "rtt": {}}
    for found, bridge in meetings:
        inside = [one for one in found.points if one.is_in]
        if bridge in told:
            people[found.uid, bridge, "point"] = len(inside)
            people[found.uid, bridge, "other"] = len(found.strangers)
            absent |= _absent(found)
        for one in inside:
            own = (found.uid, one.room, one.site)
            if one.quality != Quality.UNKNOWN:
                heard[own] = quality.ORDER.index(Quality(one.quality))
            if one.is_poor:
                key = (found.uid, one.element, one.cause or one.name)
                poor[key] = poor.get(key, 0) + 1
            for each in one.streams:
                labels = (*own, each.direction, each.media)
                values = {"loss": each.loss_ratio, "jitter": each.jitter_seconds,
                          "rtt": each.rtt_seconds}  # fmt: skip
                for name, value in values.items():
                    if value is not None:
                        streams[name][labels] = value
    _PARTICIPANTS.show(people)
    _QUALITY.show(heard)
    _POOR.show(poor)
    _ABSENT.show(absent)
    _LOSS.show(streams["loss"])
    _JITTER.show(streams["jitter"])
    _RTT.show(streams["rtt"])


def _absent(found: Live) -> dict[tuple[str, ...], float]:
    missing = [one for one in found.points if one.required and not one.is_in]
    return {(found.uid, f"room:{one.room}", one.site, one.name): 1 for one in missing}
