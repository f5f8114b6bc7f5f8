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
        "probe_http_status_code": ("gauge", "Status code of the last answer."),
        "probe_http_ssl": ("gauge", "1 when the page was asked for over TLS."),
        "probe_http_redirects": ("gauge", "How many redirects to the same host were followed."),
        "probe_http_duration_seconds": (
            "gauge",
            "Parts of a request by `phase`: connect, processing, transfer.",
        ),
        "probe_http_uncompressed_body_length": ("gauge", "Bytes of the page that were read."),
        "probe_failed_due_to_regex": ("gauge", "1 when the text was not as it should be."),
        "probe_dns_answer_rrs": ("gauge", "Records in the answer section."),
        "probe_dns_authority_rrs": ("gauge", "Records in the authority section."),
        "probe_dns_additional_rrs": ("gauge", "Records in the additional section."),
        "probe_dns_serial": ("gauge", "Serial number of the zone (SOA)."),
        "hatang_probe_dns_signature_expiry_timestamp_seconds": (
            "gauge",
            "When the first signature over the answer ends, Unix time.",
        ),
        "probe_icmp_duration_seconds": ("gauge", "Round trip of the echo by `phase`: rtt."),
        "hatang_probe_loss_ratio": ("gauge", "Share of packets lost in the last probe, 0 to 1."),
        "hatang_probe_way_loss_ratio": (
            "gauge",
            "Share of packets lost by `direction`, where the reflector lets it be known.",
        ),
        "hatang_probe_rtt_seconds": (
            "gauge",
            "Mean round trip, the reflector's own time taken off.",
        ),
        "hatang_probe_jitter_seconds": (
            "gauge",
            "Mean difference of successive packets' times; by `direction` where it is known.",
        ),
        "hatang_probe_mos": ("gauge", "Mean opinion score that the device reckons, 1 to 5."),
        "hatang_probe_ntp_offset_seconds": ("gauge", "The server's clock minus ours."),
        "hatang_probe_ntp_stratum": ("gauge", "Stratum of the time server."),
        "hatang_probe_ntp_root_delay_seconds": ("gauge", "Round trip to its reference clock."),
        "hatang_probe_ntp_root_dispersion_seconds": (
            "gauge",
            "How far it may be from its reference clock.",
        ),
        "hatang_probe_sip_contacts": ("gauge", "Contacts registered for the address."),
        "hatang_probe_age_seconds": ("gauge", "Age of the newest backup or log line."),
        "hatang_probe_newest_timestamp_seconds": (
            "gauge",
            "When the newest backup or log line was made, Unix time.",
        ),
        "hatang_probe_step_duration_seconds": ("gauge", "How long each `step` of a journey took."),
        "hatang_probe_reached_ratio": (
            "gauge",
            "Share of targets reached by `side`: domestic, international.",
        ),
        "hatang_probe_crl_age_seconds": ("gauge", "Age of the revocation list."),
        "hatang_probe_crl_next_update_timestamp_seconds": (
            "gauge",
            "Until when the revocation list holds, Unix time.",
        ),
        "hatang_probe_crl_revoked": ("gauge", "Certificates on the revocation list."),
    }
)
