"""Questions to the drawn network: which way, what hides a device, who hangs on an element."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli.command import noun, verb
from cli.door import door
from cli.output import say, show, show_rows, wants_json
from hatang.errors import NotFoundError
from inventory import service
from inventory.choices import ElementKind, FailingKind
from inventory.network import Element
from monitors.ways import described, way_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.service import Way

topology: typer.Typer = noun("topology", "What hangs on what: ways, upstream, who is affected.")
_GROUPS: Final = ("devices", "sites", "services", "degraded", "rooms")


def register(app: typer.Typer) -> None:
    """Add these commands to `app`."""
    app.add_typer(topology)


@verb(topology, "path")
def path(
    a: Annotated[str, typer.Argument(help="A device, by name or key.")],
    b: Annotated[str, typer.Argument(help="Another; else the data centre.")] = "",
) -> None:
    """Show the way between two devices with the state and width of each leg.

    Example: hatang topology path rtr-05 core-1 --as lan
    """
    with door().read() as (session, actor):
        drawn = service.load_topology(session)
        way = service.way_between(session, actor, drawn, a, b)
        if way is None:
            raise NotFoundError(
                f"no drawn way leads from {a} to {b or 'the data centre'}",
                fix="Import the cables and circuits between them.",
            )
        show_way(session, actor, way)


@verb(topology, "upstream")
def upstream(device: Annotated[str, typer.Argument(help="By name or key.")]) -> None:
    """Show what hides a device when failing alone, from the data centre outwards.

    Example: hatang topology upstream rtr-05 --as lan
    """
    with door().read() as (session, actor):
        found = service.upstream(session, actor, service.load_topology(session), device)
    if wants_json():
        show(found)
        return
    show_rows(found.elements, "kind", "key")
    if not found.is_placed:
        say(f"no drawn way leads to {found.device}, so nothing is known of what hides it")
    if found.hidden:
        say(f"{found.hidden} more outside your scope")


@verb(topology, "affected")
def affected(
    kind: Annotated[FailingKind, typer.Argument(help="What fails.")],
    key: Annotated[str, typer.Argument(help="Its name, code or id.")],
    *,
    limit: Annotated[int, typer.Option(min=0, help="Names of each kind.")] = 100,
) -> None:
    """Show who loses what when an element fails alone.

    Example: hatang topology affected circuit VTL-DC-HUB2 --as lan
    """
    with door().read() as (session, actor):
        drawn = service.load_topology(session)
        found = service.affected(session, actor, drawn, Element(ElementKind(kind), key), limit)
    if wants_json():
        show(found)
        return
    groups = {name: getattr(found, name) for name in _GROUPS}
    rows = [
        {"loses": "a part" if name == "degraded" else "all", "kind": one.kind, "name": one.name}
        for name, group in groups.items()
        for one in group.items
    ]
    show_rows(rows, "loses", "kind", "name")
    show({**{name: group.total for name, group in groups.items()}, "people": found.people})


def show_way(
    session: AnySession, actor: Actor, way: Way, more: dict[str, Any] | None = None
) -> None:
    """Show a way, one line a device and a link, with `more` that is known of it."""
    told = described(way, way_state(session, actor, way))
    if wants_json():
        show((more or {}) | told)
        return
    columns = ("over", "name", "state", "forth_kbps", "back_kbps", "where")
    show_rows(_lines(told), *columns)
    head = {name: told[name] for name in ("state", "narrowest_forth_kbps", "narrowest_back_kbps")}
    show(head | (more or {}))


def _lines(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    hidden = "outside your scope"
    for at, point in enumerate(told["waypoints"]):
        if at:
            leg = told["legs"][at - 1]
            carried = leg["circuit"] or ("assumed" if leg["is_assumed"] else "own cable")
            ports = (
                f"{leg['out_interface']} → {leg['in_interface']}" if leg["out_interface"] else ""
            )
            name = hidden if leg["is_hidden"] else carried
            yield {"over": "link", **leg, "name": name, "where": ports}
        yield {
            "over": "device",
            "name": point["name"] or hidden,
            "state": point["state"],
            "where": point["site_name"],
        }
