"""Prometheus text of all devices, joined when it is scraped.

Writing each sample through a client library costs 13 to 19 µs; a cached prefix and a number
cost well under one. So what a column of a table says is written for whoever comes, and not kept:
the text of ten thousand devices of 24 ports is 300 MB. Every block of lines belongs to one metric
of one device, so that a page can be grouped by metric, as the text format demands.
"""

from __future__ import annotations

import re
from collections import deque
from math import inf, isfinite
from typing import TYPE_CHECKING, Final
from zlib import crc32

from hatang import clock
from monitors.modules.plan import metrics as module_metrics
from monitors.modules.vocabulary import SERIES
from monitors.probes.metrics import PROBE_METRICS
from monitors.text import Texts, label_text, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from monitors.modules.schema import Metric
    from monitors.targets import ServiceTarget
    from monitors.text import Blocks

# Name -> type and help of the series that no MIB names.
OWN: Final[Mapping[str, tuple[str, str]]] = {
    "hatang_device_up": ("gauge", "1 when the device answers, 0 when it is confirmed not to."),
    "hatang_device_ping_rtt_seconds": ("gauge", "Round trip of the last echo that was answered."),
    "hatang_device_poll_duration_seconds": ("gauge", "How long the last poll took."),
    "hatang_device_snmp_up": ("gauge", "1 when the last SNMP poll brought values, else 0."),
    "hatang_device_snmp_gaps": ("gauge", "Tables and columns that were asked for in vain."),
    "hatang_circuit_commit_rate_bytes_per_second": (
        "gauge",
        "What the provider committed itself to for what leaves the port where the circuit `cid` "
        "begins.",
    ),
    "hatang_circuit_upstream_rate_bytes_per_second": (
        "gauge",
        "The same for what comes in at that port, where the contract tells it apart; else equal.",
    ),
    "hatang_service_level": ("gauge", "Information-system level of the service, 1 to 5."),
    "hatang_service_tier": ("gauge", "Place of the service in the order of restoring, 1 first."),
    **PROBE_METRICS,
}

_HELP: Final = re.compile("^# HELP .*$", re.MULTILINE)
_COUNTER: Final = re.compile("^(# TYPE [^ ]+) counter$", re.MULTILINE)
_SHARD_BITS: Final = 12
_SCRAPES_KEPT: Final = 8


def number_text(value: float) -> str | None:
    """Return a sample's value as text, None when it is not a finite number."""
    return repr(value) if isfinite(value) else None


class Exposition:
    """The blocks of all devices and services of a monitor, and the pages made of them.

    What is not put again within the time it is good for is shown no more: of a device that is not
    measured there is no sample, rather than an old one. Times are the monotonic clock's.
    """

    def __init__(self) -> None:
        self._blocks: dict[str, Blocks] = {}
        self._until: dict[str, float] = {}
        self._pages: dict[int, list[list[str]]] = {}
        self._scrapes: dict[tuple[int, int], deque[float]] = {}
        self._heads = {
            **{name: _head(name, *about) for name, about in OWN.items()},
            **{name: _head(name, "gauge", text) for name, text in SERIES.items()},
            **{name: _head(name, _kind(m), m.help) for name, m in module_metrics().items()},
        }

    def put(self, key: str, blocks: Blocks, good_for_seconds: float = inf) -> None:
        """Replace the lines of `key`; what is not in `blocks` is gone at the next scrape."""
        if key not in self._blocks:
            self._pages.clear()
        self._blocks[key] = blocks
        self._until[key] = clock.monotonic() + good_for_seconds

    def drop(self, key: str) -> None:
        """Forget `key`."""
        if self._blocks.pop(key, None) is not None:
            del self._until[key]
            self._pages.clear()

    def page(self, number: int = 0, count: int = 1, *, is_open: bool = False) -> str:
        """Return part `number` of `count` of everything, in Prometheus' text format.

        With `is_open` it is OpenMetrics, where counters of MIBs are of unknown type: in it a
        counter's name must end in `_total`.
        """
        now = clock.monotonic()
        keys = [key for key in self._keys(number, count) if self._until[key] >= now]
        text = self.text([self._blocks[key] for key in keys])
        return f"{_opened(text)}# EOF\n" if is_open else text

    def text(self, chosen: Sequence[Blocks]) -> str:
        """Return blocks as a page of Prometheus' text format."""
        out: list[str] = []
        for name, head in self._heads.items():
            lines = [written(blocks[name]) for blocks in chosen if name in blocks]
            if any(lines):
                out.append(head)
                out += lines
        return "".join(out)

    def series(self, key: str) -> int:
        """Return how many samples `key` has on its page."""
        blocks = self._blocks.get(key, {}).values()
        return sum(b.count("\n") if isinstance(b, str) else b.count() for b in blocks)

    def note_scrape(self, number: int, count: int) -> None:
        """Remember that a Prometheus took page `number` of `count` now."""
        held = self._scrapes.setdefault((number, count), deque(maxlen=_SCRAPES_KEPT))
        held.append(clock.monotonic())

    def scrapes(self, key: str, seconds: float) -> list[float]:
        """Return when pages with `key` were taken within the last `seconds`."""
        since = clock.monotonic() - seconds
        return [
            moment
            for (number, count), held in self._scrapes.items()
            if page_of(key, count) == number
            for moment in held
            if moment >= since
        ]

    def _keys(self, number: int, count: int) -> list[str]:
        pages = self._pages.get(count)
        if pages is None:
            pages = self._pages[count] = [[] for _ in range(count)]
            for key in self._blocks:
                pages[page_of(key, count)].append(key)
        return pages[number]


