"""Which sites ran on battery, as a hint at why their devices went dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from hatang.gates import Hint
from hatang.i18n import _
from inventory.models import Device
from monitors.choices import Cause, ElementKind, State
from monitors.models import ElementRow, TransitionRow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from hatang.db import AnySession

_BATTERY: Final = frozenset({Cause.ON_BATTERY, Cause.BATTERY_LOW, Cause.OUTPUT_OFF})
"""What a UPS says from the loss of the mains to the end of its battery."""


class BatteryHints:
    """The cause gate over the states of UPS."""

    def hints(
        self, session: AnySession, elements: Sequence[str], since: datetime, until: datetime
    ) -> Sequence[Hint]:
        """Return for each device the UPS at its site that ran on battery at `until`.

        One that nobody has reached since tells what it told last: a battery that ran out takes
        its own UPS with it. How long it ran does not matter, so `since` is not asked for.
        """
        asked = [each.partition(":")[2] for each in elements if each.startswith("device:")]
        at_site: dict[int, list[str]] = {}
        places = select(Device.device_key, Device.site_id).where(Device.device_key.in_(asked))
        for key, site in session.execute(places):
            at_site.setdefault(site, []).append(key)
        units = session.execute(
            select(ElementRow.element, Device.name, Device.site_id)
            .join(Device, Device.device_key == ElementRow.owner)
            .where(ElementRow.kind == ElementKind.UPS, Device.site_id.in_(at_site))
        )
        found = []
        for element, name, site in units:
            began = _on_battery_since(session, element, until)
            if began is not None:
                text = _("%(name)s ran on battery") % {"name": name}
                found += [
                    Hint(f"device:{key}", began, text, "power", is_local=True)
                    for key in at_site[site]
                ]
        return sorted(found, key=lambda one: (one.at, one.element))


_TOLD: Final = 20
"""So many words of a UPS are read: its way from the mains to an empty battery has three."""


def _on_battery_since(session: AnySession, element: str, until: datetime) -> datetime | None:
    """Return when the UPS lost the mains that it had not got back at `until`; None when it had."""
    told = session.execute(
        select(TransitionRow.cause, TransitionRow.at)
        .where(TransitionRow.element == element, TransitionRow.at <= until)
        .where(TransitionRow.to_state != State.UNKNOWN, TransitionRow.cause != Cause.FLAPPING)
        .order_by(TransitionRow.at.desc(), TransitionRow.id.desc())
        .limit(_TOLD)
    )
    return _first_of_run((cause, at) for cause, at in told)


def _first_of_run(told: Iterable[tuple[str, datetime]]) -> datetime | None:
    """Return when the run on battery began that `told`, latest first, starts with."""
    began = None
    for cause, at in told:
        if cause not in _BATTERY:
            return began
        began = at
    return began
