from __future__ import annotations

import asyncio
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from monitors.exposition import (
    Exposition,
    page_count,
    page_of,
    probe_blocks,
    sd_targets,
)
from monitors.modules.plan import plan_for
from monitors.renderer import Renderer
from monitors.targets import ServiceTarget, bucket
from monitors.text import label_text
from monitors.watch import DeviceWatch
from tests.monitors import agent
from tests.monitors.fakes import OPER_STATUS, FakeDevice, shared, target, watch

PROMTOOL = agent.program("promtool")


def samples(page: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(page)
        for sample in family.samples
    }


def test_a_page_has_every_sample_once_with_the_labels_of_device_and_port() -> None:
    one = watch(FakeDevice().ports(2))
    asyncio.run(one.poll())
    found = samples(one.shared.exposition.page())
    device = {("instance", "key-core-1"), ("device", "core-1"), ("site", "dc"), ("role", "core")}
    row = {("ifIndex", "2"), ("ifName", "eth2"), ("ifDescr", ""), ("ifAlias", "")}
    assert found["ifHCInOctets_total", frozenset(device | row)] == 2000
    assert found["hatang_device_up", frozenset(device)] == 1


def test_series_of_a_silent_device_vanish_and_only_its_silence_stays() -> None:
    device = FakeDevice().ports(2)
    one = watch(device)
    asyncio.run(one.poll())
    device.echo = device.agent = False
    asyncio.run(one.poll())
    names = {name for name, _ in samples(one.shared.exposition.page())}
    assert names == {"hatang_device_up", "hatang_device_poll_duration_seconds"}


def test_a_device_without_a_confirmed_state_is_neither_up_nor_down() -> None:
    one = watch(FakeDevice())
    sample = asyncio.run(one.poll())
    blocks = Renderer(one.target, plan_for("frr", "core")).render(sample, None)
    assert "hatang_device_up" not in blocks


def test_a_page_shows_what_the_last_poll_brought_whatever_came_since() -> None:
    device = FakeDevice().ports(2)
    one = watch(device)
    asyncio.run(one.poll())
    before = one.shared.exposition.page()
    device.cells[OPER_STATUS]["1"] = 2
    assert one.shared.exposition.page() == before
    asyncio.run(one.poll())
    key = next(k for k in samples(before) if k[0] == "ifOperStatus" and ("ifIndex", "1") in k[1])
    after = samples(one.shared.exposition.page())
    assert (samples(before)[key], after[key]) == (1, 2)


def test_as_many_series_are_counted_as_are_on_the_page() -> None:
    one = watch(FakeDevice().ports(2))
    asyncio.run(one.poll())
    exposition = one.shared.exposition
    assert exposition.series(one.target.key) == len(samples(exposition.page()))


def test_shards_split_everything_without_loss_or_repeat() -> None:
    names = [f"d{n}" for n in range(20)]
    common = shared(*((name, FakeDevice().ports(1)) for name in names))
    for name in names:
        asyncio.run(DeviceWatch(target(name), common).poll())
    parts = [samples(common.exposition.page(n, 4)) for n in range(4)]
    whole = samples(common.exposition.page())
    assert sum(len(part) for part in parts) == len(whole)
    assert {key for part in parts for key in part} == set(whole)


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=30))
def test_any_text_survives_as_a_label(value: str) -> None:
    line = f"x{{{label_text([('a', value)])}}} 1\n"
    (family,) = text_string_to_metric_families(line)
    assert family.samples[0].labels == {"a": value}


TARGET = ServiceTarget("portal", "http", "https://portal.tinh.test/", name="page")


def test_a_value_that_is_no_number_is_absent() -> None:
    blocks = probe_blocks(TARGET, {"probe_success": 1.0, "x": float("nan")})
    assert list(blocks) == ["probe_success"]


def test_a_probe_may_give_one_series_several_labels_of_its_own() -> None:
    values = {
        'probe_http_duration_seconds{phase="tls"}': 0.5,
        'probe_http_duration_seconds{phase="connect"}': 0.25,
    }
    (lines,) = probe_blocks(TARGET, values).values()
    samples = [one for family in text_string_to_metric_families(lines) for one in family.samples]
    assert {(s.labels["name"], s.labels["phase"], s.value) for s in samples} == {
        ("page", "tls", 0.5),
        ("page", "connect", 0.25),
    }


@pytest.mark.parametrize(("devices", "pages"), [(0, 1), (100, 1), (101, 2), (500, 8), (10**6, 128)])
def test_about_a_hundred_devices_go_on_a_page(devices: int, pages: int) -> None:
    assert page_count(devices) == pages
    found = sd_targets(devices, "127.0.0.1:9109")
    assert len(found) == pages


@pytest.mark.skipif(PROMTOOL is None, reason="needs promtool")
def test_promtool_reads_the_page() -> None:
    one = watch(FakeDevice().ports(2))
    asyncio.run(one.poll())
    done = subprocess.run(
        [*(PROMTOOL or ()), "check", "metrics"],
        input=one.shared.exposition.page().encode(),
        capture_output=True,
        check=False,
    )
    # 3 is only style: MIB objects keep their names.
    assert done.returncode in {0, 3}, done.stderr


def test_what_was_not_measured_in_time_is_shown_no_more() -> None:
    exposition = Exposition()
    exposition.put("late", {"hatang_device_up": "hatang_device_up{} 1\n"}, good_for_seconds=-1)
    exposition.put("fresh", {"hatang_device_up": "hatang_device_up{} 0\n"}, good_for_seconds=60)
    assert "hatang_device_up{} 0\n" in exposition.page()
    assert "hatang_device_up{} 1\n" not in exposition.page()


def test_each_key_is_on_one_page_also_where_the_monitor_is_a_shard() -> None:
    exposition = Exposition()
    mine = [key for key in map(str, range(400)) if bucket(key, 2) == 0]
    for key in mine:
        exposition.put(key, {"hatang_device_up": f'hatang_device_up{{d="{key}"}} 1\n'})
    pages = [exposition.page(number, 4) for number in range(4)]
    assert all(pages)
    assert sum(page.count(" 1\n") for page in pages) == len(mine)


def test_only_the_scrapes_of_its_own_page_count_for_a_device() -> None:
    exposition = Exposition()
    number = page_of("rtr", 8)
    exposition.note_scrape(number, 8)
    exposition.note_scrape((number + 1) % 8, 8)
    assert len(exposition.scrapes("rtr", 60.0)) == 1
