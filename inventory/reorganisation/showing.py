"""A plan in plain words and numbers, the same for the command, the API and the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inventory.reorganisation.plan import ReorganisationPlan, UnitChange


def described(plan: ReorganisationPlan) -> dict[str, Any]:
    """Return everything that would be done, as JSON's types."""
    return {
        "title": plan.title,
        "basis": plan.basis,
        "effective_on": plan.effective_on.isoformat(),
        "sha256": plan.sha256,
        "counts": plan.counts(),
        "units": [_unit(change) for change in plan.units],
        "transfers": [
            {
                "kind": one.owned.kind.value,
                "key": one.owned.key,
                "field": one.owned.field,
                "before": one.before,
                "after": one.after,
            }
            for one in plan.transfers
        ],
        "successions": [one._asdict() for one in plan.successions],
        "roles": [
            {
                "person": one.person,
                "role": one.role,
                "before": one.before,
                "after": one.after,
                "sites_before": one.sites_before,
                "sites_after": one.sites_after,
                "gained": list(one.gained),
                "lost": list(one.lost),
            }
            for one in plan.sights
        ],
    }


def _unit(change: UnitChange) -> dict[str, Any]:
    before: dict[str, Any] = {} if change.before is None else change.before._asdict()
    after = change.after._asdict()
    fields = {
        name: [_plain(before.get(name)), _plain(after[name])]
        for name in after
        if before.get(name) != after[name]
    }
    if change.new_code != change.code:
        fields["code"] = [change.code, change.new_code]
    return {"does": change.does, "code": change.code, "fields": fields}


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, str) else str(value)
