"""Tests of a way that routers make by themselves (IP SLA), read over SNMP; vendors are data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.result import Answer, Options, Probe
from monitors.probes.snmp import agent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hatang.drivers.protocols import SnmpValue
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

_FILE: Final = Path(__file__).with_name("sla.yaml")
_LOST: Final = ("lost", "lost_forward", "lost_backward")
Oid = Annotated[str, Field(pattern=r"^\d+(\.\d+){2,}$")]


class Family(BaseModel):
    """One vendor's table; see the head of `sla.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    columns: dict[str, Oid]
    senses: dict[str, tuple[int, ...]] = Field(default_factory=dict)


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


async def ask(aim: Aim, means: Means, options: SlaOptions) -> Answer:
    """Answer when the device's last test went through; a way too lossy or slow is degraded."""
    family = families().get(options.family)
    if family is None:
        fix = f"Use one of {', '.join(sorted(families()))}."
        raise DriverError(f"no family {options.family!r}", Reason.NOT_SUPPORTED, fix=fix)
    reader = await agent(aim, means, options.credential)
    row = _row(options.test)
    oids = {name: f"{oid}.{row}" for name, oid in family.columns.items()}
    try:
        found = await reader.get(list(oids.values()))
    finally:
        await reader.close()
    cells = {name: found[oid] for name, oid in oids.items() if oid in found}
    return _judged(aim, family, cells, options)


def _row(test: str) -> str:
    """Return a test's index: `owner/name` are two texts, each after its length (RFC 2578, 7.7)."""
    if "/" not in test:
        return test
    parts = (text.encode("ascii") for text in test.split("/"))
    return ".".join(str(number) for part in parts for number in (len(part), *part))


def _judged(
    aim: Aim, family: Family, cells: Mapping[str, SnmpValue], options: SlaOptions
) -> Answer:
    given = {name: value for name, value in cells.items() if isinstance(value, int)}
    for sense, numbers in family.senses.items():
        if given.get("sense") in numbers and sense != "ok":
            raise DriverError(f"test {options.test}: {sense}", Reason(sense))
    if "received" in family.columns:
        loss, rtt, values = _counted(aim, given, options)
    elif "rtt" in given and given.get("sense") in family.senses.get("ok", ()):
        loss, rtt, values = None, given["rtt"] / 1000, {}
    else:
        raise DriverError(f"{aim.host}: has no result of {options.test}", Reason.REJECTED)
    if rtt is not None:
        values["hatang_probe_rtt_seconds"] = rtt
    if given.get("mos"):
        values["hatang_probe_mos"] = given["mos"] / 100
    poor = (loss or 0) > options.max_loss_ratio or (rtt or 0) > options.max_rtt_seconds
    told = "answered" if loss is None else f"loss {loss:.1%}"
    return Answer(Cause.PATH_POOR if poor else Cause.ANSWERED, values, told)


def _counted(
    aim: Aim, given: Mapping[str, int], options: SlaOptions
) -> tuple[float, float | None, dict[str, float]]:
    """Return loss, mean time and values of a test that counts its packets."""
    received = given.get("received")
    if received is None:
        raise DriverError(f"{aim.host}: has no test {options.test}", Reason.REJECTED)
    if received == 0:
        raise DriverError(f"test {options.test}: nothing comes back", Reason.TIMEOUT)
    sent = given.get("sent", received + sum(given.get(name, 0) for name in _LOST))
    loss = max(0, sent - received) / max(sent, received)
    values = {"hatang_probe_loss_ratio": loss}
    for name in ("forward", "backward"):
        part = given.get(f"lost_{name}")
        if part is not None:
            values[f'hatang_probe_way_loss_ratio{{direction="{name}"}}'] = part / sent
    total = given.get("rtt_sum", given["rtt"] * received if "rtt" in given else None)
    return loss, None if total is None else total / received / 1000, values


PROBE: Final = Probe(ask, ("snmp",), SlaOptions)
