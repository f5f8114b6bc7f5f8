"""What stands on hatang's dashboards for Grafana."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

LANGUAGES: Final = ("en", "vi")
Title = tuple[str, str]
Query = tuple[str, str]
"""A PromQL expression, and how its series are called."""


@dataclass(frozen=True)
class Panel:
    """A picture of some expressions; `unit` is one of Grafana's, `width` of 24 columns."""

    title: Title
    queries: tuple[Query, ...]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 12


@dataclass(frozen=True)
class Variable:
    """A choice that the panels' expressions name as `$name`."""

    name: str
    title: Title
    query: str


@dataclass(frozen=True)
class Dashboard:
    """Panels about one kind of thing; `since` is the span that is shown at first."""

    name: str
    title: Title
    panels: tuple[Panel, ...]
    variables: tuple[Variable, ...] = ()
    since: str = "24h"


def stat(title: Title, expression: str, unit: str = "short", legend: str = "") -> Panel:
    """Return a panel that shows a number."""
    return Panel(title, ((expression, legend),), unit, "stat", 6)


def table(title: Title, expression: str, unit: str = "short") -> Panel:
    """Return a panel that lists what an expression finds."""
    return Panel(title, ((expression, ""),), unit, "table")


SITE: Final = Variable("site", ("Site", "Điểm"), "label_values(hatang_device_up, site)")
DEVICE: Final = Variable("device", ("Device", "Thiết bị"), "label_values(hatang_device_up, device)")
UPS: Final = Variable("device", ("UPS", "UPS"), "label_values(upsEstimatedChargeRemaining, device)")
CID: Final = Variable(
    "cid", ("Circuit", "Kênh truyền"),
    "label_values(hatang_circuit_commit_rate_bytes_per_second, cid)",
)  # fmt: skip

_RATE = '8 * hatang_circuit_commit_rate_bytes_per_second{cid="$cid"}'
_ON = "on (instance, ifName) group_left ()"
_FAULTS = (
    "ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards",
)  # fmt: skip


def _of_circuit(name: str, window: str = "5m") -> str:
    """Return the rate of a counter at the port where the circuit begins."""
    one = '(0 * hatang_circuit_commit_rate_bytes_per_second{cid="$cid"} + 1)'
    return f"rate({name}[{window}]) * {_ON} {one}"


def _percentile(name: str) -> str:
    inner = _of_circuit(name)
    return f"quantile_over_time(0.95, (8 * {inner})[30d:5m])"


