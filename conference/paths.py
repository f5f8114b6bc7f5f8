"""When the ways of a meeting's points are measured, and what the figures say. Pure.

The limits are the profile `vn-gov-default`: Cisco's design guide for interactive video (1 % of
loss, 30 ms of jitter), with a stricter pass, and G.114's 400 ms each way well inside. A loss below
`loss_pass` is believed of so many packets only as would have shown it: of n packets without a
loss, the ratio is below 3/n with 95 % confidence, so that 0.5 % takes 600.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any, Final

from conference.choices import CheckResult

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from conference.lines import Line
    from monitors.paths import Measured, Sending

FULL_PACKETS: Final = 600
FULL_INTERVAL_SECONDS: Final = 0.02
QUICK_PACKETS: Final = 20
QUICK_INTERVAL_SECONDS: Final = 0.05
SHARE: Final = 0.1
"""How much of a line all measurements together may take."""
UNKNOWN_LINE_BPS: Final = 1_000_000
"""A line whose rate nobody wrote down is treated as gently as one of 1 Mbit/s."""
UNKNOWN_CABLE_BPS: Final = 10_000_000
"""But a cable within a site as one of the slowest Ethernet (IEEE 802.3, clause 14)."""
SENDER_PACKETS_PER_SECOND: Final = 4000
"""What this machine sends at most: at twice that a core is busy."""


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on a way is at risk (`pass`) or fails (`warn`): ratios and seconds."""

    loss_pass: float = 0.005
    loss_warn: float = 0.01
    jitter_pass_seconds: float = 0.020
    jitter_warn_seconds: float = 0.030
    rtt_pass_seconds: float = 0.150
    rtt_warn_seconds: float = 0.300
    gap_fail_seconds: float = 3.0


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True)
class Finding:
    """What a measurement comes to: `why` names the figure that decided, empty for a pass."""

    result: CheckResult
    why: str
    measured: dict[str, Any]


def staggered(wanted: Sequence[Sending], ways: Mapping[str, Sequence[Line]]) -> tuple[Sending, ...]:
    """Return the sendings, each put off until every line on its way has room for it.

    All that run at a time take at most a tenth of a line in either direction; one that is too much
    by itself sends more slowly. `ways` are the lines by the sendings' keys.
    """
    busy: dict[str, list[tuple[float, float, float]]] = defaultdict(list)
    planned: list[Sending] = []
    for one in wanted:
        room = {line.key: _room(line) for line in ways.get(one.key, ())}
        slowed = _slowed(one, min(room.values(), default=inf))
        share = {key: (slowed.bps, limit) for key, limit in room.items()}
        share["sender"] = (1 / slowed.interval_seconds, SENDER_PACKETS_PER_SECOND)
        starts = {0.0, *(end for key in share for _, end, _ in busy[key])}
        after = next(
            start
            for start in sorted(starts)
            if all(
                _peak(busy[key], start, start + slowed.seconds) + rate <= limit
                for key, (rate, limit) in share.items()
            )
        )
        for key, (rate, _) in share.items():
            busy[key].append((after, after + slowed.seconds, rate))
        planned.append(replace(slowed, after=after))
    return tuple(planned)


def _room(line: Line) -> float:
    unknown = UNKNOWN_CABLE_BPS if line.is_within_site else UNKNOWN_LINE_BPS
    rates = [line.capacity_bps(direction) or unknown for direction in ("up", "down")]
    return SHARE * min(rates)


def _slowed(one: Sending, limit: float) -> Sending:
    if one.bps <= limit:
        return one
    return replace(one, interval_seconds=one.interval_seconds * one.bps / limit * (1 + 1e-9))


def _peak(taken: Sequence[tuple[float, float, float]], start: float, end: float) -> float:
    """Return the most that is taken at a time between `start` and `end`."""
    during = [each for each in taken if each[0] < end and each[1] > start]
    moments = {start, *(begin for begin, _, _ in during if begin > start)}
    return max(sum(rate for begin, until, rate in during if begin <= at < until) for at in moments)


def judge_path(found: Measured, limits: Limits = DEFAULT_LIMITS) -> Finding:
    """Return what a measurement says; too few packets to believe a good loss leave it unknown.

    One packet lost of few is no ratio: it puts a point at risk and fails none.
    """
    figures = _figures(found, limits)
    if not found.sent:
        return Finding(CheckResult.UNKNOWN, found.reason or "not_measured", figures)
    if (found.longest_gap_seconds or 0) >= limits.gap_fail_seconds or not found.received:
        return Finding(CheckResult.FAIL, "gap" if found.received else "nothing_returns", figures)
    finding = _graded(found, limits, figures)
    untold = found.jitter_forward_seconds is None and found.jitter_backward_seconds is None
    if finding.result is CheckResult.PASS and (found.rtt_seconds is None or untold):
        return Finding(CheckResult.SKIP, "untold", figures)
    return finding


