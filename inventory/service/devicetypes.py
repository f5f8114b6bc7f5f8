"""The device-type library in and out of the inventory, by the same plan as every import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from hatang.errors import DeniedError, InvalidInputError
from inventory import checks, planning, records, snapshot
from inventory.choices import ElementKind
from inventory.devicetypes import export
from inventory.models import DeviceType, Manufacturer, ModuleType
from inventory.schemas import VERSION
from inventory.service.importing import WRITE
from inventory.service.reading import READ
from inventory.yamlfile import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hatang.auth import Actor
    from hatang.db import AnySession
    from inventory.devicetypes import Library
    from inventory.planning import ImportPlan


def plan_device_types(
    session: AnySession, actor: Actor, library: Library, filename: str
) -> ImportPlan:
    """Return what importing the library would do, for `apply_import`; writes nothing.

    Raises:
        DeniedError: the actor may not write the inventory of the whole province.
        InvalidInputError: a type does not fit what is there.
    """
    if actor.acting(WRITE).scope_ids is not None:
        raise DeniedError(
            f"{actor.name} may not import for the whole province",
            fix="Ask somebody whose role reaches the whole province.",
        )
    tree = Tree(root={"version": VERSION, **library.rows()})
    found = records.collect(tree, filename)
    base = snapshot.take(session)
    problems = [*found.problems, *checks.check(found, base)]
    if problems:
        raise InvalidInputError(problems)
    return planning.plan(found, base)


def export_device_types(session: AnySession, actor: Actor) -> Iterator[tuple[str, str]]:
    """Yield path and text of every type in the library's form, device types first."""
    actor.acting(READ)
    for kind, model in (
        (ElementKind.DEVICE_TYPE, DeviceType),
        (ElementKind.MODULE_TYPE, ModuleType),
    ):
        statement = select(Manufacturer.name, model.model, model.definition).join(
            Manufacturer, model.manufacturer_id == Manufacturer.id
        )
        for maker, name, definition in session.execute(
            statement.order_by(Manufacturer.name, model.model)
        ):
            yield export(kind, {"manufacturer": maker, "model": name, **(definition or {})})
