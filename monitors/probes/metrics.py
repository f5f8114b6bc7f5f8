"""The series of probes; blackbox_exporter's names where it has one, so its dashboards work."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBE_METRICS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "probe_success": ("gauge", "1 when the last probe succeeded, else 0."),
        "probe_duration_seconds": ("gauge", "How long the last probe took."),
        "probe_ssl_earliest_cert_expiry": (
            "gauge",
            "When the first certificate of the chain expires, Unix time.",
        ),
        "probe_icmp_duration_seconds": ("gauge", "Round trip of the echo by `phase`: rtt."),
        "hatang_probe_loss_ratio": ("gauge", "Share of packets lost in the last probe, 0 to 1."),
        "hatang_probe_jitter_seconds": (
            "gauge",
            "Mean difference between the round trips of successive packets.",
        ),
    }
)