def judge_echoes(found: Measured, limits: Limits = DEFAULT_LIMITS) -> Finding:
    """Return what echoes say: they put a point at risk and fail none, for they may be refused.

    Of a way on which none comes back, or too few were sent, nothing is known.
    """
    if not found.received:
        why = "no_echo" if found.sent else found.reason or "not_measured"
        return Finding(CheckResult.SKIP, why, _figures(found, limits))
    finding = judge_path(found, limits)
    kinder = {CheckResult.FAIL: CheckResult.WARN, CheckResult.UNKNOWN: CheckResult.SKIP}
    return replace(finding, result=kinder.get(finding.result, finding.result))


def _graded(found: Measured, limits: Limits, figures: dict[str, Any]) -> Finding:
    jitter = max(found.jitter_forward_seconds or 0, found.jitter_backward_seconds or 0)
    judged = [
        (_grade(found.rtt_seconds or 0, limits.rtt_pass_seconds, limits.rtt_warn_seconds), "rtt"),
        (_grade(jitter, limits.jitter_pass_seconds, limits.jitter_warn_seconds), "jitter"),
        (_loss(found, limits), "loss"),
    ]
    for result in (CheckResult.FAIL, CheckResult.WARN, CheckResult.UNKNOWN):
        for grade, why in judged:
            if grade is result:
                return Finding(result, why, figures)
    return Finding(CheckResult.PASS, "", figures)


def _grade(value: float, best: float, still: float) -> CheckResult:
    if value <= best:
        return CheckResult.PASS
    return CheckResult.WARN if value <= still else CheckResult.FAIL


def _loss(found: Measured, limits: Limits) -> CheckResult:
    lost = found.sent - found.received
    result = _grade(lost / found.sent, limits.loss_pass, limits.loss_warn)
    if result is CheckResult.FAIL and lost == 1:
        return CheckResult.WARN
    if result is CheckResult.PASS and found.sent * limits.loss_pass < 3:
        return CheckResult.UNKNOWN
    return result


def judge_dscp(found: Measured) -> Finding:
    """Return whether the packets came with the class they were sent with."""
    measured = {"sent": found.dscp_sent, "there": list(found.dscp_there), "n": found.received}
    if not found.received:
        return Finding(CheckResult.UNKNOWN, "not_measured", measured)
    if not found.dscp_there:
        return Finding(CheckResult.SKIP, "not_told", measured)
    if found.dscp_there == (found.dscp_sent,):
        return Finding(CheckResult.PASS, "", measured)
    return Finding(CheckResult.WARN, "remarked", measured)


def _figures(found: Measured, limits: Limits) -> dict[str, Any]:
    jitter = max(found.jitter_forward_seconds or 0, found.jitter_backward_seconds or 0)
    return {
        "method": found.method,
        "source": found.method,
        "age_seconds": found.age_seconds,
        "n": found.sent,
        "received": found.received,
        "loss_ratio": found.loss_ratio,
        "rtt_seconds": found.rtt_seconds,
        "rtt_percentile95_seconds": found.rtt_percentile95_seconds,
        "jitter_forward_seconds": found.jitter_forward_seconds,
        "jitter_backward_seconds": found.jitter_backward_seconds,
        "longest_gap_seconds": found.longest_gap_seconds,
        "audio_r_estimate": None
        if found.loss_ratio is None or found.rtt_seconds is None
        else round(audio_r(found.loss_ratio, found.rtt_seconds / 2 + 2 * jitter), 1),
        "limits": [limits.loss_warn, limits.jitter_warn_seconds, limits.rtt_warn_seconds],
        "reason": found.reason,
    }


def audio_r(loss_ratio: float, delay_seconds: float) -> float:
    """Return the E-model's R of G.711 with concealment: a planning estimate, not a measurement.

    G.107 with Ie 0, Bpl 25.1 (G.113) and random loss; the delay's impairment as simplified by Cole
    and Rosenbluth. `delay_seconds` is one way, the jitter buffer included.
    """
    percent, milliseconds = 100 * loss_ratio, 1000 * delay_seconds
    loss = 95 * percent / (percent + 25.1)
    delay = 0.024 * milliseconds + 0.11 * max(0.0, milliseconds - 177.3)
    return max(0.0, 93.2 - delay - loss)
