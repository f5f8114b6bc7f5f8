"""What hatang exposes is good Prometheus text and good OpenMetrics, with series of many kinds."""

from __future__ import annotations

import re
import subprocess
import urllib.request
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tests.acceptance.doors import hatang_lab
from tests.acceptance.red import Red, eventually, hold, turns_red
from tests.acceptance.site import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.acceptance.site import Site

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]

OPEN_METRICS = "application/openmetrics-text; version=1.0.0"
DEVICES = (
    "ios_2960x",
    "routeros",
    "apc_smx750",
    "fortigate_500d",
    "dsm_ds214se-dsm7",
    "comware_a5500",
)
# What the devices must have brought before the page is judged: ports, UPS, cluster, disks, …
KINDS = (
    "ifHCInOctets", "hatang_device_up", "hatang_device_info", "hatang_cpu_percent",
    "hatang_memory_used_percent", "hatang_sensor", "hatang_sensor_state", "hatang_sessions",
    "hatang_storage_used_bytes", "sysUpTime",
)  # fmt: skip
# promtool also advises on names. MIB objects keep those that snmp_exporter gives them.
ADVICE = re.compile(
    r"^(\S+) (?:counter metrics|metric names|label names|use base unit|no help|.*abbreviated units)"
)
PAGES = {
    "monitors": ("monitors", "/metrics"),
    "api": ("api", "/metrics"),
    "worker": ("jobs", "/metrics"),
    "devices": ("monitors", "/metrics/shard/0?of=1"),
}


def page(site: Site, name: str, accept: str = "text/plain") -> str:
    """Return a page as whoever accepts `accept` gets it."""
    part, path = PAGES[name]
    headers = {"Accept": accept, "Authorization": f"Bearer {site.made.token}"}
    request = urllib.request.Request(site.made.url(part, path), headers=headers)
    with urllib.request.urlopen(request, timeout=20) as reply:
        text: str = reply.read().decode()
    return text


@pytest.fixture(scope="module")
def promtool() -> str:
    tree = hatang_lab("tree", seconds=900).good().out.strip().splitlines()[-1]
    return f"{tree}/usr/bin/promtool"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A hatang that has polled every device once."""
    with watched(tmp_path_factory.mktemp("exposition"), DEVICES) as made:
        lacking: list[str] = []

        def polled() -> bool:
            text = page(made, "devices")
            lacking[:] = [kind for kind in KINDS if f"\n{kind}{{" not in text]
            return not lacking and text.count("\nhatang_device_snmp_up{") == len(DEVICES)

        assert eventually(polled, 90), lacking
        yield made


def advised(promtool: str, text: str) -> tuple[int, list[str]]:
    """Return promtool's exit status and what it says of a page, line by line."""
    done = subprocess.run(
        [promtool, "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    return done.returncode, [line for line in (done.stdout + done.stderr).splitlines() if line]


def check_promtool(promtool: str, text: str, free: Callable[[str], bool]) -> int:
    """promtool reads the page, and has advice only on names that `free` lets stand."""
    status, lines = advised(promtool, text)
    hold(status in {0, 3}, f"promtool cannot read the page: {lines[:3]}")
    found = [ADVICE.match(line) for line in lines]
    wrong = [x for x, name in zip(lines, found, strict=True) if not (name and free(name[1]))]
    hold(not wrong, f"promtool says: {wrong[:5]}")
    return text.count("\n# TYPE ")


def check_open_metrics(text: str) -> int:
    """prometheus_client's parser of OpenMetrics takes the page; return how many samples."""
    try:
        families = list(text_string_to_metric_families(text))  # type: ignore[no-untyped-call]  # ships none
    except ValueError as error:
        raise Red(f"the parser says: {error}") from error
    series = [line.rpartition(" ")[0] for line in text.splitlines() if not line.startswith("#")]
    twice = [each for each, count in Counter(series).items() if count > 1]
    hold(not twice, f"stand twice: {twice[:3]}")
    return sum(len(family.samples) for family in families)


def is_of_a_mib(name: str) -> bool:
    return not name.startswith(("hatang_", "probe_"))


@pytest.mark.parametrize("name", PAGES)
def test_promtool_has_nothing_against_a_page(
    site: Site, promtool: str, name: str, figures: Callable[[str], None]
) -> None:
    free = is_of_a_mib if name == "devices" else lambda _: False
    figures(f"{name}: {check_promtool(promtool, page(site, name), free)} names")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_open_metrics_for_who_takes_nothing_else(
    site: Site, name: str, figures: Callable[[str], None]
) -> None:
    least, counts = 2000 if name == "devices" else 10, [0]

    def is_full() -> bool:
        counts.append(check_open_metrics(page(site, name, OPEN_METRICS)))
        return counts[-1] > least

    assert eventually(is_full, 60), counts
    figures(f"{name}: {counts[-1]} samples")


def test_the_two_forms_hold_the_same_series_of_devices(site: Site) -> None:
    plain, opened = page(site, "devices"), page(site, "devices", OPEN_METRICS)
    names = [
        {line.split("{")[0] for line in text.splitlines() if line[0] != "#"}
        for text in (plain, opened)
    ]
    assert names[0] == names[1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# TYPE hatang_device_up gauge", "# TYPE hatang_device_up counter"),
        ("# HELP hatang_device_up", "# HELP hatang_device_up_ms"),
        ("hatang_device_up{", "hatang_device_up{{"),
    ],
)
def test_sabotage_a_type_a_help_or_a_brace_is_wrong(
    site: Site, promtool: str, before: str, after: str
) -> None:
    text = page(site, "devices")
    assert before in text
    with turns_red():
        check_promtool(promtool, text.replace(before, after, 1), is_of_a_mib)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("# EOF\n", ""),
        (" unknown\n", " counter\n"),
        ("# TYPE hatang_device_up gauge\n", "# TYPE hatang_device_up gauge\n# TYPE x gauge\n" * 2),
    ],
)
def test_sabotage_a_page_is_only_nearly_open_metrics(site: Site, before: str, after: str) -> None:
    text = page(site, "devices", OPEN_METRICS)
    assert before in text
    with turns_red():
        check_open_metrics(text.replace(before, after, 1))


def test_sabotage_two_devices_write_the_same_series(site: Site) -> None:
    text = page(site, "devices", OPEN_METRICS)
    (line,) = re.findall(r"^hatang_device_up\{[^}]*routeros[^}]*\} .*\n", text, re.MULTILINE)
    with turns_red():
        check_open_metrics(text.replace(line, line + line))