PROVINCE: Final = Dashboard(
    "province",
    ("Province", "Toàn tỉnh"),
    (
        stat(("Devices up", "Thiết bị hoạt động"), "sum(hatang_device_up)"),
        stat(
            ("Devices down", "Thiết bị mất liên lạc"), "count(hatang_device_up == 0) or vector(0)"
        ),
        stat(("Services failing", "Dịch vụ lỗi"), "count(probe_success == 0) or vector(0)"),
        stat(
            ("Alerts", "Cảnh báo"),
            'count(ALERTS{alertstate="firing", severity=~"critical|warning"}) or vector(0)',
        ),
        Panel(
            ("Devices up by site", "Tỷ lệ thiết bị hoạt động theo điểm"),
            (("avg by (site) (hatang_device_up)", "{{site}}"),),
            "percentunit",
        ),
        table(("Down now", "Đang mất liên lạc"), "hatang_device_up == 0"),
        table(("Services failing now", "Dịch vụ đang lỗi"), "probe_success == 0"),
        Panel(
            (
                "Busiest circuits, share of the committed rate",
                "Kênh truyền tải cao nhất so với cam kết",
            ),
            (
                (
                    "topk(10, max by (cid) (hatang_circuit_commit_rate_bytes_per_second * 0 + on"
                    " (instance, ifName) group_left () rate(ifHCInOctets[5m])) / max by (cid)"
                    " (hatang_circuit_commit_rate_bytes_per_second))",
                    "{{cid}}",
                ),
            ),
            "percentunit",
        ),
        Panel(
            ("Processors", "Bộ xử lý"),
            (("topk(10, max by (device) (hatang_cpu_percent))", "{{device}}"),),
            "percent",
        ),
        Panel(
            ("Certificates, days left", "Chứng thư, số ngày còn lại"),
            (
                (
                    "bottomk(10, min by (service) (probe_ssl_earliest_cert_expiry) - time())"
                    " / 86400",
                    "{{service}}",
                ),
            ),
        ),
    ),
)
SITES: Final = Dashboard(
    "site",
    ("Site", "Điểm"),
    (
        stat(("Devices up", "Thiết bị hoạt động"), 'sum(hatang_device_up{site="$site"})'),
        stat(("Devices", "Số thiết bị"), 'count(hatang_device_up{site="$site"})'),
        stat(
            ("Warmest", "Nhiệt độ cao nhất"),
            'max(hatang_sensor{site="$site", class="temperature"})',
            "celsius",
        ),
        stat(("Battery", "Ắc quy"), 'min(upsEstimatedChargeRemaining{site="$site"})', "percent"),
        Panel(
            ("Reachable", "Liên lạc được"),
            (('hatang_device_up{site="$site"}', "{{device}}"),),
        ),
        Panel(
            ("Round trip", "Độ trễ"),
            (('hatang_device_ping_rtt_seconds{site="$site"}', "{{device}}"),),
            "s",
        ),
        Panel(
            ("Traffic", "Lưu lượng"),
            (
                ('topk(10, 8 * rate(ifHCInOctets{site="$site"}[5m]))', "{{device}} {{ifName}} →"),
                ('topk(10, 8 * rate(ifHCOutOctets{site="$site"}[5m]))', "{{device}} {{ifName}} ←"),
            ),
            "bps",
        ),
        Panel(
            ("Errors and discards", "Lỗi và gói bị bỏ"),
            tuple(
                (f'sum by (device) (rate({name}{{site="$site"}}[5m]))', f"{{{{device}}}} {name}")
                for name in _FAULTS
            ),
            "pps",
        ),
        Panel(
            ("Processors", "Bộ xử lý"),
            (('max by (device) (hatang_cpu_percent{site="$site"})', "{{device}}"),),
            "percent",
        ),
        Panel(
            ("Temperatures", "Nhiệt độ"),
            (('hatang_sensor{site="$site", class="temperature"}', "{{device}} {{name}}"),),
            "celsius",
        ),
    ),
    (SITE,),
)
DEVICES: Final = Dashboard(
    "device",
    ("Device", "Thiết bị"),
    (
        stat(("Reachable", "Liên lạc được"), 'hatang_device_up{device="$device"}'),
        stat(
            ("Availability, 30 days", "Độ sẵn sàng, 30 ngày"),
            'avg_over_time(hatang_device_up{device="$device"}[30d])',
            "percentunit",
        ),
        stat(("Round trip", "Độ trễ"), 'hatang_device_ping_rtt_seconds{device="$device"}', "s"),
        table(("What it is", "Thông tin thiết bị"), 'hatang_device_info{device="$device"}'),
        Panel(
            ("Traffic received", "Lưu lượng vào"),
            (('8 * rate(ifHCInOctets{device="$device"}[5m])', "{{ifName}}"),),
            "bps",
        ),
        Panel(
            ("Traffic sent", "Lưu lượng ra"),
            (('8 * rate(ifHCOutOctets{device="$device"}[5m])', "{{ifName}}"),),
            "bps",
        ),
        Panel(
            ("Errors and discards", "Lỗi và gói bị bỏ"),
            tuple(
                (f'rate({name}{{device="$device"}}[5m])', f"{{{{ifName}}}} {name}")
                for name in _FAULTS
            ),
            "pps",
        ),
        Panel(
            ("Processors", "Bộ xử lý"),
            (('hatang_cpu_percent{device="$device"}', "{{name}}"),),
            "percent",
        ),
        Panel(
            ("Memory", "Bộ nhớ"),
            (('hatang_memory_used_percent{device="$device"}', "{{name}}"),),
            "percent",
        ),
        Panel(
            ("Temperatures", "Nhiệt độ"),
            (('hatang_sensor{device="$device", class="temperature"}', "{{name}}"),),
            "celsius",
        ),
        Panel(
            ("Optics", "Công suất quang"),
            (('hatang_sensor{device="$device", class="dbm"}', "{{name}}"),),
            "dBm",
        ),
        Panel(
            ("Storage", "Lưu trữ"),
            (
                (
                    'hatang_storage_used_bytes{device="$device"}'
                    ' / hatang_storage_size_bytes{device="$device"}',
                    "{{name}}",
                ),
            ),
            "percentunit",
        ),
        table(
            ("Hardware not good", "Phần cứng không tốt"),
            'hatang_sensor_state{device="$device"} > 0',
        ),
    ),
    (DEVICE,),
)
CIRCUITS: Final = Dashboard(
    "circuit",
    ("Circuit", "Kênh truyền"),
    (
        stat(("Committed rate", "Băng thông cam kết"), _RATE, "bps"),
        stat(("Received, 95th percentile, 30 days", "Chiều vào, phân vị 95, 30 ngày"),
             _percentile("ifHCInOctets"), "bps"),
        stat(("Sent, 95th percentile, 30 days", "Chiều ra, phân vị 95, 30 ngày"),
             _percentile("ifHCOutOctets"), "bps"),
        stat(("In use", "Mức sử dụng"),
             f"8 * {_of_circuit('ifHCInOctets')} / {_ON} ({_RATE})", "percentunit"),
        Panel(
            ("Traffic against the committed rate", "Lưu lượng so với cam kết"),
            (
                (f"8 * {_of_circuit('ifHCInOctets')}", "→"),
                (f"8 * {_of_circuit('ifHCOutOctets')}", "←"),
                (_RATE, "{{cid}}"),
            ),
            "bps",
            width=24,
        ),
        Panel(
            ("Errors and discards", "Lỗi và gói bị bỏ"),
            tuple((_of_circuit(name), name) for name in _FAULTS),
            "pps",
            width=24,
        ),
    ),
    (CID,),
    "7d",
)  # fmt: skip
UNITS: Final = Dashboard(
    "ups",
    ("UPS", "UPS"),
    (
        stat(
            ("Charge", "Dung lượng ắc quy"),
            'upsEstimatedChargeRemaining{device="$device"}',
            "percent",
        ),
        stat(
            ("Time left", "Thời gian còn lại"),
            'upsEstimatedMinutesRemaining{device="$device"}',
            "m",
        ),
        stat(("Load", "Tải"), 'max(upsOutputPercentLoad{device="$device"})', "percent"),
        stat(("On battery", "Chạy ắc quy"), 'upsSecondsOnBattery{device="$device"}', "s"),
        Panel(
            ("Charge and load", "Dung lượng và tải"),
            (
                ('upsEstimatedChargeRemaining{device="$device"}', "charge"),
                ('upsOutputPercentLoad{device="$device"}', "load {{upsOutputLineIndex}}"),
            ),
            "percent",
        ),
        Panel(
            ("Input voltage", "Điện áp vào"),
            (('upsInputVoltage{device="$device"}', "{{upsInputLineIndex}}"),),
            "volt",
        ),
        Panel(
            ("Output voltage", "Điện áp ra"),
            (('upsOutputVoltage{device="$device"}', "{{upsOutputLineIndex}}"),),
            "volt",
        ),
        Panel(
            ("Battery temperature", "Nhiệt độ ắc quy"),
            (('upsBatteryTemperature{device="$device"}', ""),),
            "celsius",
        ),
        table(("Every UPS", "Tất cả UPS"), "upsEstimatedChargeRemaining", "percent"),
        table(("On battery now", "Đang chạy ắc quy"), "upsSecondsOnBattery > 0", "s"),
    ),
    (UPS,),
)
ITSELF: Final = Dashboard(
    "itself",
    ("hatang itself", "Chính hatang"),
    (
        stat(("Processes up", "Tiến trình hoạt động"), 'sum(up{job=~"hatang-.*"})'),
        stat(("Devices polled", "Thiết bị được đo"), "sum(hatang_monitor_targets)"),
        stat(("Series", "Chuỗi số liệu"), 'sum(scrape_samples_scraped{job="hatang-monitors"})'),
        stat(
            ("Transitions unwritten", "Chuyển trạng thái chưa ghi"),
            "max(hatang_monitor_flush_failing)",
        ),
        Panel(
            ("Polls late, 99 of 100 are less", "Đo chậm, phân vị 99"),
            (
                (
                    "histogram_quantile(0.99, sum by (instance, le)"
                    " (rate(hatang_monitor_poll_lateness_seconds_bucket[5m])))",
                    "{{instance}}",
                ),
            ),
            "s",
        ),
        Panel(
            ("Polls by how they ended", "Kết quả các lần đo"),
            (
                (
                    "sum by (kind, reason) (rate(hatang_monitor_polls_total[5m]))",
                    "{{kind}} {{reason}}",
                ),
            ),
            "ops",
        ),
        Panel(
            ("Turns in use", "Lượt đo đang dùng"),
            (("hatang_monitor_busy_ratio", "{{instance}}"),),
            "percentunit",
        ),
        Panel(
            ("Polls shed and skipped", "Lần đo bị bỏ"),
            (
                ("rate(hatang_monitor_polls_shed_total[5m])", "shed {{instance}}"),
                ("rate(hatang_monitor_polls_skipped_total[5m])", "skipped {{instance}}"),
            ),
            "ops",
        ),
        Panel(
            ("Operations by how they ended", "Thao tác theo kết quả"),
            (("sum by (kind, reason) (rate(hatang_operations_total[5m]))", "{{kind}} {{reason}}"),),
            "ops",
        ),
        Panel(
            ("Traps and log lines dropped", "Trap và nhật ký bị bỏ"),
            (("sum by (reason) (rate(hatang_receiver_dropped_total[5m]))", "{{reason}}"),),
            "ops",
        ),
        Panel(
            ("Room for log lines", "Chỗ trống cho nhật ký"),
            (("hatang_syslog_disk_free_ratio", "{{instance}}"),),
            "percentunit",
        ),
        Panel(
            ("Duties of the worker", "Nhiệm vụ của worker"),
            (("hatang_worker_duty_up", "{{duty}}"), ("hatang_jobs", "{{state}}")),
        ),
    ),
)
DASHBOARDS: Final = (PROVINCE, SITES, DEVICES, CIRCUITS, UNITS, ITSELF)
