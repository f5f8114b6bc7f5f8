"""Who answers for a site, a service or a provider: people with their telephone numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select

from hatang import scope
from inventory.choices import ElementKind
from inventory.models import (
    Contact,
    ContactProvider,
    ContactService,
    ContactSite,
    Provider,
    Service,
    Site,
)
from inventory.service.reading import READ

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Select

    from hatang.auth import Actor
    from hatang.db import AnySession

    Rows = Select[str, str, str, str, str, str]

_NUMBERS: Final = (Contact.name, Contact.function, Contact.phone, Contact.mobile)


@dataclass(frozen=True, slots=True)
class Responsible:
    """A person to call about the element `kind` `key`, called `about`."""

    kind: ElementKind
    key: str
    about: str
    name: str
    function: str
    phone: str
    mobile: str


def list_responsible(
    session: AnySession,
    actor: Actor,
    *,
    sites: Collection[str] = (),
    services: Collection[str] = (),
    providers: Collection[str] = (),
) -> tuple[Responsible, ...]:
    """Return who answers for these sites, services and providers, as far as the actor sees them.

    In as many statements whatever is asked for: one a kind that something is asked of.
    """
    seen = scope.visible(actor.acting(READ), Contact.scope_id)
    found = (
        *_of(session, ElementKind.SITE, _at_sites(sites).where(seen), sites),
        *_of(session, ElementKind.SERVICE, _of_services(services).where(seen), services),
        *_of(session, ElementKind.PROVIDER, _of_providers(providers).where(seen), providers),
    )
    return tuple(dict.fromkeys(found))


def _of(
    session: AnySession, kind: ElementKind, statement: Rows, asked: Collection[str]
) -> Iterator[Responsible]:
    if asked:
        for row in session.execute(statement.order_by(Contact.name)):
            yield Responsible(kind, *row)


def _at_sites(slugs: Collection[str]) -> Rows:
    joined = select(Site.slug, Site.name, *_NUMBERS).join(
        ContactSite, ContactSite.site_id == Site.id
    )
    return joined.join(Contact, Contact.id == ContactSite.contact_id).where(Site.slug.in_(slugs))


def _of_services(codes: Collection[str]) -> Rows:
    """A service names one person itself; a contact may name the services it answers for."""
    joined = select(Service.code, Service.name, *_NUMBERS).outerjoin(
        ContactService, ContactService.service_id == Service.id
    )
    is_either = or_(Contact.id == ContactService.contact_id, Contact.id == Service.contact_id)
    return joined.join(Contact, is_either).where(Service.code.in_(codes))


def _of_providers(names: Collection[str]) -> Rows:
    joined = select(Provider.name, Provider.name, *_NUMBERS).join(
        ContactProvider, ContactProvider.provider_id == Provider.id
    )
    return joined.join(Contact, Contact.id == ContactProvider.contact_id).where(
        Provider.name.in_(names)
    )
