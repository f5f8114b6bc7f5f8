"""What a poll says about the elements of a device: values in, measurements out, no memory."""

from __future__ import annotations

from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from hatang.errors import Reason
from monitors.choices import Cause, ElementKind, State
from monitors.elements import MAX_NAME, Element
from monitors.state import Measurement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from monitors.samples import PollSample, TableSample
    from monitors.targets import DeviceTarget

Verdict = tuple[State, Cause]
Found = tuple[Element, Measurement]

# IF-MIB ifOperStatus (RFC 2863).
OPER_STATUS: Final[Mapping[int, Verdict]] = {
    1: (State.GOOD, Cause.OPER_UP),
    2: (State.BAD, Cause.OPER_DOWN),
    3: (State.DEGRADED, Cause.TESTING),
    4: (State.UNKNOWN, Cause.NOT_REPORTED),
    5: (State.DEGRADED, Cause.DORMANT),
    6: (State.BAD, Cause.NOT_PRESENT),
    7: (State.BAD, Cause.LOWER_LAYER_DOWN),
}
# UPS-MIB upsOutputSource (RFC 1628).
OUTPUT_SOURCE: Final[Mapping[int, Verdict]] = {
    2: (State.BAD, Cause.OUTPUT_OFF),
    3: (State.GOOD, Cause.ON_MAINS),
    4: (State.DEGRADED, Cause.ON_BYPASS),
    5: (State.DEGRADED, Cause.ON_BATTERY),
    6: (State.DEGRADED, Cause.CORRECTING),
    7: (State.DEGRADED, Cause.CORRECTING),
}
# OSPF-MIB ospfNbrState (RFC 4750). twoWay is where two routers that are neither designated nor
# backup designated stay by design (RFC 2328, 10.4).
OSPF_STATE: Final[Mapping[int, Verdict]] = {
    1: (State.BAD, Cause.SESSION_DOWN),
    2: (State.BAD, Cause.SESSION_DOWN),
    3: (State.DEGRADED, Cause.FORMING),
    4: (State.GOOD, Cause.ADJACENT),
    5: (State.DEGRADED, Cause.FORMING),
    6: (State.DEGRADED, Cause.FORMING),
    7: (State.DEGRADED, Cause.FORMING),
    8: (State.GOOD, Cause.ADJACENT),
}
# What an agent answers that has the table, be it empty. A routing process that does not answer its
# master agent in time (AgentX, RFC 2741) is left out of the answer: all its rows are gone at once.
_WITNESSES: Final[Mapping[str, str]] = {
    "ospfNbrTable": "ospfAdminStat",
    "bgpPeerTable": "bgpLocalAs",
}
UNREPORTED: Final = (State.UNKNOWN, Cause.NOT_REPORTED)
_JUDGED: Final = {
    "ifTable": ("ifOperStatus", "ifAdminStatus", "ifName", "ifDescr"),
    "ospfNbrTable": ("ospfNbrState",),
    "bgpPeerTable": ("bgpPeerState", "bgpPeerAdminStatus"),
}
_JUDGED_NAMES: Final = frozenset(name for columns in _JUDGED.values() for name in columns)
_SNMP_FAILURES: Final[Mapping[Reason, Cause]] = {
    Reason.TIMEOUT: Cause.SNMP_SILENT,
    Reason.REFUSED: Cause.SNMP_SILENT,
    Reason.UNREACHABLE: Cause.SNMP_SILENT,
    Reason.AUTH_FAILED: Cause.SNMP_AUTH_FAILED,
}


def device(target: DeviceTarget, sample: PollSample) -> Found:
    """Return what a poll says about the device itself.

    Answering neither ping nor SNMP is bad, answering only ping where SNMP is expected degraded.
    That its agent was not asked for want of time (BUSY) says nothing about it.
    """
    element = Element(ElementKind.DEVICE, target.key)
    evidence: dict[str, str | int | float] = {}
    if sample.rtt_seconds is not None:
        evidence["rtt_seconds"] = round(sample.rtt_seconds, 6)
    if sample.reason is not None:
        evidence["snmp"] = str(sample.reason)
    if not sample.reachable:
        state, cause = State.BAD, Cause.TIMEOUT
    elif sample.reason in {None, Reason.OK, Reason.BUSY}:
        state, cause = State.GOOD, Cause.ANSWERED
    elif sample.reason is Reason.INTERNAL:
        state, cause = State.UNKNOWN, Cause.PROBE_FAULT
    else:
        state = State.DEGRADED
        cause = _SNMP_FAILURES.get(sample.reason or Reason.OK, Cause.SNMP_FAULTY)
    return element, Measurement(state, cause, sample.at, evidence)


def is_judged(names: Iterable[str]) -> bool:
    """Return whether `parts` looks at one of these columns and scalars."""
    for name in names:  # noqa: SIM110 - a generator costs three times as much
        if name in _JUDGED_NAMES or name.startswith("ups"):
            return True
    return False


def judged(sample: PollSample) -> tuple[object, ...]:
    """Return all that `parts` looks at: samples that are equal in it get the same verdicts."""
    tables = (
        sample.tables[table].columns.get(column) if table in sample.tables else None
        for table, columns in _JUDGED.items()
        for column in columns
    )
    witnesses = (name in sample.scalars for name in _WITNESSES.values())
    ups = (value for name, value in sample.scalars.items() if name.startswith("ups"))
    return (*tables, *witnesses, *ups)


