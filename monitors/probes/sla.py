"""Tests of a way that routers make by themselves (IP SLA), read over SNMP; vendors are data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.result import Answer, Options, Probe
from monitors.probes.snmp import SYS_UP_TIME, agent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.drivers.protocols import SnmpReader, SnmpValue
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

_FILE: Final = Path(__file__).with_name("sla.yaml")
_LOST: Final = ("lost", "lost_forward", "lost_backward")
_TICKS: Final = 1 << 32  # sysUpTime wraps (RFC 3418)
Oid = Annotated[str, Field(pattern=r"^\d+(\.\d+){2,}$")]


class Family(BaseModel):
    """One vendor's table; see the head of `sla.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    columns: dict[str, Oid]
    senses: dict[str, tuple[int, ...]] = Field(default_factory=dict)
    running: tuple[int, ...] = ()
    microseconds: tuple[int, ...] = ()


class SlaOptions(Options):
    """`test` is the row of the table: the test's number, or `owner/name` where the MIB names it so.

    `family` is an entry of `sla.yaml`: cisco-udp-jitter, cisco-echo or disman-ping.
    """

    of_device: ClassVar = True
    test: Annotated[str, Field(pattern=r"^(\d+(\.\d+)*|[!-.0-~]{0,32}/[!-.0-~]{1,32})$")]
    family: str = "cisco-udp-jitter"
    credential: str = ""
    max_loss_ratio: Annotated[float, Field(ge=0, lt=1)] = 0.01
    max_rtt_seconds: Annotated[float, Field(gt=0)] = 0.3


@cache
def families() -> Mapping[str, Family]:
    """Return every vendor's table by name."""
    found = yaml.load(_FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
    adapter = TypeAdapter(tuple[Family, ...])
    return {one.name: one for one in adapter.validate_python(found)}


@dataclass(frozen=True, slots=True)
class RouterTest:
    """The last result of a device's own test, in seconds and packets; None is not told.

    `age_seconds` is how long ago it was, by the device's own clock, `is_running` whether the device
    says that it goes on. `failure` is what the device calls a test of which nothing came back.
    """

    sent: int | None = None
    received: int | None = None
    lost_forward: int | None = None
    lost_backward: int | None = None
    rtt_seconds: float | None = None
    jitter_forward_seconds: float | None = None
    jitter_backward_seconds: float | None = None
    mos: float | None = None
    dscp: int | None = None
    age_seconds: float | None = None
    is_running: bool | None = None
    failure: Reason | None = None

    @property
    def loss_ratio(self) -> float | None:
        """Share that did not come back; None when the test counts no packets."""
        if self.sent is None or self.received is None:
            return None
        return max(0, self.sent - self.received) / max(1, self.sent, self.received)


async def ask(aim: Aim, means: Means, options: SlaOptions) -> Answer:
    """Answer when the device's last test went through; a way too lossy or slow is degraded."""
    reader = await agent(aim, means, options.credential)
    try:
        found = await read(reader, options.family, options.test)
    finally:
        await reader.close()
    if found.received == 0:
        reason = found.failure or Reason.TIMEOUT
        raise DriverError(f"test {options.test}: nothing comes back", reason)
    loss, rtt = found.loss_ratio, found.rtt_seconds
    values = {}
    if loss is not None:
        values["hatang_probe_loss_ratio"] = loss
    for name, part in (("forward", found.lost_forward), ("backward", found.lost_backward)):
        if part is not None and found.sent:
            values[f'hatang_probe_way_loss_ratio{{direction="{name}"}}'] = part / found.sent
    for name, jitter in (
        ("forward", found.jitter_forward_seconds),
        ("backward", found.jitter_backward_seconds),
    ):
        if jitter is not None:
            values[f'hatang_probe_jitter_seconds{{direction="{name}"}}'] = jitter
    if rtt is not None:
        values["hatang_probe_rtt_seconds"] = rtt
    if found.mos is not None:
        values["hatang_probe_mos"] = found.mos
    poor = (loss or 0) > options.max_loss_ratio or (rtt or 0) > options.max_rtt_seconds
    told = "answered" if loss is None else f"loss {loss:.1%} of {found.sent}"
    return Answer(Cause.PATH_POOR if poor else Cause.ANSWERED, values, told)


async def read(reader: SnmpReader, family_name: str, test: str) -> RouterTest:
    """Return the last result of `test`; one that counted what it lost is a result too.

    Raises:
        DriverError: NOT_SUPPORTED for an unknown family, REJECTED where there is no such test, and
            what its sense says of one that failed and counts nothing.
    """
    family = families().get(family_name)
    if family is None:
        fix = f"Use one of {', '.join(sorted(families()))}."
        raise DriverError(f"no family {family_name!r}", Reason.NOT_SUPPORTED, fix=fix)
    row = _row(test)
    oids = {name: f"{oid}.{row}" for name, oid in family.columns.items()}
    found = await reader.get([*oids.values(), SYS_UP_TIME])
    given = {name: value for name, oid in oids.items() if isinstance(value := found.get(oid), int)}
    senses = (sense for sense, numbers in family.senses.items() if given.get("sense") in numbers)
    failure = next((Reason(sense) for sense in senses if sense != "ok"), None)
    if failure and not ("received" in given and _sent(given)):
        raise DriverError(f"test {test}: {failure}", failure)
    return replace(_result(family, given, test, found.get(SYS_UP_TIME)), failure=failure)


def _sent(given: Mapping[str, int]) -> int:
    """Return how many packets a test counted: what it says, or what came back and what did not."""
    received = given.get("received", 0)
    lost = sum(given.get(name, 0) for name in _LOST)
    return max(received, given.get("sent", received + lost))


def _row(test: str) -> str:
    """Return a test's index: `owner/name` are two texts, each after its length (RFC 2578, 7.7)."""
    if "/" not in test:
        return test
    parts = (text.encode("ascii") for text in test.split("/"))
    return ".".join(str(number) for part in parts for number in (len(part), *part))


def _result(
    family: Family, given: Mapping[str, int], test: str, up_time: SnmpValue | None
) -> RouterTest:
    unit = 1e-6 if given.get("precision") in family.microseconds else 1e-3
    at = given.get("at")
    told = RouterTest(
        mos=given["mos"] / 100 if given.get("mos") else None,
        dscp=None if "tos" not in given else given["tos"] >> 2,
        is_running=None if "status" not in given else given["status"] in family.running,
        age_seconds=None
        if at is None or not isinstance(up_time, int)
        else ((up_time - at) % _TICKS) / 100,
    )
    if "received" not in family.columns:
        if "rtt" in given and given.get("sense") in family.senses.get("ok", ()):
            return replace(told, rtt_seconds=given["rtt"] * unit)
        raise DriverError(f"has no result of {test}", Reason.REJECTED)
    received = given.get("received")
    if received is None:
        raise DriverError(f"has no test {test}", Reason.REJECTED)
    if not _sent(given):
        raise DriverError(f"test {test}: nothing comes back", Reason.TIMEOUT)
    total = given.get("rtt_sum", given["rtt"] * received if "rtt" in given else None)
    jitters = [given.get(name) for name in ("jitter_forward", "jitter_backward")]
    ahead, back = (None if each is None else each * 1e-3 for each in jitters)
    return replace(
        told,
        sent=_sent(given),
        received=received,
        lost_forward=given.get("lost_forward"),
        lost_backward=given.get("lost_backward"),
        rtt_seconds=None if total is None or not received else total / received * unit,
        jitter_forward_seconds=ahead,
        jitter_backward_seconds=back,
    )


PROBE: Final = Probe(ask, ("snmp",), SlaOptions)
