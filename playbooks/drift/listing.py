"""What drifted, since when: by device, and added up by unit, site or what is intended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Select, case, func, select

from hatang import scope
from hatang.auth import Permission
from inventory import service as inventory
from inventory.models import Device, Site, Unit
from inventory.pages import Order, equal, fetch
from inventory.rows import FIRST_PAGE
from playbooks.choices import DriftState
from playbooks.models import Drift, IntendedConfiguration, PastDrift

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import DeviceRow, Page, Query


class By(StrEnum):
    """What devices are added up by."""

    UNIT = "unit"
    SITE = "site"
    INTENDED = "intended"


@dataclass(frozen=True, slots=True)
class DriftRow:
    """How a device stood to one intended configuration when it was compared last.

    `since` is of the state; `drifted_since` stays while the state is unknown.
    """

    intended: str
    device: str
    site: str
    site_name: str
    unit: str
    unit_name: str
    state: str
    reason: str
    detail: str
    since: datetime
    drifted_since: datetime | None
    line_count: int
    version_id: int | None
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class GroupRow:
    """How many devices of a group are in each state; of several the worst counts."""

    key: str
    name: str
    drifted: int
    unknown: int
    in_line: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A device and one intended configuration, with the redacted lines that bring it back."""

    row: DriftRow
    lines: str


@dataclass(frozen=True, slots=True)
class PastRow:
    """A drift that is over."""

    intended: str
    since: datetime
    ended_at: datetime
    ending: str


@dataclass(frozen=True, slots=True)
class DeviceDrift:
    """How one device stands to all that is intended for it, and its drifts that are over."""

    device: DeviceRow
    standings: tuple[Standing, ...]
    past: tuple[PastRow, ...]


PAST_SHOWN: Final = 100
_RANK: Final = case(
    (Drift.state == DriftState.DRIFTED, 2), (Drift.state == DriftState.UNKNOWN, 1), else_=0
)
_GROUPS: Final[Mapping[By, tuple[Any, Any]]] = {
    By.UNIT: (Unit.code, Unit.name),
    By.SITE: (Site.slug, Site.name),
    By.INTENDED: (IntendedConfiguration.name, IntendedConfiguration.name),
}
DRIFTS: Final = Order(
    {
        "device": Device.name,
        "site": Site.slug,
        "unit": Unit.code,
        "intended": IntendedConfiguration.name,
        "state": Drift.state,
        "reason": Drift.reason,
        "since": Drift.since,
        "drifted_since": Drift.drifted_since,
        "checked_at": Drift.checked_at,
    },
    (_RANK.desc(), Drift.drifted_since.is_(None).asc(), Drift.drifted_since.asc(), Drift.id.asc()),
)


def list_drifts(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> Page[DriftRow]:
    """Return how devices stand, what drifted longest at the top, then the unknown.

    Raises:
        DeniedError: the actor may not read configurations.
        InvalidInputError: an unknown column.
    """
    return fetch(session, _visible(actor), DRIFTS, query, DriftRow)


def totals(session: AnySession, actor: Actor, query: Query = FIRST_PAGE) -> GroupRow:
    """Return how many devices of what `query` filters are in each state; raises as `counts`."""
    return _counted(session, actor, query, ())[0]


def counts(session: AnySession, actor: Actor, by: By, query: Query = FIRST_PAGE) -> list[GroupRow]:
    """Return the groups of what `query` filters, those with most drifted devices first.

    Raises:
        DeniedError, InvalidInputError: as `list_drifts`.
    """
    found = _counted(session, actor, query, _GROUPS[by])
    return sorted(found, key=lambda row: (-row.drifted, -row.unknown, row.key))


def _counted(
    session: AnySession, actor: Actor, query: Query, columns: tuple[Any, ...]
) -> list[GroupRow]:
    worst = (
        _visible(actor)
        .where(*equal(DRIFTS, query))
        .with_only_columns(
            *(column.label(f"c{at}") for at, column in enumerate(columns)),
            func.max(_RANK).label("rank"),
            maintain_column_froms=True,
        )
        .group_by(Drift.device_id, *columns)
        .subquery()
    )
    keys = [worst.c[f"c{at}"] for at in range(len(columns))]
    sums = [func.coalesce(func.sum(case((worst.c.rank == at, 1), else_=0)), 0) for at in (2, 1, 0)]
    unnamed = () if columns else ("", "")
    rows = session.execute(select(*keys, *sums).select_from(worst).group_by(*keys))
    return [GroupRow(*unnamed, *row) for row in rows]


def of_device(session: AnySession, actor: Actor, name: str) -> DeviceDrift:
    """Return how a device stands to all that is intended for it, with the lines that bring it back.

    Raises:
        NotFoundError: there is no such device.
        DeniedError: the actor may not read its configuration.
    """
    device = inventory.get_device(session, actor.acting(Permission.VAULT_READ), name)
    own = _visible(actor).where(Drift.device_id == device.id).add_columns(Drift.lines)
    standings = tuple(
        Standing(DriftRow(*columns), lines)
        for *columns, lines in session.execute(own.order_by(IntendedConfiguration.name))
    )
    past = (
        select(IntendedConfiguration.name, PastDrift.since, PastDrift.ended_at, PastDrift.ending)
        .join(IntendedConfiguration, IntendedConfiguration.id == PastDrift.intended_id)
        .where(PastDrift.device_id == device.id)
        .order_by(PastDrift.ended_at.desc(), PastDrift.id.desc())
        .limit(PAST_SHOWN)
    )
    ended = tuple(PastRow(*row) for row in session.execute(past))
    return DeviceDrift(device, standings, ended)


def _visible(actor: Actor) -> Select[*tuple[Any, ...]]:
    """Return the statement of what a `DriftRow` holds, in its order: never of the lines."""
    acting = actor.acting(Permission.VAULT_READ)
    return (
        select(
            IntendedConfiguration.name,
            Device.name,
            Site.slug,
            Site.name,
            Unit.code,
            Unit.name,
            Drift.state,
            Drift.reason,
            Drift.detail,
            Drift.since,
            Drift.drifted_since,
            Drift.line_count,
            Drift.version_id,
            Drift.checked_at,
        )
        .select_from(Drift)
        .join(IntendedConfiguration, IntendedConfiguration.id == Drift.intended_id)
        .join(Device, Device.id == Drift.device_id)
        .join(Site, Site.id == Device.site_id)
        .join(Unit, Unit.id == Site.unit_id)
        .where(scope.visible(acting, Device.scope_id))
    )
