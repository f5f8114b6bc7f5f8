"""What is rolled up: one line each. Prometheus does the sums, in its own words.

`$of` are the label matchers of what is asked about; an expression gives one sample a step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

STEP_SECONDS: Final = 300
"""Rates are averaged over five minutes before they are compared, as carriers bill them."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A metric of one kind of thing; `by` is the label that tells the things apart.

    `by` is empty where each thing is asked about by itself, as the port a circuit ends on.
    """

    kind: str
    metric: str
    expression: str
    by: str = ""
    prefix: str = ""


RULES: Final = (
    Rule("device", "availability", "hatang_device_up{$of}", by="instance"),
    Rule("service", "availability", "probe_success{$of}", by="instance", prefix="service:"),
    Rule("service", "duration", "probe_duration_seconds{$of}", by="instance", prefix="service:"),
    Rule("circuit", "in", "8 * rate(ifHCInOctets{$of}[5m])"),
    Rule("circuit", "out", "8 * rate(ifHCOutOctets{$of}[5m])"),
    Rule("circuit", "errors", "rate(ifInErrors{$of}[5m]) + rate(ifOutErrors{$of}[5m])"),
)