def parts(target: DeviceTarget, sample: PollSample, known: set[Element]) -> list[Found]:
    """Return what a poll says about the parts of a device.

    `known` are the parts that have a state: one that is gone from a table which was read is a
    measurement too. A table that was not read to its end says nothing of what is not in it, nor
    does an empty one of which the agent gives no other sign.
    """
    found = [one for judge in (_interfaces, _ups, _ospf, _bgp) for one in judge(target, sample)]
    seen = {element for element, _ in found}
    kinds = {
        ElementKind.INTERFACE: ("ifTable", "ifOperStatus", Cause.NOT_PRESENT),
        ElementKind.OSPF: ("ospfNbrTable", "ospfNbrState", Cause.NEIGHBOUR_LOST),
        ElementKind.BGP: ("bgpPeerTable", "bgpPeerState", Cause.NEIGHBOUR_LOST),
    }
    for element in sorted(known - seen):
        table, column, cause = kinds.get(element.kind, ("", "", Cause.NOT_REPORTED))
        is_whole = not sample.gaps.keys() & {table, f"{table}.{column}", f"{table}.rows"}
        if is_whole and _is_shown(sample, table, column):
            found.append((element, Measurement(State.BAD, cause, sample.at)))
    return found


def _is_shown(sample: PollSample, table: str, column: str) -> bool:
    """Whether the agent has the table now: it has rows, or what stands beside it answers."""
    read = sample.tables.get(table)
    if read is None:
        return False
    return bool(read.columns.get(column)) or _WITNESSES.get(table) in sample.scalars


def _interfaces(target: DeviceTarget, sample: PollSample) -> Iterator[Found]:
    table = sample.tables.get("ifTable")
    if table is None:
        return
    for index in table.indexes("ifOperStatus"):
        name = (table.text("ifName", index) or table.text("ifDescr", index))[:MAX_NAME]
        if not name:
            continue
        oper, admin = table.number("ifOperStatus", index), table.number("ifAdminStatus", index)
        state, cause = OPER_STATUS.get(oper or 0, UNREPORTED)
        if admin == 2:
            state, cause = State.BAD, Cause.ADMIN_DOWN
        evidence = _numbers(table, index, "ifOperStatus", "ifAdminStatus")
        element = Element(ElementKind.INTERFACE, target.key, name)
        yield element, Measurement(state, cause, sample.at, evidence)


def _ups(target: DeviceTarget, sample: PollSample) -> Iterator[Found]:
    source, battery = sample.scalars.get("upsOutputSource"), sample.scalars.get("upsBatteryStatus")
    if not isinstance(source, int):
        return
    state, cause = OUTPUT_SOURCE.get(source, UNREPORTED)
    if isinstance(battery, int) and battery in {3, 4}:
        state, cause = State.BAD, Cause.BATTERY_LOW
    evidence: dict[str, str | int | float] = {
        name: value
        for name, value in sample.scalars.items()
        if name.startswith("ups") and isinstance(value, int)
    }
    yield Element(ElementKind.UPS, target.key), Measurement(state, cause, sample.at, evidence)


def _ospf(target: DeviceTarget, sample: PollSample) -> Iterator[Found]:
    def judge(table: TableSample, index: str) -> Verdict:
        return OSPF_STATE.get(table.number("ospfNbrState", index) or 0, UNREPORTED)

    return _neighbours(target, sample, (ElementKind.OSPF, "ospfNbrTable", "ospfNbrState"), judge)


def _bgp(target: DeviceTarget, sample: PollSample) -> Iterator[Found]:
    def judge(table: TableSample, index: str) -> Verdict:
        if table.number("bgpPeerAdminStatus", index) == 1:
            return State.BAD, Cause.ADMIN_DOWN
        state = table.number("bgpPeerState", index)
        if state is None:
            return UNREPORTED
        if state == 6:
            return State.GOOD, Cause.ESTABLISHED
        return State.BAD, Cause.SESSION_DOWN

    return _neighbours(target, sample, (ElementKind.BGP, "bgpPeerTable", "bgpPeerState"), judge)


def _neighbours(
    target: DeviceTarget,
    sample: PollSample,
    where: tuple[ElementKind, str, str],
    judge: Callable[[TableSample, str], Verdict],
) -> Iterator[Found]:
    kind, name, column = where
    table = sample.tables.get(name)
    if table is None:
        return
    for index in table.indexes(column):
        state, cause = judge(table, index)
        address = ".".join(index.split(".")[:4])
        evidence = _numbers(table, index, column)
        yield Element(kind, target.key, address), Measurement(state, cause, sample.at, evidence)


def _numbers(table: TableSample, index: str, *columns: str) -> Mapping[str, str | int | float]:
    return _evidence(tuple((column, table.number(column, index)) for column in columns))


@lru_cache(maxsize=1024)
def _evidence(numbers: tuple[tuple[str, int | None], ...]) -> Mapping[str, str | int | float]:
    """Return the numbers that were told; a hundred thousand ports share a few of these."""
    return MappingProxyType({name: value for name, value in numbers if value is not None})
