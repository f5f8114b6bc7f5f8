"""Sends incidents to every Alertmanager, again and again, so that stopping resolves nothing.

Rules that were measured: labels are frozen at the first forward (a changed label is a second
page); a lapsed endsAt is a false recovery; a resolve under a silence is never delivered, so the
silence goes first, everywhere, and only then the resolve.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from alerts import ledger
from alerts.alertmanager import text
from alerts.routing import Routing
from hatang import clock
from hatang.errors import DriverError
from hatang.log import get_logger
from hatang.metrics import OPERATIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from alerts.alertmanager import Alertmanager
    from alerts.ledger import Item
    from hatang.db import Database
    from hatang.settings import EscalationLevel

HEARTBEAT: Final = "HatangHeartbeat"
FIRST_REST: Final = timedelta(seconds=1)
LONGEST_REST: Final = timedelta(seconds=30)
"""How long an Alertmanager that failed is left alone, the double each time."""
logger = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ForwarderOptions:
    """How often and how long; `ends_after` must outlive a restart of everything.

    An Alertmanager that restarts knows no heartbeat, and pages at once a raw alert that began
    longer ago than its route waits: the next beat must come before Prometheus's next word.
    """

    public_url: str = ""
    routing: Routing = field(default_factory=Routing)
    escalations: Sequence[EscalationLevel] = ()
    resend: timedelta = timedelta(seconds=60)
    ends_after: timedelta = timedelta(minutes=15)
    keep_resolving: timedelta = timedelta(minutes=15)
    heartbeat: timedelta = timedelta(seconds=5)
    heartbeat_ends_after: timedelta = timedelta(seconds=70)


@dataclass(slots=True)
class _Rest:
    """How long an Alertmanager that failed is left alone, so that it delays no other."""

    until: datetime
    length: timedelta


class Forwarder:
    """The one sender; the caller holds the lease while it calls `forward` and `beat`.

    An Alertmanager that fails rests for a while, ever longer, and is asked last: it costs the
    others nothing but the time of one call now and then.
    """

    def __init__(
        self,
        database: Database,
        alertmanagers: Sequence[Alertmanager],
        options: ForwarderOptions | None = None,
    ) -> None:
        self._database = database
        self._alertmanagers = tuple(alertmanagers)
        self._options = options or ForwarderOptions()
        # Empty at start: whoever takes over sends everything first thing.
        self._sent_all: dict[str, datetime] = {}
        self._beaten: dict[str, datetime] = {}
        self._rests: dict[str, _Rest] = {}

    def forward(self) -> int:
        """Send what is due and return how many Alertmanagers took all of it."""
        moment = clock.now()
        options = self._options
        awake = self._awake()
        plan = ledger.Plan(
            [each.url for each in self._alertmanagers],
            any(self._is_due(each, moment) for each in awake),
            options.public_url,
            options.keep_resolving,
            options.routing,
            options.escalations,
        )
        with self._database.write() as session:
            items = ledger.prepare(session, plan)
        held = self._expire_silences(items, awake)
        return sum(self._send(each, items, held, moment) for each in awake)

    def beat(self) -> None:
        """Tell every Alertmanager that hatang correlates; raw alerts stay inhibited meanwhile."""
        moment = clock.now()
        alert = {
            "labels": {"alertname": HEARTBEAT, "severity": "none", "correlated": "true"},
            "annotations": {"summary": "hatang is alive"},
            "startsAt": text(moment),
            "endsAt": text(moment + self._options.heartbeat_ends_after),
        }
        for each in self._awake():
            last = self._beaten.get(each.url)
            if _is_within(last, moment, self._options.heartbeat):
                continue
            if self._try(each, "heartbeat", partial(each.post_alerts, [alert])):
                self._beaten[each.url] = moment

    def _awake(self) -> list[Alertmanager]:
        """Return whom to ask now, those that failed before last."""
        moment = clock.now()
        found = [
            each
            for each in self._alertmanagers
            if each.url not in self._rests
            or not moment < self._rests[each.url].until <= moment + LONGEST_REST
        ]
        return sorted(found, key=lambda each: each.url in self._rests)

    def _is_due(self, each: Alertmanager, moment: datetime) -> bool:
        """Whether everything is to be sent again."""
        last = self._sent_all.get(each.url)
        return not _is_within(last, moment, self._options.resend)

    def _expire_silences(
        self, items: Sequence[Item], awake: Sequence[Alertmanager]
    ) -> frozenset[int]:
        """End the mirrors of incidents that are resolved or given back before their time.

        Return the resolved ones whose mirror would not end: their resolve must wait. A member that
        does not answer keeps nobody from being told: its silences reached the others of its
        cluster, so they are ended there.
        """
        held: set[int] = set()
        for item in items:
            if item.resolved_at is None and not item.is_released:
                continue
            for url, silence in item.silences.items():
                asked = [each for each in awake if each.url == url] or awake
                ended = [self._expire(each, item.incident, url, silence.id) for each in asked]
                if not all(ended) and item.resolved_at is not None:
                    held.add(item.incident)
        return frozenset(held)

    def _expire(self, asked: Alertmanager, incident: int, url: str, silence_id: str) -> bool:
        try:
            asked.expire_silence(silence_id)
        except DriverError as error:
            self._failed(asked, "silence", error)
            return False
        if asked.url == url:
            with self._database.write() as session:
                ledger.forget_silence(session, incident, url)
        return True

    def _send(
        self, each: Alertmanager, items: Sequence[Item], held: frozenset[int], moment: datetime
    ) -> bool:
        is_full = self._is_due(each, moment)
        due = [
            item
            for item in items
            if item.incident not in held and (is_full or each.url in item.unsent)
        ]
        is_sent = not due or self._try(each, "alerts", partial(each.post_alerts, self._alerts(due)))
        if is_sent and due:
            with self._database.write() as session:
                ledger.sent(session, each.url, due)
        if is_sent and is_full:
            self._sent_all[each.url] = moment
        return is_sent and self._mirror(each, items)

    def _alerts(self, items: Sequence[Item]) -> list[dict[str, Any]]:
        until = clock.now() + self._options.ends_after
        return [
            {
                "labels": dict(item.labels),
                "annotations": {name: value for name, value in item.annotations.items() if value},
                "startsAt": text(item.opened_at),
                "endsAt": text(item.resolved_at or until),
                "generatorURL": item.annotations.get("incident_url", ""),
            }
            for item in items
        ]

    def _mirror(self, each: Alertmanager, items: Sequence[Item]) -> bool:
        """Silence acknowledged incidents, each until its acknowledgement ends."""
        is_done = True
        for item in items:
            known = item.silences.get(each.url)
            wanted = item.acknowledged_until
            if item.resolved_at is not None or wanted is None or wanted <= clock.now():
                continue
            if known is not None and known.ends_at == wanted:
                continue
            try:
                silence_id = each.put_silence(_silence(item, known.id if known else ""))
            except DriverError as error:
                self._failed(each, "silence", error)
                is_done = False
                continue
            with self._database.write() as session:
                ledger.keep_silence(session, item.incident, each.url, (silence_id, wanted))
        return is_done

    def _try(self, each: Alertmanager, what: str, call: Callable[[], None]) -> bool:
        try:
            call()
        except DriverError as error:
            self._failed(each, what, error)
            return False
        OPERATIONS.labels("alertmanager", what, "ok").inc()
        self._rests.pop(each.url, None)
        return True

    def _failed(self, each: Alertmanager, what: str, error: DriverError) -> None:
        OPERATIONS.labels("alertmanager", what, error.reason.value).inc()
        before = self._rests.get(each.url)
        length = min(2 * before.length, LONGEST_REST) if before else FIRST_REST
        self._rests[each.url] = _Rest(clock.now() + length, length)
        logger.warning("%s not taken by %s: %s", what, each.url, error)


def _is_within(last: datetime | None, moment: datetime, length: timedelta) -> bool:
    """Whether `last` lies less than `length` before `moment`; what a clock set back left ahead of
    it does not.
    """
    return last is not None and timedelta() <= moment - last < length


def _silence(item: Item, silence_id: str) -> dict[str, Any]:
    assert item.acknowledged_until is not None  # noqa: S101 - the caller asked
    body: dict[str, Any] = {
        "matchers": [
            {
                "name": "incident",
                "value": item.labels["incident"],
                "isRegex": False,
                "isEqual": True,
            }
        ],
        "startsAt": text(clock.now()),
        "endsAt": text(item.acknowledged_until),
        "createdBy": item.owner,
        "comment": item.note or "acknowledged in hatang",
    }
    return body | ({"id": silence_id} if silence_id else {})