def probe_blocks(target: ServiceTarget, values: Mapping[str, float]) -> Texts:
    """Return the lines of a service's probe; `values` by metric name, with labels of its own."""
    labels = label_text(
        (
            ("instance", f"service:{target.code}"),
            ("service", target.code),
            ("probe", target.probe),
            ("name", target.name or target.probe),
        )
    )
    found: Texts = {}
    for key, value in values.items():
        text = number_text(value)
        name, _, more = key.rstrip("}").partition("{")
        if text is not None:
            own = f"{labels},{more}" if more else labels
            found[name] = f"{found.get(name, '')}{name}{{{own}}} {text}\n"
    return found


def service_blocks(target: ServiceTarget) -> Texts:
    """Return what the inventory says of a service; what it does not say is absent."""
    labels = label_text((("instance", f"service:{target.code}"), ("service", target.code)))
    known = {"hatang_service_level": target.level, "hatang_service_tier": target.tier}
    return {n: f"{n}{{{labels}}} {v}\n" for n, v in known.items() if v is not None}


def page_of(key: str, count: int) -> int:
    """Return on which of `count` pages `key` is, by other bits than those that choose its shard."""
    return (crc32(key.encode()) >> _SHARD_BITS) % count


def page_count(devices: int) -> int:
    """Return into how many scrape targets `devices` are split: about a hundred in each.

    A power of two, so that it changes rarely and moves half of the series when it does.
    """
    return min(128, 1 << max(0, (devices - 1) // 100).bit_length())


def sd_targets(devices: int, address: str) -> list[dict[str, object]]:
    """Return the http_sd answer that makes Prometheus scrape a monitor with `devices` devices.

    `address` is host:port of the monitor. The scrape job needs `honor_labels: true`.
    """
    count = page_count(devices)
    return [
        {
            "targets": [address],
            "labels": {
                "__metrics_path__": f"/metrics/shard/{number}",
                "__param_of": str(count),
                "shard": str(number),
            },
        }
        for number in range(count)
    ]


def _opened(text: str) -> str:
    """Return a page's comments as OpenMetrics has them."""
    text = _HELP.sub(lambda found: found[0].replace('"', r"\""), text)
    return _COUNTER.sub(r"\1 unknown", text)


def _kind(metric: Metric) -> str:
    return "counter" if metric.type == "counter" else "gauge"


def _head(name: str, kind: str, text: str) -> str:
    escaped = text.replace("\\", r"\\").replace("\n", r"\n")
    return f"# HELP {name} {escaped}\n# TYPE {name} {kind}\n"
