"""Whom a page says to call: the carrier's or power company's desk, and what it asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from alerts.carriers import CARRIER
from alerts.power import POWER
from inventory.models import Circuit, Link, Provider, Site

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Select

    from hatang.db import AnySession

INFERRED: Final = (CARRIER, POWER)
"""What the elements that nothing measures begin with."""
_LINK: Final = "link:"
_ROWS: Final = select(
    Provider.name,
    Provider.hotline,
    Provider.account,
    Circuit.cid,
    Circuit.hotline,
    Circuit.contract_number,
).join(Circuit, Circuit.provider_id == Provider.id)


@dataclass(frozen=True, slots=True)
class Desk:
    """A carrier or power company, its telephone, the customer's number there; of one line also its
    circuit id.
    """

    carrier: str
    hotline: str
    account: str
    circuit: str
    contracts: tuple[str, ...]


def desks(session: AnySession, elements: Collection[str]) -> dict[str, Desk]:
    """Return the desk of each of `elements` that somebody outside answers for: the carrier of a
    link, a carrier or a power company itself.
    """
    return dict(_found(session, elements))


def _found(session: AnySession, elements: Collection[str]) -> Iterator[tuple[str, Desk]]:
    for element in sorted(elements):
        if element.startswith(POWER):
            yield element, _of_power(session, element.removeprefix(POWER))
        elif element.startswith(CARRIER):
            desk = _desk(session, _ROWS.where(Provider.name == element.removeprefix(CARRIER)))
            if desk is not None:
                yield element, desk
        elif element.startswith(_LINK) and element.removeprefix(_LINK).isdigit():
            number = int(element.removeprefix(_LINK))
            carried = _ROWS.join(Link, Link.circuit_id == Circuit.id).where(Link.id == number)
            desk = _desk(session, carried)
            if desk is not None:
                yield element, desk


def _of_power(session: AnySession, company: str) -> Desk:
    """Return the desk of a power company: of the telephones written at its sites the commonest."""
    mine = Site.power_company == company, Site.power_hotline != ""
    known = select(Site.power_hotline).where(*mine).group_by(Site.power_hotline)
    hotline = session.scalar(known.order_by(func.count().desc(), Site.power_hotline).limit(1))
    return Desk(company, hotline or "", "", "", ())


def _desk(session: AnySession, rows: Select[str, str, str, str, str, str]) -> Desk | None:
    found = session.execute(rows.order_by(Circuit.cid)).all()
    if not found:
        return None
    carrier, hotline, account = found[0][:3]
    # A line's own number is the desk that knows it; a whole carrier has its own.
    own = {row[4] for row in found if row[4]}
    is_line = len(found) == 1
    return Desk(
        carrier=carrier,
        hotline=(min(own) if own and (is_line or not hotline) else hotline),
        account=account,
        circuit=found[0][3] if is_line else "",
        contracts=tuple(dict.fromkeys(row[5] for row in found if row[5])),
    )
