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
    """`test` is the row of the table (the test's number), `family` an entry of `sla.yaml`."""

    of_device: ClassVar = True
    test: Annotated[str, Field(pattern=r"^\d+(\.\d+)*$")]
    family: str = "cisco-udp-jitter"
    credential: str = ""
    max_loss_ratio: Annotated[float, Field(ge=0, lt=1)] = 0.01
    max_rtt_seconds: Annotated[float, Field(gt=0)] = 0.3


@cache
def families() -> Mapping[str, Family]:
    """Return every vendor's table by name."""
    found = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    adapter = TypeAdapter(tuple[Family, ...])
    return {one.name: one for one in adapter.validate_python(found)}


async def ask(aim: Aim, means: Means, options: SlaOptions) -> Answer:
    """Answer when the device's last test went through; a way too lossy or slow is degraded."""
    family = families().get(options.family)
    if family is None:
        fix = f"Use one of {', '.join(sorted(families()))}."
        raise DriverError(f"no family {options.family!r}", Reason.NOT_SUPPORTED, fix=fix)
    reader = await agent(aim, means, options.credential)
    oids = {name: f"{oid}.{options.test}" for name, oid in family.columns.items()}
    try:
        found = await reader.get(list(oids.values()))
    finally:
        await reader.close()
    cells = {name: found[oid] for name, oid in oids.items() if oid in found}
    return _judged(aim, family, cells, options)


def _judged(
    aim: Aim, family: Family, cells: Mapping[str, SnmpValue], options: SlaOptions
) -> Answer:
    received = cells.get("received")
    if not isinstance(received, int):
        raise DriverError(f"{aim.host}: has no test {options.test}", Reason.REJECTED)
    lost = sum(value for name in _LOST if isinstance(value := cells.get(name), int))
    for sense, numbers in family.senses.items():
        if cells.get("sense") in numbers and sense != "ok":
            raise DriverError(f"test {options.test}: {sense}", Reason(sense))
    if received == 0:
        raise DriverError(f"test {options.test}: nothing comes back", Reason.TIMEOUT)
    loss = lost / (received + lost)
    values = {"hatang_probe_loss_ratio": loss}
    total = cells.get("rtt_sum")
    rtt = total / received / 1000 if isinstance(total, int) else None
    if rtt is not None:
        values["hatang_probe_rtt_seconds"] = rtt
    for name in ("forward", "backward"):
        part = cells.get(f"lost_{name}")
        if isinstance(part, int):
            key = f'hatang_probe_way_loss_ratio{{direction="{name}"}}'
            values[key] = part / (received + lost)
    mos = cells.get("mos")
    if isinstance(mos, int) and mos:
        values["hatang_probe_mos"] = mos / 100
    poor = loss > options.max_loss_ratio or (rtt or 0) > options.max_rtt_seconds
    return Answer(Cause.PATH_POOR if poor else Cause.ANSWERED, values, f"loss {loss:.1%}")


PROBE: Final = Probe(ask, ("snmp",), SlaOptions)
