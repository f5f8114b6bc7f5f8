"""The series that are the same for every vendor, and the units of what sensors measure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

SERIES: Final[Mapping[str, str]] = {
    "hatang_device_info": "1; the labels say which version, hardware and serial the device has.",
    "hatang_cpu_percent": "Share of the time a processor was busy, 0 to 100.",
    "hatang_memory_used_percent": "Share of a memory that is in use, 0 to 100.",
    "hatang_memory_used_bytes": "Octets of a memory that are in use.",
    "hatang_memory_size_bytes": "Octets of a memory.",
    "hatang_storage_used_bytes": "Octets of a file system or volume that are in use.",
    "hatang_storage_size_bytes": "Octets of a file system or volume.",
    "hatang_sensor": "What a sensor measures, in the unit of the label `unit`.",
    "hatang_sensor_state": "Judgement of a state: 0 good, 1 degraded, 2 bad, 3 unknown.",
    "hatang_interface_speed_bytes_per_second": "Bandwidth, where ifHighSpeed omits it.",
    "hatang_sessions": "How many there are of what the label `what` names.",
    "hatang_ha_state": "1 for the state a member of a cluster is in, 0 for the others.",
}
UNITS: Final[Mapping[str, str]] = {
    "airflow": "cubic_metres_per_minute",
    "charge": "percent",
    "current": "amperes",
    "dbm": "dbm",
    "fanspeed": "rpm",
    "frequency": "hertz",
    "humidity": "percent",
    "load": "percent",
    "percent": "percent",
    "power": "watts",
    "apparent_power": "volt_amperes",
    "energy": "watt_hours",
    "runtime": "seconds",
    "temperature": "celsius",
    "voltage": "volts",
}
"""What a sensor may measure, and in which unit; IEC units, dBm against one milliwatt."""

JUDGEMENTS: Final[Mapping[str, int]] = {"good": 0, "degraded": 1, "bad": 2, "unknown": 3}
