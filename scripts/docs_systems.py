"""The two tables of docs/seed-systems.md, out of the catalogue and the probes there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from inventory import catalogue
from monitors.probes.registry import PROBES

if TYPE_CHECKING:
    from inventory.catalogue import ProbeTemplate, System

_PER: Final = {
    catalogue.Per.PROVINCE: "one",
    catalogue.Per.DEPARTMENT: "one each department",
    catalogue.Per.COMMUNE: "one each commune, ward, special zone",
}


def systems_table() -> str:
    """Return every system of the mission, one row each."""
    out = [
        "| code | system | service type | how many | owner | probes | level | depends on |",
        "|---|---|---|---|---|---|---|---|",
    ]
    return "\n".join([*out, *map(_system, catalogue.systems().values())])


def _system(system: System) -> str:
    owner = catalogue.owners()[system.owner]
    cells = (
        f"`{system.code}`",
        f"{system.name.en} ({system.name.vi})",
        f"`{system.kind}`",
        _PER[system.per],
        f"{owner.en} ({owner.vi}){', external' if owner.external else ''}",
        ", ".join(f"`{name}`" for name in system.probes),
        str(system.level or "its owner's"),
        ", ".join(f"`{code}`" for code in system.depends_on) or "nothing listed",
    )
    return f"| {' | '.join(cells)} |"


def probes_table() -> str:
    """Return every template, with what of it is measured today."""
    out = [
        "| template | probe | asks | good when | period | measured today |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join([*out, *map(_template, catalogue.probe_templates().values())])


def _template(template: ProbeTemplate) -> str:
    cells = (
        f"`{template.name}`",
        f"`{template.probe}`",
        template.asks.en,
        template.good.en,
        f"{template.period_seconds} s",
        _measured(template),
    )
    return f"| {' | '.join(cells)} |"


def _measured(template: ProbeTemplate) -> str:
    if template.not_yet is None:
        return "yes"
    return f"{'in part' if template.probe in PROBES else 'no'}: {template.not_yet.en}"
