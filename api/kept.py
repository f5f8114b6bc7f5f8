"""What is made of the inventory and of all states, kept while neither changes: by scope."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from fastapi import Response

from hatang import clock
from inventory import service as inventory
from inventory.service.reading import READ as INVENTORY_READ
from monitors import service as monitors

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from hatang.auth import Actor
    from hatang.db import AnySession

# As long it is trusted: what a version does not tell is seen after that.
TRUSTED_SECONDS: Final = 10.0
# One a scope that somebody looks through; the one asked for longest ago goes first.
KEPT: Final = 16

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """JSON made once, and the name of exactly this state of things."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, body: bytes) -> Snapshot:
        """Return the snapshot of this JSON."""
        return cls(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')

    def answer(self, if_none_match: str) -> Response:
        """Return it as a response, without the body to who has it already."""
        headers = {"ETag": self.etag, "Cache-Control": "private, no-cache"}
        if self.etag in if_none_match:
            return Response(status_code=304, headers=headers)
        return Response(self.body, media_type="application/json", headers=headers)


class Kept(Generic[Made]):
    """What is made for each scope, made anew once the inventory or a state has changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, tuple[object, float, Made]] = OrderedDict()

    def __call__(
        self,
        session: AnySession,
        actor: Actor,
        make: Callable[[], Made],
        apart: Hashable = None,
    ) -> Made:
        """Return what `make` makes for `actor`; where `apart` differs, it is another.

        Raises:
            DeniedError: the actor may not see states, or not the inventory.
        """
        reach = (actor.acting(monitors.READ).scope_ids, actor.acting(INVENTORY_READ).scope_ids)
        place = (*reach, apart)
        now = (inventory.version(session), monitors.version(session))
        with self._lock:
            known = self._kept.get(place)
            if known is not None and known[0] == now and clock.monotonic() < known[1]:
                self._kept.move_to_end(place)
                return known[2]
        until = clock.monotonic() + TRUSTED_SECONDS
        made = make()
        with self._lock:
            self._kept[place] = (now, until, made)
            self._kept.move_to_end(place)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made
