"""`hatang-lab status` for a person at a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

if TYPE_CHECKING:
    from lab.observe import LinkStatus, NodeStatus, Status

MILLI = 1000.0
MEGA = 1e6


def nodes(seen: Status) -> Table:
    """Return one row a node."""
    table = Table(title=f"{seen['prefix']}, seed {seen['seed']}")
    for heading in ("node", "role", "address", "answers"):
        table.add_column(heading)
    for name, node in seen["nodes"].items():
        table.add_row(name, node["role"], node["address"], _answer(node))
    return table


def _answer(node: NodeStatus) -> str:
    if node["broken"]:
        return "[red]broken[/red]"
    return "[green]yes[/green]" if node["answers"] else "[yellow]no[/yellow]"


def links(seen: Status) -> Table:
    """Return one row a circuit, cables only when they are broken or impaired."""
    title = f"circuits, broken and impaired cables (impaired by {seen['impairment']})"
    table = Table(title=title)
    for heading in ("link", "ends", "quality", "frames", "dropped"):
        table.add_column(heading)
    for name, link in seen["links"].items():
        if link["wire"] or link["broken"]:
            table.add_row(name, f"{link['a']} - {link['b']}", *_figures(link))
    return table


def _figures(link: LinkStatus) -> tuple[str, str, str]:
    wire = link["wire"]
    if wire is None:
        return "[red]broken[/red]", "", ""
    quality = wire["quality"]
    words = (
        f"{quality['delay_seconds'] * MILLI:.1f} ms, {quality['loss_ratio']:.1%} loss,"
        f" {quality['rate_bps'] / MEGA:g} Mbit/s"
    )
    both = (wire["a_to_z"], wire["z_to_a"])
    dropped = sum(sum(side["dropped"].values()) for side in both)
    state = "[red]broken[/red]" if link["broken"] else words
    return state, str(sum(side["forwarded"] for side in both)), str(dropped)
