"""Events: a durable outbox, delivered at least once to consumers that keep their own place."""

from __future__ import annotations

from hatang.events.consumer import Handler, consume, parked, redeliver
from hatang.events.models import Event
from hatang.events.outbox import Waiter, forget, head, prune, publish, publish_all, read_after

__all__ = [
    "Event",
    "Handler",
    "Waiter",
    "consume",
    "forget",
    "head",
    "parked",
    "prune",
    "publish",
    "publish_all",
    "read_after",
    "redeliver",
]
