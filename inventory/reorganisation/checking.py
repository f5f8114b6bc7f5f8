"""Whether a unit may be what an entry says of it; if not, the desk notes why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inventory.records import suggestion

if TYPE_CHECKING:
    from inventory.reorganisation.desk import Desk
    from inventory.reorganisation.state import Binding


def check_valid(desk: Desk, field: str, code: str) -> bool:
    """Tell whether `code` is a unit of the day, and nothing later happened to it; else blame."""
    unit = desk.units.get(code)
    later = (desk.base.unit_changed_on or {}).get(code)
    if unit is None:
        fix = suggestion(code, desk.units) or "Give a unit's code."
        desk.blame(field, code, "names no unit", fix)
    elif code in desk.ended:
        desk.blame(field, code, f"is dissolved on line {desk.ended[code]}", "Do it once.")
    elif not unit.is_valid(desk.on):
        desk.blame(field, code, "does not exist on that day", "Give one that does.")
    elif later is not None and later > desk.on:
        message = f"was reorganised on {later}, after that day"
        desk.blame(field, code, message, "Give a later day.")
    else:
        return True
    return False


def check_successor(desk: Desk, field: str, code: str) -> bool:
    """Tell whether `code` can take something over: begun today or a unit of the day."""
    return code in desk.begun or check_valid(desk, field, code)


def check_ending(desk: Desk, field: str, code: str) -> bool:
    """Tell whether `code` can end today; a unit lives at least a day."""
    if code in desk.begun or (code in desk.units and desk.units[code].valid_from == desk.on):
        desk.blame(field, code, "begins on that very day", "Give its predecessors instead.")
        return False
    return check_valid(desk, field, code)


def children_of(desk: Desk, code: str) -> list[str]:
    """Return the units of the day right below `code`."""
    units = desk.units.items()
    return [one for one, unit in units if unit.parent == code and unit.is_valid(desk.on)]


def bindings_of(desk: Desk, code: str) -> list[Binding]:
    """Return the roles held in exactly this unit."""
    return [one for one in desk.base.bindings if one.unit == code]
