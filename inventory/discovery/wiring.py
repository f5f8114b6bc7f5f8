"""Cables seen against cables intended: what is new, gone, or plugged in elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inventory.discovery.cables import Certainty, infer
from inventory.discovery.identifiers import same_port
from inventory.inbox.choices import DeviationKind
from inventory.inbox.recording import Proposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from inventory.discovery.facts import Facts
    from inventory.discovery.known import Match
    from inventory.rows import InterfaceRow, LinkRow

SOURCE = "discovery"


@dataclass(frozen=True, slots=True)
class Seen:
    """A cable by its ends' names (`device:port`) in order; how sure, and who said so."""

    ends: tuple[str, str]
    certainty: Certainty
    sources: tuple[str, ...]

    @property
    def key(self) -> str:
        """Its natural key, as links have it."""
        return " -- ".join(self.ends)


def seen(matches: Sequence[Match], interfaces: Sequence[InterfaceRow]) -> list[Seen]:
    """Return the cables between the found devices, ports called as in the inventory."""
    names: dict[int, list[str]] = {}
    for row in interfaces:
        names.setdefault(row.device_id, []).append(row.name)
    result = []
    for cable in infer([one.facts for one in matches]):
        ends = sorted(_end(matches[end.device], end.port, names) for end in (cable.a, cable.b))
        result.append(Seen((ends[0], ends[1]), cable.certainty, cable.sources))
    return result


def title(one: Match) -> str:
    """Return the inventory's name of a found device, else its own, else its address."""
    if one.device is not None:
        return one.device.name
    return one.facts.name.partition(".")[0] or one.facts.address


def proposals(
    matches: Sequence[Match], cables: Sequence[Seen], links: Sequence[LinkRow], scope_id: int
) -> Iterator[Proposal]:
    """Yield what differs between the cables seen and the links intended."""
    intended = {_link_ends(link): link for link in links}
    observed = {cable.ends: cable for cable in cables}
    missing = [ends for ends in intended if ends not in observed]
    fresh = [cable for ends, cable in observed.items() if ends not in intended]
    hears = {title(one) for one in matches if _hears(one.facts)}
    for ends in missing:
        link = intended[ends]
        moved = _moved(ends, fresh)
        if moved is not None:
            fresh.remove(moved)
            yield _proposal(DeviationKind.MOVED_CABLE, link, ends, moved)
        elif all(end.partition(":")[0] in hears for end in ends):
            yield _proposal(DeviationKind.GONE_CABLE, link, ends, None)
    used = {end for ends in intended for end in ends}
    for cable in fresh:
        if cable.certainty is Certainty.GUESS and used & set(cable.ends):
            continue  # what somebody intends is worth more than a guess
        yield Proposal(
            kind=DeviationKind.NEW_CABLE,
            key=cable.key,
            scope_id=scope_id,
            element_kind="link",
            element=cable.key,
            source=SOURCE,
            observed={"a": cable.ends[0], "b": cable.ends[1], "by": list(cable.sources)},
            certainty=cable.certainty,
        )


_LAID = frozenset({DeviationKind.NEW_CABLE, DeviationKind.MOVED_CABLE})


def ends(proposals: Iterable[Proposal]) -> set[str]:
    """Return the ends, as `device:port`, of cables that are proposed."""
    return {
        one.observed[side]
        for one in proposals
        if one.kind in _LAID and one.observed
        for side in ("a", "b")
    }


def _hears(facts: Facts) -> bool:
    """Return whether a device's silence about a neighbour says that none is there."""
    is_whole = not any(gap.startswith(("lldp", "cdp")) for gap in facts.gaps)
    return is_whole and bool(facts.neighbours or facts.chassis)


def _link_ends(link: LinkRow) -> tuple[str, str]:
    one, other = sorted(
        (f"{link.a_device}:{link.a_interface}", f"{link.z_device}:{link.z_interface}")
    )
    return one, other


def _moved(ends: tuple[str, str], fresh: Sequence[Seen]) -> Seen | None:
    """Return the new cable that shares an end with the missing one, the surest first."""
    found = [cable for cable in fresh if set(ends) & set(cable.ends)]
    order = list(Certainty)
    return min(found, key=lambda cable: order.index(cable.certainty), default=None)


def _proposal(
    kind: DeviationKind, link: LinkRow, ends: tuple[str, str], now: Seen | None
) -> Proposal:
    observed = None
    if now is not None:
        observed = {"a": now.ends[0], "b": now.ends[1], "by": list(now.sources)}
    return Proposal(
        kind=kind,
        key=" -- ".join(ends),
        scope_id=link.scope_id,
        element_kind="link",
        element=" -- ".join(ends),
        element_id=link.id,
        source=SOURCE,
        intended={"a": ends[0], "b": ends[1]},
        observed=observed,
        certainty=now.certainty if now else Certainty.LIKELY,
    )


def _end(one: Match, port: str, names: dict[int, list[str]]) -> str:
    """Return `device:port`, the port as the inventory calls it where it has it."""
    found = names.get(one.device.id, []) if one.device else []
    if port not in found:
        own = next((p for p in one.facts.ports if p.name == port), None)
        called = (port, *(own.names if own else ()))
        like = [name for name in found if any(same_port(name, each) for each in called)]
        port = like[0] if len(like) == 1 else port
    return f"{title(one)}:{port}"
