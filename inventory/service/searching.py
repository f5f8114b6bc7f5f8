"""One question to the whole inventory: what is called like this, whatever it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from inventory.choices import ElementKind
from inventory.rows import Query
from inventory.service.reading import search_elements

if TYPE_CHECKING:
    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.rows import ElementRow

# What people look for first stands first.
SEARCHED: Final = (
    ElementKind.SITE,
    ElementKind.DEVICE,
    ElementKind.UNIT,
    ElementKind.SERVICE,
    ElementKind.CIRCUIT,
    ElementKind.ROOM,
    ElementKind.CONTACT,
    ElementKind.ENDPOINT,
    ElementKind.VIRTUAL_MACHINE,
    ElementKind.PREFIX,
    ElementKind.ADDRESS,
    ElementKind.CERTIFICATE,
    ElementKind.SOFTWARE,
    ElementKind.TENANT,
    ElementKind.LOCATION,
    ElementKind.ZONE,
)
# Beyond so many letters it is a text somebody pasted, and no name.
MAX_LETTERS: Final = 100


@dataclass(frozen=True, slots=True)
class Found:
    """Elements of one kind that are called like what was asked; `total` of them in all."""

    kind: ElementKind
    items: tuple[ElementRow, ...]
    total: int


def search(session: AnySession, actor: Actor, text: str, limit: int = 5) -> tuple[Found, ...]:
    """Return what the actor sees that is called like `text`, at most `limit` of each kind.

    Marks and case do not count: "hue" finds "Huế". Nothing is called like an empty text.
    """
    asked = text.strip()[:MAX_LETTERS]
    if not asked:
        return ()
    pages = search_elements(session, actor, SEARCHED, Query(search=asked, limit=limit))
    return tuple(Found(kind, page.items, page.total) for kind, page in pages.items())
