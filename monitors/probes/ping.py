"""Does the address answer echo requests, and how well (RFC 792, RFC 4443)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from hatang.errors import DriverError, Reason
from monitors.choices import Cause
from monitors.probes.result import Answer, Options, Probe

if TYPE_CHECKING:
    from monitors.probes.aim import Aim
    from monitors.probes.result import Means


class PingOptions(Options):
    """How many echoes a round, and from where on their loss, time or jitter is too much."""

    count: Annotated[int, Field(ge=1, le=20)] = 1
    max_loss_ratio: Annotated[float, Field(ge=0, lt=1)] = 0.5
    max_rtt_seconds: Annotated[float, Field(gt=0, le=10)] | None = None
    max_jitter_seconds: Annotated[float, Field(gt=0, le=10)] | None = None


async def ask(aim: Aim, means: Means, options: PingOptions) -> Answer:
    """Answer when an echo is answered; a way too lossy, slow or unsteady is degraded."""
    answers = await means.pinger.ping(
        [aim.address], count=options.count, timeout_seconds=aim.timeout_seconds
    )
    found = answers[aim.address]
    loss, rtt, jitter = found.loss_ratio, found.rtt_seconds, found.jitter_seconds
    if loss is None:
        raise DriverError(f"{aim.host}: there is no way to it", Reason.UNREACHABLE)
    if rtt is None:
        raise DriverError(f"{aim.host}: no echo", Reason.TIMEOUT)
    values = {'probe_icmp_duration_seconds{phase="rtt"}': rtt, "hatang_probe_loss_ratio": loss}
    if jitter is not None:
        values["hatang_probe_jitter_seconds"] = jitter
    too_much = [
        text
        for value, limit, text in (
            (loss, options.max_loss_ratio, f"loss {loss:.0%}"),
            (rtt, options.max_rtt_seconds, f"round trip {rtt * 1e3:.1f} ms"),
            (jitter, options.max_jitter_seconds, f"jitter {(jitter or 0) * 1e3:.1f} ms"),
        )
        if value is not None and limit is not None and value > limit
    ]
    return Answer(Cause.PATH_POOR if too_much else Cause.ANSWERED, values, ", ".join(too_much))


PROBE: Final = Probe(ask, ("ping",), PingOptions)
