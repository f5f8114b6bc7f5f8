"""Everything the inventory holds, kind by kind, and one question to all of it."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from api.callers import Caller, CallerDep
from api.rest.paging import WindowDep
from api.web.covered import covered
from api.web.rendering import page
from hatang.db import AnySession
from hatang.errors import NotFoundError
from hatang.i18n import _, language
from inventory import service as inventory
from inventory import showing
from inventory.choices import ElementKind
from inventory.jobs import today
from inventory.kinds.kind import Kind
from inventory.kinds.registry import KINDS
from inventory.rows import ElementRow
from inventory.rows import Query as Rows
from inventory.service.reading import READ
from inventory.sheets.words import SectionWords, vocabulary

router = APIRouter()
Text = Annotated[str, Query(max_length=200)]
COLUMNS: Final = 7
_OWN_PAGES: Final = {
    ElementKind.DEVICE: "/devices/",
    ElementKind.SITE: "/sites/",
    ElementKind.CIRCUIT: "/circuits/",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One element named by a field; without an address it is plain text."""

    text: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One field with what it says."""

    header: str
    parts: tuple[Part, ...]


@router.get("/inventory")
def index_page(request: Request, caller: CallerDep) -> HTMLResponse:
    """Show how much of the province is covered, and how much of each kind there is."""
    with caller.read() as session:
        counts = {
            word: inventory.list_elements(session, caller.actor, word, Rows(limit=1)).total
            for word in KINDS
        }
        day = today(caller.context.settings)
        figures = covered(session, caller.actor, day)
    shown = [
        {"title": _words(kind).title(language()), "href": f"/inventory/{kind.section}", "count": n}
        for word, n in counts.items()
        for kind in (KINDS[word],)
    ]
    values: dict[str, Any] = {
        "kinds": shown,
        "whole": sum(counts.values()),
        "figures": figures,
        "on": day,
        "may_export": caller.actor.acting(READ).scope_ids is None,
    }
    return page(request, "inventory.html", **values)


def asked_by(search: Text = "", sort: Text = "") -> dict[str, str]:
    """Return what a list is asked by; the address can be sent to a colleague."""
    return {"search": search.strip(), "sort": sort}


@router.get("/inventory/{section}")
def kind_page(
    request: Request,
    caller: CallerDep,
    window: WindowDep,
    section: str,
    asked: Annotated[dict[str, str], Depends(asked_by)],
) -> HTMLResponse:
    """Show the elements of one kind."""
    kind = showing.kind_of(section)
    names = _columns(kind)
    with caller.read() as session:
        sort = asked["sort"] if asked["sort"].removeprefix("-") in names else ""
        query = window.query({}, asked["search"], sort)
        found = inventory.list_elements(session, caller.actor, kind.kind, query)
    values: dict[str, Any] = {
        "section": section,
        "title": _words(kind).title(language()),
        "headers": [(name, _header(kind, name)) for name in names],
        "rows": [
            (_address(kind.kind, row.key), row.key, [_parts(kind, row, name) for name in names])
            for row in found.items
        ],
        "found": found,
        "window": window,
        "query": urlencode(asked),
        "may_export": caller.actor.acting(READ).scope_ids is None,
        **asked,
    }
    return page(request, "elements.html", **values)


@router.get("/inventory/{section}/{key:path}")
def element_page(request: Request, caller: CallerDep, section: str, key: str) -> HTMLResponse:
    """Show one element of any kind: all its fields, and what it names."""
    kind = showing.kind_of(section)
    with caller.read() as session:
        row = inventory.get_element(session, caller.actor, kind.kind, key)
    lines = [Line(_header(kind, name), _parts(kind, row, name)) for name in _fields(kind)]
    values: dict[str, Any] = {
        "section": section,
        "title": _words(kind).title(language()),
        "name": row.fields.get("name") or row.key,
        "key": row.key,
        "lines": [line for line in lines if line.parts],
        "silent": [line.header for line in lines if not line.parts],
    }
    return page(request, "element.html", **values)


@router.get("/search")
def search_page(request: Request, caller: CallerDep, search: Text = "") -> HTMLResponse:
    """Show what is called like the words asked for, whatever it is."""
    with caller.read() as session:
        found = inventory.search(session, caller.actor, search)
        places = _places(session, caller, search)
    groups = [
        {
            "title": _words(KINDS[one.kind]).title(language()),
            "total": one.total,
            "more": f"/inventory/{KINDS[one.kind].section}?{urlencode({'search': search})}",
            "items": [
                Part(str(row.fields.get("name") or row.key), _address(one.kind, row.key))
                for row in one.items
            ],
            "keys": [row.key for row in one.items],
        }
        for one in found
    ]
    return page(request, "search.html", search=search.strip(), groups=groups, places=places)


def _places(session: AnySession, caller: Caller, text: str) -> tuple[inventory.Place, ...]:
    """Return where an address is plugged in, nothing for other words or where nobody knows."""
    if not inventory.is_address(text):
        return ()
    try:
        return inventory.where_is(session, caller.actor, text)
    except NotFoundError:
        return ()


def _words(kind: Kind) -> SectionWords:
    return vocabulary().sections[kind.section]


def _header(kind: Kind, name: str) -> str:
    known = _words(kind).fields.get(name)
    return known.header(language()) if known else name.replace("_", " ").capitalize()


def _fields(kind: Kind) -> list[str]:
    """Return the fields a page shows: unusual ports are for programs."""
    return [name for name in showing.told(kind.section) if name != "ports"]


def _columns(kind: Kind) -> list[str]:
    """Return the fields a list shows: those of one column, the first ones first."""
    return [name for name in _fields(kind) if name not in kind.many][:COLUMNS]


def _parts(kind: Kind, row: ElementRow, name: str) -> tuple[Part, ...]:
    value = row.key if name == kind.single_key else row.fields.get(name)
    if value in (None, "", [], (), {}):
        return ()
    if name in kind.many or name in kind.references:
        target = kind.target(name)
        keys = value if isinstance(value, list | tuple) else [value]
        return tuple(Part(str(key), _address(target, str(key))) for key in keys)
    if isinstance(value, bool):
        return (Part(_("yes") if value else _("no")),)
    if isinstance(value, list | tuple):
        return tuple(Part(str(one)) for one in value)
    words = _words(kind).fields.get(name)
    return (
        Part(words.shown(value, language()) if words and isinstance(value, str) else str(value)),
    )


def _address(word: ElementKind, key: str) -> str:
    own = _OWN_PAGES.get(word)
    return (own or f"/inventory/{KINDS[word].section}/") + quote(key, safe="")
