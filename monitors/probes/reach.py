"""Which side of the Internet is cut: targets at home and abroad, asked at the same moment."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from hatang.errors import DriverError, Reason
from hatang.operations import classify
from monitors.choices import Cause
from monitors.probes.result import Answer, Options, Probe
from monitors.probes.stream import connected

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means

Group = Annotated[
    tuple[Annotated[str, Field(pattern=r"^(tcp|ping|https?)://\S+$")], ...],
    Field(min_length=1, max_length=16),
]


class ReachOptions(Options):
    """Two groups of `ping://`, `tcp://` or `https://` addresses.

    A side is cut when fewer than `quorum` of its targets can be reached: with two or more of
    them no single target's own trouble is taken for a cut.
    """

    domestic: Group
    international: Group
    quorum: Annotated[float, Field(gt=0, le=1)] = 0.3


async def ask(aim: Aim, means: Means, options: ReachOptions) -> Answer:
    """Answer when both sides can be reached, and say which one cannot."""
    home, abroad = await asyncio.gather(
        _share(aim, means, options.domestic), _share(aim, means, options.international)
    )
    values = {
        'hatang_probe_reached_ratio{side="domestic"}': home,
        'hatang_probe_reached_ratio{side="international"}': abroad,
    }
    detail = f"domestic {home:.0%}, international {abroad:.0%}"
    is_home, is_abroad = home >= options.quorum, abroad >= options.quorum
    if not is_home and not is_abroad:
        raise DriverError(detail, Reason.UNREACHABLE)
    if not is_home:
        return Answer(Cause.DOMESTIC_CUT, values, detail)
    if not is_abroad:
        return Answer(Cause.INTERNATIONAL_CUT, values, detail)
    return Answer(Cause.ANSWERED, values, detail)


async def _share(aim: Aim, means: Means, urls: tuple[str, ...]) -> float:
    found = await asyncio.gather(*(_reached(aim, means, url) for url in urls))
    return sum(found) / len(found)


async def _reached(aim: Aim, means: Means, url: str) -> bool:
    try:
        at = await aim.other(url)
        if at.scheme == "ping":
            answers = await means.pinger.ping(
                [at.address], count=2, timeout_seconds=aim.timeout_seconds / 2
            )
            return answers[at.address].received > 0
        async with connected(at):
            return True
    except (OSError, DriverError) as error:
        # An address we may not ask, or no way to ask, is our own fault and no cut.
        if classify(error) in {Reason.NOT_SUPPORTED, Reason.REJECTED}:
            raise
        return False


PROBE: Final = Probe(ask, ("reach",), ReachOptions, aims_itself=True)
