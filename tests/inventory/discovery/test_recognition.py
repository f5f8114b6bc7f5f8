"""What devices say of themselves names their platform, version, model and serial number."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hatang.errors import InvalidInputError
from inventory import platforms
from tests.inventory.discovery.oracles import oracle

NAMES: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent / "librenms_names.yaml").read_text(encoding="utf-8")
)
NET_SNMP = "1.3.6.1.4.1.8072.3.2.10"

# One device a family; the wording is the devices' own, the names and numbers are made up.
SAID = [
    ("cisco_nxos", "1.3.6.1.4.1.9.12.3.1.3.1812", "Cisco NX-OS(tm) n9000, Version 9.3(5)"),
    ("cisco_xr", "1.3.6.1.4.1.9.1.1639", "Cisco IOS XR Software (ASR9K), Version 7.3.2"),
    ("cisco_asa", "1.3.6.1.4.1.9.1.2114", "Cisco Adaptive Security Appliance Version 9.8(4)"),
    ("cisco_s300", "1.3.6.1.4.1.9.6.1.95.28.5", "SG350-28P 28-Port Gigabit PoE Managed Switch"),
    ("cisco_ios", "1.3.6.1.4.1.9.1.2435", "Cisco IOS Software [Fuji], ISR Software, Version 16.9"),
    ("huawei_smartax", "1.3.6.1.4.1.2011.2.248", "Huawei Integrated Access Software"),
    ("ruijie_os", "1.3.6.1.4.1.4881.1.1.10.1.139", "Ruijie 10G Switch(S6220) By Ruijie Networks"),
    ("zte_zxros", "1.3.6.1.4.1.3902.3.100.27", "ZXR10 ROS Version V4.8 ZXR10_3928E Software"),
    ("paloalto_panos", "1.3.6.1.4.1.25461.2.3.38", "Palo Alto Networks PA-220 series firewall"),
    ("fortinet_fortiswitch", "1.3.6.1.4.1.12356.106.1.1086", ""),
    ("aruba_aoscx", "1.3.6.1.4.1.47196.4.1.1.1.256", "Aruba JL675A 6100 PL.10.06.0001"),
    ("apc", "1.3.6.1.4.1.318.1.3.5.1", "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.4.6)"),
    ("synology_dsm", "1.3.6.1.4.1.6574.1", ""),
    ("windows", "1.3.6.1.4.1.311.1.1.3.1.2", "Hardware: x86 - Software: Windows Version 6.3"),
    ("linux", NET_SNMP, "Linux web-1 6.1.0-18-amd64 #1 SMP x86_64"),
    ("proxmox", NET_SNMP, "Linux pve1 5.15.0-1-pve #1 SMP PVE 5.15.0 x86_64"),
]


@pytest.mark.parametrize(("name", "oid", "descr"), SAID)
def test_a_family_is_recognised_whatever_the_model(name: str, oid: str, descr: str) -> None:
    found = platforms.recognise(oid, descr)
    assert found is not None
    assert found.name == name


def _rows() -> list[dict[str, Any]]:
    text = oracle("snmp/librenms/dev/os_cases.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines()]
    return [row for row in rows if not row["needs_extra_get"]]


@pytest.mark.slow
def test_of_recorded_devices_at_least_95_of_100_are_recognised() -> None:
    rows = _rows()
    wrong = []
    for row in rows:
        found = platforms.recognise(row["sysObjectID"], row["sysDescr"])
        name = "" if found is None else found.name
        if row["os"] not in NAMES.get(name, [name.replace("_", "-")]):
            wrong.append((row["case"], name))
    assert len(wrong) <= 0.05 * len(rows), wrong


@pytest.mark.slow
@pytest.mark.parametrize(("fact", "least"), [("version", 0.9), ("hardware", 0.85), ("serial", 0.8)])
def test_a_fact_that_stands_in_the_description_is_found(fact: str, least: float) -> None:
    counts: Counter[bool] = Counter()
    for row in _rows():
        text, wanted = platforms.cleaned(row["sysDescr"]), row.get(f"expected_{fact}")
        found = platforms.recognise(row["sysObjectID"], text)
        if found is not None and wanted and wanted in text and wanted != "<private>":
            counts[found.facts.read(text).get(fact) == wanted] += 1
    assert counts[True] >= least * counts.total(), counts


@given(st.text(), st.lists(st.integers(0, 2**32 - 1), max_size=200))
def test_nothing_a_device_says_breaks_recognition(descr: str, arcs: list[int]) -> None:
    found = platforms.recognise(".".join(map(str, arcs)), descr)
    if found is not None:
        found.facts.read(platforms.cleaned(descr))


def test_a_half_of_a_character_pair_is_read_as_unknown_text() -> None:
    assert platforms.recognise("", "\ud800") is None


@pytest.mark.parametrize(
    "descr",
    [
        "\x00\x1b[2J\r\n" * 100,
        "Cisco IOS Software, " + "Version " * 8192,
        "a" * 65536,
        "((((((((" * 8192,
        "Raritan PDU, MD:" + " FW:" * 16384,
    ],
)
def test_a_hostile_description_costs_no_more_than_a_usual_one(descr: str) -> None:
    platforms.recognise(NET_SNMP, "warm")
    begun = time.process_time()
    platforms.recognise("1.3.6.1.4.1.9.1.1", descr)
    # Half a second is hundreds of times the usual cost, and nothing to a backtracking search.
    assert time.process_time() - begun < 0.5


@pytest.mark.parametrize(
    ("rule", "field"),
    [
        ("recognise: [{sys_descr: '(?!a)b'}]", "sys_descr"),
        ("recognise: [{sys_descr: '(a)\\1'}]", "sys_descr"),
        ("recognise: [{sys_descr: a}]\n  facts: {version: 'no group'}", "facts.version"),
        ("recognise: [{sys_descr: a}]\n  facts: {version: '(a)(b)'}", "facts.version"),
        ("recognise: []", "recognise"),
    ],
)
def test_a_rule_that_cannot_be_searched_in_linear_time_is_refused(rule: str, field: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        platforms.parse_recognitions(f"x:\n  title: X\n  manufacturer: X\n  {rule}\n", "x.yaml")
    assert any(field in problem.field for problem in caught.value.problems)
    assert {problem.where for problem in caught.value.problems} == {"x.yaml: x"}


def test_every_pattern_of_a_fact_reads_what_it_is_meant_to() -> None:
    cisco = platforms.recognise("1.3.6.1.4.1.9.1.1208", "Cisco IOS Software, Version 15.2(7)E8, R")
    assert cisco is not None
    assert cisco.facts.read("Cisco IOS Software, Version 15.2(7)E8, R") == {"version": "15.2(7)E8"}
